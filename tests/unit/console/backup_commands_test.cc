#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <vector>

#include "ndx/console/v1/journal_backup_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

struct Answer {
  std::vector<v1::BackUpJournalResponse> messages;
  grpc::Status status;
};

Answer BackUp(ConsoleFixture& fixture, const v1::BackUpJournalRequest& request) {
  grpc::ClientContext context;
  const auto stub = v1::JournalBackupService::NewStub(fixture.channel());
  const auto stream = stub->BackUpJournal(&context, request);
  Answer answer;
  v1::BackUpJournalResponse message;
  while (stream->Read(&message)) answer.messages.push_back(message);
  answer.status = stream->Finish();
  return answer;
}

v1::BackUpJournalRequest RequestFor(const std::string& directory, const std::string& keys) {
  v1::BackUpJournalRequest request;
  request.set_directory(directory);
  request.set_keys_directory(keys);
  return request;
}

TEST_CASE("a backup is recorded, then taken as asked, and its progress and result are told") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_ADMINISTRATOR});
  journal::BackupOptions asked;
  uint64_t recorded = 0;
  fixture.backup = [&](journal::BackupOptions options) -> absl::StatusOr<journal::BackupSummary> {
    recorded = fixture.journal().size();
    CHECK(options.progress(10, 100));
    asked = options;
    return journal::BackupSummary{.backup_id = "ab",
                                  .origin = "mem/journal/1",
                                  .tree_size = 7,
                                  .files = 3,
                                  .bytes = 100,
                                  .keys_not_after = absl::FromUnixSeconds(1000),
                                  .left_out = {"epoch 1: damaged"}};
  };
  auto request = RequestFor("/backup/a", "/keys/a");
  request.set_keys_days(3);
  const Answer answer = BackUp(fixture, request);
  INFO(answer.status.error_message());
  REQUIRE(answer.status.ok());
  CHECK(recorded == 1);
  const auto leaf = fixture.journal().Leaf(0)->leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_OPERATOR_READ);
  CHECK(leaf.operator_action() == "BackUpJournal");
  CHECK(leaf.operator_name() == ConsoleFixture::OperatorName());
  CHECK(leaf.operator_reason() == "with keys");
  CHECK(asked.directory == "/backup/a");
  CHECK(asked.keys_directory == "/keys/a");
  CHECK(asked.keys_kept == absl::Hours(72));
  REQUIRE(answer.messages.size() == 2);
  CHECK(answer.messages[0].bytes_done() == 10);
  CHECK(answer.messages[0].bytes_total() == 100);
  CHECK_FALSE(answer.messages[0].done());
  const auto& result = answer.messages[1];
  CHECK(result.done());
  CHECK(result.backup_id() == "ab");
  CHECK(result.tree_size() == 7);
  CHECK(result.files() == 3);
  CHECK(result.keys_not_after().seconds() == 1000);
  CHECK(result.left_out_size() == 1);
}

TEST_CASE("without the role, the leaf or good places nothing is backed up") {
  int backups = 0;
  const auto count = [&](const journal::BackupOptions&) {
    ++backups;
    return journal::BackupSummary();
  };
  {
    ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_INVESTIGATOR});
    fixture.backup = count;
    CHECK(tests::ReasonOf(BackUp(fixture, RequestFor("/backup/a", "")).status) ==
          "OPERATOR_ROLE_MISSING");
  }
  ConsoleFixture fixture;
  fixture.backup = count;
  CHECK(BackUp(fixture, RequestFor("relative", "")).status.error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(BackUp(fixture, RequestFor("/backup/a", "/backup/a/keys")).status.error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(fixture.journal().size() == 0);
  fixture.journal().FailAppends(absl::UnavailableError("disk"));
  CHECK(tests::ReasonOf(BackUp(fixture, RequestFor("/backup/a", "")).status) ==
        "JOURNAL_UNAVAILABLE");
  CHECK(backups == 0);
}

TEST_CASE("one backup at a time, which ends when nobody waits for it") {
  ConsoleFixture fixture;
  std::promise<void> begun;
  std::promise<void> ended;
  fixture.backup =
      [&](const journal::BackupOptions& options) -> absl::StatusOr<journal::BackupSummary> {
    begun.set_value();
    while (options.progress(1, 2)) {
    }
    ended.set_value();
    return absl::CancelledError("given up");
  };
  const auto stub = v1::JournalBackupService::NewStub(fixture.channel());
  grpc::ClientContext context;
  const auto stream = stub->BackUpJournal(&context, RequestFor("/backup/a", ""));
  begun.get_future().wait();
  CHECK(BackUp(fixture, RequestFor("/backup/b", "")).status.error_code() ==
        grpc::StatusCode::ABORTED);
  context.TryCancel();
  ended.get_future().wait();
  CHECK_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace ndx::console

#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ndx/console/v1/journal_export_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

// What a stream gave before its status.
template <typename Message>
struct Streamed {
  std::vector<Message> messages;
  grpc::Status status;
};

template <typename Message, typename Stream>
Streamed<Message> ReadAll(Stream& stream) {
  Streamed<Message> read;
  Message message;
  while (stream.Read(&message)) read.messages.push_back(message);
  read.status = stream.Finish();
  return read;
}

Streamed<v1::ExportLeavesResponse> Leaves(ConsoleFixture& fixture,
                                          const v1::ExportLeavesRequest& request) {
  grpc::ClientContext context;
  auto stub = v1::JournalExportService::NewStub(fixture.channel());
  return ReadAll<v1::ExportLeavesResponse>(*stub->ExportLeaves(&context, request));
}

Streamed<v1::ExportExchangesResponse> Exchanges(ConsoleFixture& fixture,
                                                const v1::ExportExchangesRequest& request) {
  grpc::ClientContext context;
  auto stub = v1::JournalExportService::NewStub(fixture.channel());
  return ReadAll<v1::ExportExchangesResponse>(*stub->ExportExchanges(&context, request));
}

TEST_CASE("leaves come as they are hashed, behind the checkpoint they lead to") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_AUDITOR});
  // Enough for many messages, and for more than a caller's window.
  constexpr int kLeaves = 20'000;
  for (int i = 0; i < kLeaves; ++i) fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  v1::ExportLeavesRequest request;
  request.set_from_index(5);
  const auto read = Leaves(fixture, request);
  REQUIRE(read.status.ok());
  REQUIRE(read.messages.size() > 10);
  CHECK_THAT(read.messages[0].checkpoint(), Catch::StartsWith("mem/journal/1\n20000\n"));
  CHECK(read.messages[0].leaves_size() == 0);
  uint64_t next = 5;
  for (const auto& message : read.messages) {
    for (const auto& leaf : message.leaves()) {
      if (leaf.index() != next || leaf.leaf() != fixture.journal().Leaf(next)->bytes) {
        FAIL("leaf " << leaf.index() << " where " << next << " was expected");
      }
      ++next;
    }
  }
  CHECK(next == kLeaves);
  CHECK(fixture.journal().size() == kLeaves);  // reading leaves is no reading of payloads
}

TEST_CASE("leaves are chosen by a filter") {
  ConsoleFixture fixture;
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  fixture.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_REFUSED, 2));
  v1::ExportLeavesRequest request;
  request.set_filter("outcome = refused");
  const auto read = Leaves(fixture, request);
  REQUIRE(read.messages.size() == 2);
  REQUIRE(read.messages[1].leaves_size() == 1);
  CHECK(read.messages[1].leaves(0).index() == 1);
  request.set_filter("outcome = ");
  CHECK(Leaves(fixture, request).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  request.set_filter("subject = 1");
  CHECK(Leaves(fixture, request).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  request.set_filter("event = operator_read");
  CHECK(Leaves(fixture, request).messages.size() == 1);
}

TEST_CASE("a caller who goes away ends an export, and others may begin") {
  ConsoleFixture fixture;
  for (int i = 0; i < 20'000; ++i) fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  auto stub = v1::JournalExportService::NewStub(fixture.channel());
  for (int begun = 0; begun < 4;) {
    grpc::ClientContext context;
    const auto stream = stub->ExportLeaves(&context, {});
    v1::ExportLeavesResponse message;
    if (!stream->Read(&message)) {
      // Those before are still on their way out.
      CHECK(stream->Finish().error_code() == grpc::StatusCode::ABORTED);
      continue;
    }
    ++begun;
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
}

TEST_CASE("stopping does not wait for a caller who reads nothing") {
  ConsoleFixture fixture;
  for (int i = 0; i < 20'000; ++i) fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  grpc::ClientContext context;
  auto stub = v1::JournalExportService::NewStub(fixture.channel());
  const auto stream = stub->ExportLeaves(&context, {});
  v1::ExportLeavesResponse message;
  REQUIRE(stream->Read(&message));
  fixture.server().Stop();
  while (stream->Read(&message)) {
  }
  CHECK_FALSE(stream->Finish().ok());
}

TEST_CASE("exchanges come with the receipt of every leaf, by id or by filter") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  fixture.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_REQUEST_OPENED, 1));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  v1::ExportExchangesRequest request;
  request.add_exchange_ids(ExchangeIdText(1));
  const auto one = Exchanges(fixture, request);
  REQUIRE(one.status.ok());
  REQUIRE(one.messages.size() == 2);
  CHECK_THAT(one.messages[0].checkpoint(), Catch::StartsWith("mem/journal/1\n3\n"));
  REQUIRE(one.messages[1].leaves_size() == 2);
  CHECK(one.messages[1].leaves(1).receipt() == "receipt 1\n");
  CHECK(one.messages[1].request().messages().empty());
  CHECK(fixture.journal().size() == 3);
  CHECK(Exchanges(fixture, {}).messages.size() == 3);
  request.add_exchange_ids(ExchangeIdText(9));
  CHECK(tests::ReasonOf(Exchanges(fixture, request).status) == "EXCHANGE_UNKNOWN");
}

TEST_CASE("payloads need the investigator's role and a reason, and each reading is a leaf") {
  v1::ExportExchangesRequest request;
  request.add_exchange_ids(ExchangeIdText(1));
  request.set_include_payload(true);
  request.set_case_number("17");
  request.set_reason("complaint");
  {
    ConsoleFixture viewer({settings::v1::OPERATOR_ROLE_VIEWER});
    viewer.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
    const auto refused = Exchanges(viewer, request);
    CHECK(refused.status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(refused.messages.empty());
    CHECK(viewer.journal().size() == 1);
  }
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_INVESTIGATOR});
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  const auto read = Exchanges(fixture, request);
  REQUIRE(read.messages.size() == 2);
  CHECK(read.messages[1].request().messages(0) == "ask");
  CHECK(read.messages[1].response().messages(0) == "answer");
  REQUIRE(read.messages[1].read_leaf_index_plus_one() == 2);
  const auto leaf = fixture.journal().Leaf(1)->leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_OPERATOR_READ);
  CHECK(leaf.operator_action() == "ExportExchanges");
  CHECK(leaf.operator_reason() == "case 17: complaint");
  request.clear_reason();
  CHECK(tests::ReasonOf(Exchanges(fixture, request).status) == "OPERATOR_REASON_INVALID");
  fixture.journal().FailAppends(absl::DataLossError("disk"));
  request.set_case_number("17");
  request.set_reason("complaint");
  const auto unwritten = Exchanges(fixture, request);
  CHECK(tests::ReasonOf(unwritten.status) == "JOURNAL_UNAVAILABLE");
  CHECK(unwritten.messages.size() == 1);
}

}  // namespace
}  // namespace ndx::console

// A journal that is followed, with payloads of a type that names subjects.
//
// Thread-safety: thread-compatible.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "journal_fixture.h"
#include "ndx/options/v1/options.pb.h"  // its extensions must be linked in
#include "ndx/tests/support/proto_source.h"

namespace ndx::journal {

inline constexpr char kFollowSchema[] = R"(
  syntax = "proto3";
  package t;
  import "ndx/options/v1/options.proto";
  message Person {
    string number = 1 [(ndx.options.v1.field) = {subject: SUBJECT_PERSON}];
    string name = 2;
  }
  message Ask {
    string number = 1 [(ndx.options.v1.field) = {subject: SUBJECT_PERSON}];
    string text = 2;
  }
  message Answer { string head = 1; repeated Person people = 2; }
)";

class FollowFixture : public JournalFixture {
 public:
  FollowFixture() : source(tests::ProtoSource::Files{{"t.proto", kFollowSchema}}) {}

  FollowOptions Following() {
    FollowOptions options;
    options.types = [this](const std::string& method) {
      if (method != kTestMethod) return MethodTypes();
      return MethodTypes{
          .request = &source.Type("t.Ask"), .response = &source.Type("t.Answer"), .owner = nullptr};
    };
    options.interval = absl::Milliseconds(5);
    return options;
  }

  std::unique_ptr<RocksJournal> OpenFollowed(FollowOptions options) {
    auto journal = Open();
    REQUIRE(journal->StartFollowing(std::move(options)).ok());
    return journal;
  }
  std::unique_ptr<RocksJournal> OpenFollowed() { return OpenFollowed(Following()); }
  std::unique_ptr<RocksJournal> OpenFollowedIn(const std::string& directory) {
    auto journal = Open(OptionsFor(directory));
    REQUIRE(journal.ok());
    REQUIRE((*journal)->StartFollowing(Following()).ok());
    return *std::move(journal);
  }

  std::string Ask(const std::string& text) {
    return source.Parse("t.Ask", text)->SerializeAsString();
  }
  std::string Answer(const std::string& text) {
    return source.Parse("t.Answer", text)->SerializeAsString();
  }

  Payload PayloadOf(const std::string& type, std::string bytes) {
    Payload payload = TestPayload({std::move(bytes)});
    payload.descriptor = &source.Type(type);
    return payload;
  }

  Record ReadOf(const core::ExchangeId& id, const std::string& ask, const std::string& answer) {
    Record record = MakeRecord(v1::JOURNAL_EVENT_ANSWERED, id);
    record.request = PayloadOf("t.Ask", Ask(ask));
    record.response = PayloadOf("t.Answer", Answer(answer));
    record.recallable = true;
    return record;
  }
  Record OpeningOf(const core::ExchangeId& id, const std::string& ask) {
    Record record = MakeRecord(v1::JOURNAL_EVENT_REQUEST_OPENED, id);
    record.request = PayloadOf("t.Ask", Ask(ask));
    record.recallable = true;
    return record;
  }
  Record ClosingOf(v1::JournalEvent event, const core::ExchangeId& id, const std::string& answer) {
    Record record = MakeRecord(event, id);
    record.response = PayloadOf("t.Answer", Answer(answer));
    return record;
  }

  static void Follow(RocksJournal& journal) {
    const absl::Status followed = journal.payload_keeper().AwaitFollowed(absl::Minutes(1));
    INFO(followed);
    REQUIRE(followed.ok());
  }

  tests::ProtoSource source;
};

// Whether any file under the directory holds the text.
inline bool AnyFileHolds(const std::string& directory, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::string bytes(entry.file_size(), '\0');
    std::ifstream(entry.path(), std::ios::binary)
        .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace ndx::journal

// A followed journal that keeps payloads for as long as its rules say, and a clock to pass the
// time.
//
// Thread-safety: thread-compatible.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "follow_fixture.h"
#include "ndx/journal/retention_expiry.h"
#include "ndx/journal/retention_rules.h"

namespace ndx::journal {

class RetentionFixture : public FollowFixture {
 public:
  // Of security level 2: a month.
  RetentionFixture() : rules(RetentionRules::Make(2, {}).value()) {}

  FollowOptions Keeping() {
    FollowOptions options = Following();
    options.retention = rules;
    options.at_step = at_step;
    return options;
  }
  void Start() { journal = OpenFollowed(Keeping()); }
  void StartIn(const std::string& directory) {
    auto opened = Open(OptionsFor(directory));
    REQUIRE(opened.ok());
    journal = *std::move(opened);
    REQUIRE(journal->StartFollowing(Keeping()).ok());
  }
  void Restart() {
    journal.reset();
    Start();
  }

  uint64_t AppendRecord(Record record) {
    const auto appended = AppendAndWait(*journal, std::move(record));
    INFO(appended.status());
    REQUIRE(appended.ok());
    receipts[appended->index] = appended->receipt;
    return appended->index;
  }
  uint64_t AppendRead(const std::string& number) {
    return AppendRecord(ReadOf(NewId(), "number: \"" + number + "\" text: \"CANARY-ask\"",
                               "head: \"CANARY-answer\""));
  }

  // Lets time pass and the follower do what is due then.
  void Pass(absl::Duration time) {
    Follow(*journal);  // what is not followed yet would not be due
    clock.Advance(time);
    Settle();
  }
  void PassDays(int days) { Pass(days * absl::Hours(24)); }
  void Settle() {
    for (int pass = 0; pass < 3; ++pass) Follow(*journal);
  }

  bool IsKept(uint64_t leaf) const { return journal->reader().OpenPayload(leaf).ok(); }
  bool IsRemoved(uint64_t leaf) const {
    return RetentionExpiry(journal->reader().OpenPayload(leaf).status()).has_value();
  }

  // Everything that verifies a journal, at rest.
  VerifyReport VerifyAtRest() {
    journal.reset();
    VerifyOptions options;
    options.vkeys = {vkey};
    return VerifyJournal(Options().directory, options).value();
  }

  RetentionRules rules;
  std::function<void(absl::string_view)> at_step;
  std::unique_ptr<RocksJournal> journal;
  std::map<uint64_t, std::string> receipts;
  std::string vkey;
};

}  // namespace ndx::journal

// The keys of a LeafJournal: one that signs and one to follow. A rotation is a leaf, and the two
// keys change places; nothing is signed.
//
// Thread-safety: thread-safe. Ownership: the journal outlives it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ndx/core/mutex.h"
#include "ndx/journal/journal_key.h"
#include "ndx/tests/unit/console/leaf_journal.h"

namespace ndx::tests {

class FakeJournalKeys final : public journal::JournalKeys {
 public:
  static constexpr char kNextVkey[] = "mem/journal/1+00000002+next";
  static constexpr char kHandover[] = "a receipt by both keys\n";

  explicit FakeJournalKeys(LeafJournal& journal) : journal_(journal) {}

  std::string vkey() const override {
    core::MutexLock lock(mutex_);
    return rotated_.has_value() ? kNextVkey : LeafJournal::Vkey();
  }

  std::vector<journal::JournalKey> keys() const override {
    using journal::JournalKeyState;
    core::MutexLock lock(mutex_);
    std::vector<journal::JournalKey> keys(2);
    keys[0] = {.vkey = kNextVkey, .state = JournalKeyState::kNext};
    keys[1] = {.vkey = LeafJournal::Vkey()};
    if (rotated_.has_value()) {
      keys[0].state = JournalKeyState::kCurrent;
      keys[0].leaf = *rotated_;
      keys[0].handover = kHandover;
      keys[1].state = JournalKeyState::kOverlap;
      keys[1].signs_until = absl::FromUnixSeconds(1'760'000'000);
    }
    return keys;
  }

  std::string master_key_id() const override { return "8d27b3e0"; }

  void RotateSigningKey(const journal::KeyChange& change, journal::AppendCallback done) override {
    {
      core::MutexLock lock(mutex_);
      if (rotated_.has_value()) {
        return done(absl::FailedPreconditionError("no key is there to follow"));
      }
      rotated_ = journal_.size();
    }
    journal::Record record;
    record.leaf.set_event(journal::v1::JOURNAL_EVENT_KEY_ROTATED);
    record.leaf.set_operator_name(change.operator_name);
    record.leaf.set_operator_action(change.operator_action);
    record.leaf.set_operator_reason(change.operator_reason);
    journal_.Append(std::move(record), std::move(done));
  }

 private:
  LeafJournal& journal_;
  mutable core::Mutex mutex_;
  std::optional<uint64_t> rotated_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::tests

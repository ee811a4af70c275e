// The mailbox on disk: items, which of them are due, their lines, and when their time is over.
// Keeps counts in memory and nothing else: the items themselves may be many. Nothing looks for what
// is first through all that was deleted before it.
//
// Format: a store::Database, values proto/ndx/mailbox/v1/kept_item.proto, integers big-endian.
//   items    exchange id (16) ‖ consumer                     KeptItem
//   due      provider ‖ LF ‖ service ‖ 0 ‖ u64 due ‖ u64 number   key of the item
//   lines    line (32) ‖ u64 number                          key of the item
//            line (32)                                       u64 number of its first one
//   ends     u64 when ‖ key of the item                      nothing
// The last three follow from the items; a change writes all of them in one batch.
//
// Durability: Put() and Remove() are not synced: what was lost in a power cut the journal tells.
// Sync() makes everything before it durable. Thread-safety: thread-compatible; counts() is
// thread-safe. Errors: kDataLoss, kUnavailable of the database.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/mutex.h"
#include "ndx/mailbox/v1/kept_item.pb.h"
#include "ndx/store/database.h"

namespace ndx::mailbox {

// Key of an item.
std::string ItemKey(const core::ExchangeId& id, absl::string_view consumer);
std::string ItemKey(const v1::KeptItem& item);

// What is delivered side by side, and stopped together: a service of a provider.
struct Lane {
  std::string provider;
  std::string service;
  friend bool operator<(const Lane& a, const Lane& b) {
    return std::tie(a.provider, a.service) < std::tie(b.provider, b.service);
  }
};
Lane LaneOf(const v1::KeptItem& item);

// How many items there are, and how large.
struct MailboxCounts {
  struct Cause {
    v1::KeptState state;
    std::string service;
    int32_t reason;
    friend bool operator<(const Cause& a, const Cause& b) {
      return std::tie(a.state, a.service, a.reason) < std::tie(b.state, b.service, b.reason);
    }
  };
  std::map<Cause, uint64_t> by_cause;
  std::map<std::string, uint64_t> by_consumer;  // dead ones left out
  uint64_t items = 0;                           // dead ones left out
  uint64_t bytes = 0;                           // dead ones left out
  uint64_t dead = 0;

  uint64_t Of(v1::KeptState state) const;
};

// What there is, for whoever wants to put something in.
struct MailboxRoom {
  uint64_t items = 0;
  uint64_t bytes = 0;
  uint64_t of_consumer = 0;
};

class MailboxStore {
 public:
  static absl::StatusOr<std::unique_ptr<MailboxStore>> Open(const std::string& directory);
  MailboxStore(const MailboxStore&) = delete;
  MailboxStore& operator=(const MailboxStore&) = delete;

  absl::StatusOr<std::optional<v1::KeptItem>> Find(absl::string_view key) const;

  // Writes the item, new or changed, with everything that follows from it.
  absl::Status Put(const v1::KeptItem& item);
  absl::Status Remove(const v1::KeptItem& item);
  absl::Status Sync();

  // The lanes in which something waits.
  absl::StatusOr<std::vector<Lane>> Lanes() const;

  // The item of the lane that is due first.
  absl::StatusOr<std::optional<v1::KeptItem>> FirstDue(const Lane& lane) const;

  // The first of a line; nothing if it is empty.
  absl::StatusOr<std::optional<v1::KeptItem>> FirstOfLine(absl::string_view line) const;
  // How many stand before this number, at most `most`.
  absl::StatusOr<uint64_t> Before(absl::string_view line, uint64_t number, uint64_t most) const;

  // The item whose time is over first, and when.
  absl::StatusOr<std::optional<std::pair<int64_t, v1::KeptItem>>> FirstEnd() const;

  // Items in the order of their keys, after this one (empty: from the beginning), until see says
  // false.
  absl::Status Walk(absl::string_view after,
                    const std::function<bool(const v1::KeptItem&)>& see) const;

  uint64_t next_number() const { return next_number_; }
  MailboxCounts counts() const;
  store::Database::Memory memory() const { return database_->memory(); }
  // Of counts and places.
  size_t entries_in_memory() const;
  MailboxRoom RoomOf(const std::string& consumer) const;

 private:
  explicit MailboxStore(std::unique_ptr<store::Database> database);

  absl::Status Count();
  void AddRows(const v1::KeptItem& item, store::Batch* batch);
  void NoteDue(const v1::KeptItem& item, const std::string& row);
  void DropRows(const v1::KeptItem& item, store::Batch* batch);
  void Tally(const v1::KeptItem& item, int64_t by);
  absl::Status CompleteHead(const v1::KeptItem& item);
  absl::Status MoveHead(const v1::KeptItem* before, const v1::KeptItem* after, store::Batch* batch);
  absl::StatusOr<std::optional<uint64_t>> HeadOf(absl::string_view line) const;
  absl::StatusOr<std::optional<v1::KeptItem>> ItemAt(absl::string_view key) const;

  const std::unique_ptr<store::Database> database_;
  uint64_t next_number_ = 1;
  // Nothing of a lane, or of all ends, stands before these rows: what was deleted in front is not
  // read again and again.
  mutable std::map<std::string, std::string> due_from_;
  mutable std::string ends_from_;
  mutable core::Mutex counts_mutex_;
  MailboxCounts counts_ ABSL_GUARDED_BY(counts_mutex_);
};

}  // namespace ndx::mailbox

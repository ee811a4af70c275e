// Turns a Record into bytes ready to be written, on the caller's thread: cutting, sealing,
// committing, encoding. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "key_ring.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/sealing.h"
#include "open_exchanges.h"
#include "pending_record.h"
#include "sealed_payload.h"

namespace ndx::journal {

class RecordPreparer {
 public:
  struct Parts {
    KeyRing& keys;
    OpenExchanges& open;
    const UnmovedKeys& unmoved;
    CutPlans& plans;
    const core::Clock& clock;
    core::Random& random;
    std::string boot_id;  // 16 bytes
  };
  explicit RecordPreparer(Parts parts) : parts_(std::move(parts)) {}

  // Never fails: a record that breaks a rule comes back with `refused` set and changes nothing.
  std::unique_ptr<PendingRecord> Prepare(Record record, AppendCallback done);

  // Takes back what Prepare() entered, for a record that will not be written after all.
  void Abandon(const PendingRecord& pending);

 private:
  absl::Status Fill(Record& record, PendingRecord& pending);
  absl::Status Open(Record& record, PendingRecord& pending);
  absl::Status Close(Record& record, PendingRecord& pending);
  absl::Status StandAlone(Record& record, PendingRecord& pending);
  void Stamp(v1::JournalLeaf& leaf) const;
  static absl::Status TakeNextReceipt(Record& record, PendingRecord& pending);

  // Seals the request and the consumer's signature; fills leaf, salts and stored bytes.
  absl::Status SealRequest(const Record& record, const ExchangePartKeys& keys,
                           PendingRecord& pending, v1::JournalLeaf& leaf);
  absl::Status SealAnswer(Record& record, const ExchangePartKeys& keys, uint16_t attempt,
                          PendingRecord& pending, v1::JournalLeaf& leaf);
  absl::Status TakeSpill(Record& record, PendingRecord& pending, v1::JournalLeaf& leaf);
  // A fresh exchange key, wrapped by the present intake key; also the recall MAC.
  absl::StatusOr<crypto::SecretBytes> NewExchangeKey(const Record& record, PendingRecord& pending);
  // Prepares to give the follower the keys of this record's parts, if it has use for them.
  void CollectUnmoved(const Record& record, PendingRecord& pending) const;
  static absl::Status Finish(v1::JournalLeaf& leaf, PendingRecord& pending);

  Parts parts_;
};

}  // namespace ndx::journal

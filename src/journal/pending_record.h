// A record made ready on its caller's thread, on its way to the committer. Private to this folder.
//
// Thread-safety: thread-compatible; handed from thread to thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/unmoved_keys.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "open_exchanges.h"

namespace ndx::journal {

// The sealed bytes of a direction before they have a place.
struct SealedDirection {
  std::string stored;                    // empty if pieces holds them
  crypto::Digest digest{};               // of stored
  std::vector<v1::SegmentPiece> pieces;  // written already
  uint32_t attempt = 0;
};

struct PendingRecord {
  AppendCallback done;
  // Not OK: nothing is written, and this is what the callback gets.
  absl::Status refused;

  v1::JournalEvent event = v1::JOURNAL_EVENT_UNSPECIFIED;
  core::ExchangeId exchange_id;
  std::string consumer;
  std::string method;
  std::string exchange_key_in_store;  // ExchangeKey(); empty where no exchange is concerned
  uint32_t grpc_status = 0;
  bool recallable = false;

  std::string leaf;
  TreeHash leaf_hash{};
  std::optional<SealedDirection> request;
  std::optional<SealedDirection> response;
  std::string fields_removed;  // kept beside the leaf; mostly empty
  std::string next_receipt;    // likewise
  std::string pruned_list;     // kept beside a leaf of the retention

  // Sealed under a key of its own, kept under this leaf's index; otherwise under that of `open`.
  std::optional<v1::WrappedExchangeKey> wrapped_key;
  std::string request_mac;
  uint64_t intake_hour = 0;
  // For the follower; null where it shall read the store.
  std::unique_ptr<UnmovedLeaf> unmoved;

  // The exchange that this record opens, closes or resolves; null if it stands alone.
  std::shared_ptr<OpenExchange> open;

  // Of a rotation of the signing key: the keys as they are recorded with it. The last one's leaf is
  // this one, filled in by the committer.
  std::optional<v1::SigningKeys> signing_keys;

  // Records the change of the master key that the store keeps as not yet recorded.
  bool records_key_change = false;

  // Salts for the receipt; the leaf is added when it is made.
  exchange::v1::ReceiptOpening opening;
  bool receipt_wanted = true;

  // Filled by the committer.
  uint64_t index = 0;
  std::vector<TreeHash> proof;
};

using PendingRecords = std::vector<std::unique_ptr<PendingRecord>>;

}  // namespace ndx::journal

// The journal as the exchange pipeline sees it: append, recall a known exchange, fetch a receipt.
//
// Thread-safety: thread-safe. Append(), Recall() and GetReceipt() do not wait for the disk; their
// callbacks run on the journal's own threads (inside the call where a queue is full or the journal
// closed), must not block and must not throw: post to the loop that owns the exchange. Each
// callback is called exactly once, also when the journal stops. Durability: a callback with OK
// means that the record, its tree edge, its payload and the signed checkpoint over it are on stable
// storage. Errors of Append: kInvalidArgument (the record breaks a rule or limit; nothing was
// written), kFailedPrecondition (e.g. the exchange is closed already), kResourceExhausted (the disk
// is nearly full; nothing was written), kDataLoss (a synced write failed: whether the record exists
// is unknown; the journal has stopped and every later call says so), kCancelled (closed).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

// The messages of one direction, as delivered, and how to cut them into parts.
struct Payload {
  std::vector<std::shared_ptr<const std::string>> messages;
  // The messages' type; null for "one part a message". Alive as long as descriptor_owner is held.
  const google::protobuf::Descriptor* descriptor = nullptr;
  // Keeps the descriptor alive while the journal uses it (a registry snapshot, for example).
  std::shared_ptr<const void> descriptor_owner;
};

// The messages of a long or streamed answer, sealed to disk as they arrive. One thread at a time.
class PayloadSpill {
 public:
  virtual ~PayloadSpill() = default;

  // Seals one message and writes it behind the ones before. Blocks for a write, not for a sync.
  virtual absl::Status Add(absl::string_view message) = 0;

  // Reads back message number index (from 0), decrypted.
  virtual absl::StatusOr<std::string> Read(size_t index) const = 0;

  virtual size_t messages() const = 0;
  virtual uint64_t bytes() const = 0;
};

// One record to append.
//
// What the journal does with it follows from leaf.event:
//   REQUEST_OPENED                 opens the exchange (request payload); it must be closed later
//   ANSWERED, FAILED, IN_DOUBT     closes an exchange opened in this run (response payload), under
//                                  the same exchange key; without one opened, stands alone (a
//                                  read: request and response payload)
//   RESOLVED                       outcome of an exchange in doubt, also of an earlier run
//   SUBMITTED                      begins an exchange that is not sent yet (request payload; what
//   the
//                                  caller stated, sealed, as consumer_signature)
//   every other                    stands alone; a REFUSED leaf never changes an open exchange
struct Record {
  // Filled by the caller: event and, for an exchange, exchange_id and consumer, and everything else
  // that is known. Filled by the journal: leaf_version, time_unix_ns, monotonic_ns, boot_id,
  // attempt (if 0), caused_by_plus_one (if it continues a leaf), request, response and
  // signature_commitment.
  v1::JournalLeaf leaf;
  std::optional<Payload> request;
  std::optional<Payload> response;
  // Instead of response: what StartSpill() gave.
  std::unique_ptr<PayloadSpill> response_spill;
  // The consumer's own signature; empty for none. Stored sealed beside the request.
  std::string consumer_signature;
  // The receipt of the next node, of an exchange that was passed on to it, in the form of
  // receipt.h; empty for none. Kept beside the leaf, which names it (relay_receipt_sha256), and
  // handed out in this node's own receipts. At most kNextReceiptBytesMax.
  std::string next_receipt;
  // The caller chose the exchange id itself and may use it again: the exchange is kept for
  // Recall(), and a second one with its id joins the first instead of hiding it.
  bool recallable = false;
};

struct Appended {
  uint64_t index = 0;      // of the leaf
  uint64_t tree_size = 0;  // of the checkpoint in the receipt
  // Text in the c2sp.org/tlog-proof@v1 format, for ndx-receipt-bin. Empty if the exchange has more
  // than kReceiptPartsMax parts: such a receipt is fetched with GetReceipt().
  std::string receipt;
};

// Of a next node's receipt: those of at most kRelayHopsMax nodes, each inside the other.
inline constexpr size_t kNextReceiptBytesMax = size_t{512} << 10;

// More parts than this in both directions together, and an append hands out no receipt.
inline constexpr size_t kReceiptPartsMax = 64;

using AppendCallback = absl::AnyInvocable<void(absl::StatusOr<Appended>)>;

struct RecallQuery {
  std::string consumer;
  core::ExchangeId exchange_id;
  std::string method;
  std::vector<std::shared_ptr<const std::string>> request;  // the messages sent now
};

enum class RecallVerdict {
  kUnknown,        // never seen, or only refused: carry it out
  kInProgress,     // opened in this run, not closed yet
  kDifferent,      // the id was used for another method or another body
  kAnswered,       // status and, where it was OK, the recorded answer
  kFailed,         // accepted and failed; status says how
  kInDoubt,        // sent, answer unknown
  kSubmitted,      // kept, not sent yet
  kAnswerNotKept,  // closed, but the body can no longer be compared or the answer no longer opened
};

struct Recalled {
  RecallVerdict verdict = RecallVerdict::kUnknown;
  // The leaf that closed (or opened) the exchange: status, reason, business code.
  v1::JournalLeaf leaf;
  std::vector<std::string> response;  // kAnswered
  std::string receipt;                // of that leaf, against the newest checkpoint
};

using RecallCallback = absl::AnyInvocable<void(absl::StatusOr<Recalled>)>;
using ReceiptCallback = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;

// Kinds of keyed references, so that the same text as dossier and as officer differ.
enum class ReferenceKind { kDossier, kOfficer, kSubject, kOrderKey };

class Journal {
 public:
  virtual ~Journal() = default;

  // Appends a record; done gets its place and receipt once it is durable. Records appended one
  // after another by one thread keep that order, except where a payload is over 256 KiB.
  virtual void Append(Record record, AppendCallback done) = 0;

  // Looks for an exchange of this consumer with this id.
  virtual void Recall(RecallQuery query, RecallCallback done) = 0;

  // The receipt of the newest leaf of an exchange against the newest checkpoint. kNotFound if this
  // consumer has made no such exchange; an empty consumer stands for any (operators only).
  virtual void GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                          ReceiptCallback done) = 0;

  // OK if a new exchange may be accepted; kResourceExhausted while the disk is nearly full;
  // kDataLoss once the journal has stopped. Cheap: ask before every dispatch.
  virtual absl::Status AcceptsNewExchanges() const = 0;

  // The first record of a group waits so long for company, unless the group is large: each costs
  // the same, whatever is in it. Zero, as at first: a record does not wait. A journal that does
  // not write in groups takes no notice.
  virtual void SetGroupPause(absl::Duration pause) { (void)pause; }

  // A reference to a value a person may be found by: HMAC under the key of the current year.
  // Empty for an empty value.
  virtual absl::StatusOr<v1::KeyedReference> Reference(ReferenceKind kind,
                                                       absl::string_view value) = 0;

  // A place for a long or streamed answer of an exchange that was opened (REQUEST_OPENED appended
  // and acknowledged) by this consumer. Handed back in Record::response_spill.
  virtual absl::StatusOr<std::unique_ptr<PayloadSpill>> StartSpill(
      absl::string_view consumer, core::ExchangeId exchange_id,
      const google::protobuf::Descriptor* descriptor,
      std::shared_ptr<const void> descriptor_owner) = 0;
};

}  // namespace ndx::journal

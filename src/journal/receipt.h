// Receipts (xác nhận giao dịch): a tlog-proof whose extra line holds the leaf and the salts of its
// commitments. Verified offline against the node's public key alone.
//
// Thread-safety: thread-safe.
// Source: C2SP tlog-proof; proto/ndx/exchange/v1/exchange_service.proto (ReceiptOpening).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/crypto/digest.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

// Most bytes of a receipt that is read.
inline constexpr size_t kReceiptBytesMax = size_t{32} << 20;

// A receipt taken apart, nothing checked.
struct Receipt {
  exchange::v1::ReceiptOpening opening;
  uint64_t index = 0;
  std::vector<crypto::Digest> proof;  // from the leaf's sibling up
  std::string checkpoint;             // signed note, verbatim
};

std::string FormatReceipt(const Receipt& receipt);

// kInvalidArgument unless the text has the tlog-proof form with an extra line.
absl::StatusOr<Receipt> ParseReceipt(absl::string_view text);

// A receipt's text as it stands inside another one. kInvalidArgument unless it is one, in the very
// bytes that FormatReceipt() writes: only those can be put together again.
absl::StatusOr<exchange::v1::NextReceipt> ToNextReceipt(absl::string_view text);

// And back.
std::string NextReceiptText(const exchange::v1::NextReceipt& next);

// What the caller sent or got, to be held against the commitments.
struct ReceiptMessages {
  std::vector<std::string> messages;
  const google::protobuf::Descriptor* descriptor = nullptr;  // as the service registered it
};

struct VerifiedReceipt {
  v1::JournalLeaf leaf;
  uint64_t index = 0;
  uint64_t tree_size = 0;
  std::string origin;
  bool request_checked = false;    // the request given is the one committed to
  bool response_checked = false;   // likewise
  bool signature_checked = false;  // the consumer signature given is the one committed to
  // Of an exchange that was passed on: the next node's receipt, which is the one that the leaf
  // names. Not verified itself: whoever has that node's key does it. Empty where there is none.
  std::string next_receipt;
  // One line for each thing checked, for people.
  std::vector<std::string> checked;
};

// The checkpoint that was verified last under each key: a busy node signs many records at once, and
// whoever checks their receipts one after another verifies that signature once.
//
// Thread-safety: thread-compatible. Size: kKnownCheckpointsMax keys; past them it begins anew.
class KnownCheckpoints {
 public:
  // As OpenCheckpoint() by this key; an error is not remembered.
  absl::StatusOr<Checkpoint> Open(absl::string_view vkey, absl::string_view note);

  uint64_t signatures_verified() const { return signatures_verified_; }

 private:
  struct Known {
    std::string note;
    Checkpoint checkpoint;
  };
  std::map<std::string, Known, std::less<>> by_vkey_;
  uint64_t signatures_verified_ = 0;
};
inline constexpr size_t kKnownCheckpointsMax = 64;

struct ReceiptChecks {
  std::string vkey;  // of the node; the key name must equal the checkpoint's origin
  std::optional<ReceiptMessages> request;
  std::optional<ReceiptMessages> response;
  std::optional<std::string> consumer_signature;
  KnownCheckpoints* known = nullptr;  // of earlier receipts, and then of this one
};

// Verifies form, checkpoint signature, origin, inclusion and whatever messages are given. The
// status says which check failed; kInvalidArgument for form, kPermissionDenied for a wrong
// signature, kDataLoss for everything that does not match.
absl::StatusOr<VerifiedReceipt> VerifyReceipt(absl::string_view text, const ReceiptChecks& checks);

}  // namespace ndx::journal

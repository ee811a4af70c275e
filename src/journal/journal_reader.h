// Reading the journal: leaves, exchanges, payloads, receipts.
//
// Thread-safety: thread-safe. Every call blocks on the disk: not for an event loop.
// What is read is what is durable and covered by a signed checkpoint; a scan sees a fixed size.
// Errors: kNotFound, kDataLoss (a record is damaged; the message names it), kUnavailable.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

struct StoredLeaf {
  uint64_t index = 0;
  std::string bytes;  // as stored and hashed
  v1::JournalLeaf leaf;
};

enum class ScanDirection { kForward, kBackward };

struct ScanRange {
  // Where to start; forward: the first index seen, backward: the last. Past the end means the end.
  uint64_t from_index = 0;
  ScanDirection direction = ScanDirection::kForward;
  // Leaves whose wall clock lies outside are left out. Clocks are trusted to 10 s: see
  // journal/README.md.
  absl::Time not_before = absl::InfinitePast();
  absl::Time not_after = absl::InfiniteFuture();
};

// Messages of an exchange, decrypted. A direction without payload is empty.
struct OpenedPayload {
  std::vector<std::string> request;
  std::vector<std::string> response;
  std::string consumer_signature;

  // Parts that were erased. An element among them stands in its message as one without any known
  // field; a message whose own part is among them is left out, and what else of it can be read
  // stands in request_elements or response_elements, one message of the element's type each.
  uint32_t request_parts_erased = 0;
  uint32_t response_parts_erased = 0;
  std::vector<std::string> request_elements;
  std::vector<std::string> response_elements;

  bool whole() const { return request_parts_erased == 0 && response_parts_erased == 0; }
};

class JournalReader {
 public:
  virtual ~JournalReader() = default;

  // Leaves that a signed checkpoint covers. Grows; poll it to follow the journal's end.
  virtual uint64_t size() const = 0;

  virtual absl::StatusOr<StoredLeaf> Leaf(uint64_t index) const = 0;

  // Leaves of an exchange id in the order written; of every consumer that used it if consumer is
  // empty. kNotFound if there is none.
  virtual absl::StatusOr<std::vector<StoredLeaf>> LeavesOf(core::ExchangeId exchange_id,
                                                           const std::string& consumer) const = 0;

  // Calls see for each leaf of the range until it returns false. A time bound is found by binary
  // search, not by reading everything.
  virtual absl::Status Scan(const ScanRange& range,
                            absl::FunctionRef<bool(const StoredLeaf&)> see) const = 0;

  // Leaves by event in the range; reads each of them.
  virtual absl::StatusOr<std::map<v1::JournalEvent, uint64_t>> Count(
      const ScanRange& range) const = 0;

  // The payloads stored with the leaf at this index and with the leaf that it continues, as far as
  // they have not been erased. kNotFound if their keys are gone altogether; RetentionExpiry() of it
  // tells whether because their retention was over.
  virtual absl::StatusOr<OpenedPayload> OpenPayload(uint64_t index) const = 0;

  // Receipt of the leaf against the newest checkpoint.
  virtual absl::StatusOr<std::string> Receipt(uint64_t index) const = 0;

  // The newest signed checkpoint, as note text.
  virtual std::string Checkpoint() const = 0;

  // Proof that the tree of new_size begins with the tree of old_size. kInvalidArgument unless
  // 0 < old_size <= new_size <= size().
  virtual absl::StatusOr<std::vector<TreeHash>> ConsistencyProof(uint64_t old_size,
                                                                 uint64_t new_size) const = 0;
};

}  // namespace ndx::journal

// The keys of stored payloads, wherever they are: under the exchange key as long as it is kept,
// and then under the keys of their subjects. Private to this folder.
//
// Thread-safety: PayloadKeys is thread-safe; LeafKeys belongs to one thread. Ownership: what they
// refer to outlives them.
// Errors: kNotFound if the keys of a leaf, or of a part, are gone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "key_ring.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/journal/sealing.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "subject_keys.h"

namespace ndx::journal {

// Of the payload stored with one leaf.
class LeafKeys {
 public:
  explicit LeafKeys(crypto::SecretBytes exchange_key)
      : exchange_key_(std::move(exchange_key)), part_keys_(exchange_key_.view()) {}
  LeafKeys(const SubjectKeys& subjects, v1::MovedKeys moved);

  absl::StatusOr<crypto::SecretBytes> Part(Direction direction, uint32_t part) const;

  // What is kept of a moved part; null if it is not moved, or there is none of this number.
  const v1::MovedPartKey* MovedPart(Direction direction, uint32_t part) const;

  // The salt of a part's commitment; empty if its key is gone.
  absl::StatusOr<std::string> Salt(Direction direction, uint32_t part) const;

  // The leaf that records that the retention was over, and with it the keys gone; nullopt else.
  std::optional<uint64_t> pruned_by() const;

  // The exchange key, while it is kept; empty then.
  absl::string_view exchange_key() const { return exchange_key_.view(); }

 private:
  absl::StatusOr<crypto::SecretBytes> GroupedPart(uint32_t group, uint32_t place) const;

  crypto::SecretBytes exchange_key_;
  std::optional<ExchangePartKeys> part_keys_;  // while the exchange key is kept
  const SubjectKeys* subjects_ = nullptr;
  v1::MovedKeys moved_;
  // Of each part, by direction: how many of its group stand before it.
  std::array<std::vector<uint32_t>, 3> places_;
  // Groups whose keys have been asked for.
  mutable std::map<uint32_t, absl::StatusOr<crypto::SecretBytes>> opened_;
};

class PayloadKeys {
 public:
  PayloadKeys(KeyRing& ring, const SubjectKeys& subjects) : ring_(ring), subjects_(subjects) {}

  // Of the payload stored with a leaf, whose exchange key is kept under the index key_leaf.
  absl::StatusOr<LeafKeys> Of(uint64_t leaf, uint64_t key_leaf) const;

  // Of a payload that is stored no longer, with what is kept for proofs. kDataLoss if nothing says
  // that it was removed.
  absl::StatusOr<LeafKeys> OfRemoved(uint64_t leaf) const;

  KeyRing& ring() const { return ring_; }

 private:
  KeyRing& ring_;
  const SubjectKeys& subjects_;
};

}  // namespace ndx::journal

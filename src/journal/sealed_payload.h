// A payload cut, sealed and committed to. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/core/mutex.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/sealing.h"
#include "ndx/journal/unmoved_keys.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

struct SealedPayload {
  std::string stored;  // bytes of the direction
  v1::PayloadCommitment commitment;
  std::vector<std::string> salts;
};

// The plans of the message types in use. Thread-safe.
class CutPlans {
 public:
  // The plan of a payload's type; kept while descriptor_owner lives.
  std::shared_ptr<const CutPlan> Get(const google::protobuf::Descriptor* descriptor,
                                     const std::shared_ptr<const void>& owner);

 private:
  struct Entry {
    std::shared_ptr<const CutPlan> plan;
    std::weak_ptr<const void> owner;
    bool is_static = false;  // given without an owner: lives as long as the program
  };
  static constexpr size_t kPlansMax = 4096;

  core::Mutex mutex_;
  std::map<const google::protobuf::Descriptor*, Entry> plans_ ABSL_GUARDED_BY(mutex_);
};

// Seals part after part of one direction, keeping what the leaf and the receipt need.
class PayloadSealer {
 public:
  // keys must outlive it.
  PayloadSealer(const SealContext& context, const ExchangePartKeys& keys)
      : context_(context), keys_(keys) {}

  // Gives the follower the keys of what is sealed from now on, of messages of this type.
  void Collect(const google::protobuf::Descriptor* type, std::vector<UnmovedPart>* unmoved) {
    type_ = type;
    unmoved_ = unmoved;
  }

  // Cuts, seals and appends one message to *stored.
  absl::Status Add(const CutPlan& plan, absl::string_view message, std::string* stored);

  // The commitment without ciphertext digest, and the salts.
  v1::PayloadCommitment Commitment() const;
  const std::vector<std::string>& salts() const { return salts_; }
  std::vector<std::string> TakeSalts() { return std::move(salts_); }
  uint32_t messages() const { return messages_; }
  uint64_t bytes() const { return bytes_; }

 private:
  const SealContext context_;
  const ExchangePartKeys& keys_;
  const google::protobuf::Descriptor* type_ = nullptr;
  std::vector<UnmovedPart>* unmoved_ = nullptr;
  std::vector<TreeHash> commitments_;
  std::vector<std::string> salts_;
  uint32_t messages_ = 0;
  uint64_t bytes_ = 0;
};

// unmoved: gets the parts' keys; may be null.
absl::StatusOr<SealedPayload> SealPayload(const SealContext& context, const ExchangePartKeys& keys,
                                          const CutPlan& plan, const Payload& payload,
                                          std::vector<UnmovedPart>* unmoved);

// HMAC over the messages, each with its u32 length: tells whether a request is the same again.
std::string RecallMac(absl::string_view key,
                      const std::vector<std::shared_ptr<const std::string>>& messages);

}  // namespace ndx::journal

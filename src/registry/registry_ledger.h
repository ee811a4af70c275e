// The registry that a node keeps itself (sổ thay đổi danh bạ): every change since the first, and
// the proposals that wait for a second person.
//
// Thread-safety: thread-safe; Keep() and the methods for proposals block on the disk, and After()
// reads every change up to the one asked for.
// Durability: what returned OK is on stable storage.
// Errors: kDataLoss when a change is missing, was altered or does not give the registry whose
// digest it carries (the message names it); kNotFound for numbers that there are not;
// kInvalidArgument and kNotFound of EditableDocument::Apply().
//
// Format: a database of src/store; change n under u64 n big-endian, as serialized RegistryChange;
// beside it the index of its leaf in the journal; proposals likewise. Each change holds the SHA-256
// of the one before and of the registry after it. Requests for access and contracts lie in the same
// database (AccessRequestStore, ContractStore).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"
#include "ndx/registry/access_request_store.h"
#include "ndx/registry/contract_store.h"
#include "ndx/registry/registry_edit.h"
#include "ndx/registry/v1/registry_change.pb.h"

namespace ndx::store {
class Database;
}

namespace ndx::registry {

// Bytes of one change or proposal.
inline constexpr size_t kChangeBytesMax = size_t{64} << 20;
// Proposals that wait at the same time.
inline constexpr size_t kProposalsMax = 1000;

// A change that may be kept.
struct PreparedChange {
  v1::RegistryChange change;
  std::string sha256;  // 32 bytes, of the change as it will be kept
  std::shared_ptr<const EditableDocument> after;
};

class RegistryLedger {
 public:
  // Opens, creating what does not exist, and holds every change against the ones before.
  static absl::StatusOr<std::unique_ptr<RegistryLedger>> Open(const std::string& directory);
  ~RegistryLedger();
  RegistryLedger(const RegistryLedger&) = delete;
  RegistryLedger& operator=(const RegistryLedger&) = delete;

  // The newest change; 0 before the first.
  uint64_t last_change() const;
  // The registry after it.
  std::shared_ptr<const EditableDocument> newest() const;

  absl::StatusOr<v1::RegistryChange> Change(uint64_t number) const;
  // Index of the leaf that records it; kNotFound while there is none.
  absl::StatusOr<uint64_t> LeafOf(uint64_t number) const;
  // The registry after a change; that after change 0 is empty.
  absl::StatusOr<EditableDocument> After(uint64_t number) const;
  // The newest change that was made by then; 0 before the first.
  absl::StatusOr<uint64_t> ChangeInForceAt(absl::Time time) const;

  // Fills in number and digests.
  absl::StatusOr<PreparedChange> Prepare(v1::RegistryChange change) const;
  // kFailedPrecondition if another was kept since it was prepared. leaf_index: where the journal
  // records it; nothing where there is no journal yet, and NoteLeaf() follows. carried_out: the
  // proposal that is done with by it; 0 for none. granted: the access request that is kept together
  // with it; null for none.
  absl::Status Keep(const PreparedChange& prepared, std::optional<uint64_t> leaf_index,
                    uint64_t carried_out, const v1::AccessRequest* granted = nullptr);
  absl::Status NoteLeaf(uint64_t number, uint64_t leaf_index);

  // The number that the proposal got. kResourceExhausted past kProposalsMax.
  absl::StatusOr<uint64_t> AddProposal(v1::RegistryProposal proposal);
  absl::StatusOr<v1::RegistryProposal> Proposal(uint64_t number) const;
  // In the order in which they were made.
  absl::StatusOr<std::vector<v1::RegistryProposal>> Proposals() const;
  absl::Status RemoveProposal(uint64_t number);

  AccessRequestStore& access_requests() { return access_requests_; }
  const AccessRequestStore& access_requests() const { return access_requests_; }
  ContractStore& contracts() { return contracts_; }
  const ContractStore& contracts() const { return contracts_; }

 private:
  explicit RegistryLedger(std::unique_ptr<store::Database> database);
  absl::Status Load();

  const std::unique_ptr<store::Database> database_;
  AccessRequestStore access_requests_{*database_};
  ContractStore contracts_{*database_};
  // Held over the disk: one change at a time.
  mutable core::Mutex mutex_;
  uint64_t last_change_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string last_sha256_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const EditableDocument> newest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::registry

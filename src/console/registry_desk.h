// Changes of a registry that the node keeps itself (quản lý danh bạ): looked at, and made by one
// person where they give nobody more than before, else by two.
//
//   Propose ┬▶ leaf REGISTRY_CHANGED ─▶ kept ─▶ in force
//           └▶ leaf ─▶ proposal kept ┬▶ Approve ─▶ leaf REGISTRY_CHANGED ─▶ kept ─▶ in force
//                                    └▶ Withdraw ─▶ leaf ─▶ forgotten
//
// A crash behind a leaf leaves a leaf whose change is not kept: it is not in force, and is asked
// for again. Contracts are kept by content before anything names them.
//
// Thread-safety: thread-safe; everything blocks on the disk. Ownership: everything given outlives
// it.
// Errors: RefusalStatus() of REGISTRY_…, PROPOSAL_…, CONTRACT_BREAKS and JOURNAL_UNAVAILABLE.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/console/node_control.h"
#include "ndx/console/persons.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/exchange/v1/error_reason.pb.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry_ledger.h"
#include "ndx/registry/registry_source.h"
#include "ndx/registry/v1/access_request.pb.h"
#include "ndx/registry/v1/contract_difference.pb.h"
#include "ndx/registry/v1/registry_change.pb.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

// How long a proposal may wait for its approval.
inline constexpr absl::Duration kProposalValid = absl::Hours(24);

// RefusalStatus() of REGISTRY_CHANGE_INVALID.
absl::Status ChangeInvalid(absl::string_view fault);
// The same of what is wrong with a change or its files, or is not there; other errors, those of the
// disk, as they are.
absl::Status ChangeInvalidIfFault(const absl::Status& status);
// RefusalStatus() of CONTRACT_BREAKS for a status of registry::RefuseIfBreaking(); others as they
// are.
absl::Status ContractBreaksIfSo(const absl::Status& status);

class RegistryDesk {
 public:
  struct Parts {
    registry::RegistryLedger& ledger;
    const registry::RegistrySource& source;
    NodeControl& control;
    journal::Journal& journal;
    const core::Clock& clock;
    telemetry::Log& log;
    const Persons* persons = nullptr;  // null: names alone tell persons apart
  };
  explicit RegistryDesk(const Parts& parts) : parts_(parts) {}
  RegistryDesk(const RegistryDesk&) = delete;
  RegistryDesk& operator=(const RegistryDesk&) = delete;

  // Records what the ledger holds and the journal does not: the first change, made before there was
  // a journal. Once, before anything else.
  absl::Status RecordUnrecorded();

  // What shall become of which entries, and why.
  struct Wanted {
    std::vector<registry::v1::EntryChange> entries;
    registry::v1::ChangeOrigin origin = registry::v1::CHANGE_ORIGIN_OPERATOR;
    uint64_t rolled_back_to = 0;
    std::string reason;
  };
  struct Outcome {
    registry::v1::RegistryProposal plan;  // what it does; its number where it waits
    std::string plan_sha256;              // 32 bytes
    // What becomes of contracts. Looked at, a change that breaks one is shown with what it breaks,
    // and cannot be made; a rollback may break.
    std::vector<registry::v1::ContractDifference> contract_differences;
    uint64_t change = 0;  // the one now in force; 0: none
    uint64_t leaf_index = 0;
  };
  // Says what would come of it.
  absl::StatusOr<Outcome> Look(const std::string& who, Wanted wanted) const;
  absl::StatusOr<Outcome> Propose(const std::string& who, Wanted wanted);

  struct Approved {
    uint64_t change = 0;
    uint64_t leaf_index = 0;
    std::string version;  // of the registry in force
  };
  absl::StatusOr<Approved> Approve(const std::string& who, uint64_t number,
                                   absl::string_view plan_sha256);

  // Makes a change that two persons have agreed on in another way: a request for access. record()
  // is called when nothing but the journal can stand against it any more; it writes the leaf that
  // the change's continues, and gives the request as it is kept together with the change of this
  // number.
  using RecordRequest =
      absl::FunctionRef<absl::StatusOr<registry::v1::AccessRequest>(uint64_t change)>;
  absl::StatusOr<Approved> MakeAgreed(const registry::v1::RegistryProposal& plan,
                                      const std::string& approver, absl::string_view action,
                                      RecordRequest record);

  // may_refuse: who may withdraw others' proposals too.
  absl::Status Withdraw(const std::string& who, bool may_refuse, uint64_t number,
                        const std::string& reason);

  // Builds the registry in force anew, with what peers offer now, and puts it in force.
  absl::Status Rebuild();

  // Those that still count; the others are forgotten when the next one is made.
  absl::StatusOr<std::vector<registry::v1::RegistryProposal>> Open() const;

  // Names a proposal's content: 32 bytes. Its number and leaf are no part of it.
  static std::string PlanDigest(const registry::v1::RegistryProposal& proposal);

 private:
  // A change that can be made.
  struct Ready {
    registry::PreparedChange prepared;
    std::shared_ptr<const registry::RegistrySnapshot> snapshot;
  };
  // Descriptor sets that a change brings, by content.
  using Contracts = std::vector<std::string>;
  absl::StatusOr<registry::v1::RegistryProposal> PlanOf(const std::string& who, Wanted wanted,
                                                        Contracts* contracts) const;
  // The source with contracts that are not kept yet.
  registry::RegistrySource SourceWith(const Contracts& contracts) const;
  absl::StatusOr<std::vector<registry::v1::ContractDifference>> ContractDifferences(
      const registry::v1::RegistryProposal& plan, const registry::RegistrySource& source) const;
  absl::StatusOr<Ready> Check(const registry::v1::RegistryProposal& plan,
                              const std::string& approver,
                              const registry::RegistrySource& source) const;
  // request: what is kept together with the change; null for none.
  absl::StatusOr<Approved> Make(Ready ready, const std::string& who, absl::string_view action,
                                const registry::v1::RegistryProposal& plan,
                                const registry::v1::AccessRequest* request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(deciding_);
  absl::StatusOr<registry::v1::RegistryProposal> Find(uint64_t number) const;
  // Records that an approval was refused, and says why.
  absl::Status RefuseApproval(const registry::v1::RegistryProposal& plan, const std::string& who,
                              exchange::v1::ErrorReason reason) const;
  absl::Status RefuseIfStale(const registry::v1::RegistryProposal& plan) const;
  absl::Status ForgetExpired();
  bool Expired(const registry::v1::RegistryProposal& plan) const;

  const Parts parts_;
  // Held over the disk: one change or decision at a time.
  core::Mutex deciding_;
};

}  // namespace ndx::console

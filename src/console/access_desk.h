// Requests for access (yêu cầu cấp quyền) to what a node that keeps its registry grants.
//
//   Ask ─▶ leaf ─▶ WAITING ┬▶ AskMore ─▶ leaf ─▶ MORE_ASKED ─▶ Answer ─▶ leaf ─▶ WAITING
//                          ├▶ Narrow ─▶ leaf ─▶ WAITING, with less
//                          ├▶ Approve ─▶ leaf ─▶ leaf REGISTRY_CHANGED ─▶ APPROVED and the grant,
//                          kept │                                              together ─▶ in force
//                          ├▶ Refuse ─▶ leaf ─▶ REFUSED
//                          ├▶ Withdraw ─▶ leaf ─▶ WITHDRAWN
//                          └▶ ExpireOld ─▶ leaf ─▶ EXPIRED
//
// A crash behind a leaf leaves a leaf whose step is not kept: it has not been taken, and is taken
// again. The leaf says "access request N sha256 …" of the step, which holds that of the one before.
//
// Thread-safety: thread-safe; everything blocks on the disk. Ownership: everything given outlives
// it.
// Errors: RefusalStatus() of ACCESS_REQUEST_…, PROPOSAL_SAME_PERSON, OPERATOR_REASON_INVALID and
// what RegistryDesk says of the change.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/console/operator_directory.h"
#include "ndx/console/persons.h"
#include "ndx/console/registry_desk.h"
#include "ndx/console/v1/access_request_service.pb.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry.h"
#include "ndx/registry/registry_ledger.h"
#include "ndx/registry/v1/access_request.pb.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

class AccessDesk {
 public:
  struct Parts {
    registry::RegistryLedger& ledger;
    RegistryDesk& changes;
    const registry::Registry& registry;
    journal::Journal& journal;
    const core::Clock& clock;
    telemetry::Log& log;
    const Persons* persons = nullptr;  // null: names alone tell persons apart
  };
  struct Options {
    absl::Duration overdue_after = absl::Hours(24 * 5);
    absl::Duration expires_after = absl::Hours(24 * 90);
  };
  using Request = registry::v1::AccessRequest;

  AccessDesk(const Parts& parts, const Options& options) : parts_(parts), options_(options) {}
  AccessDesk(const AccessDesk&) = delete;
  AccessDesk& operator=(const AccessDesk&) = delete;

  const Options& options() const { return options_; }

  // dry_run: says what would be asked; its number is 0.
  absl::StatusOr<Request> Ask(const OperatorIdentity& who, const v1::AccessWish& wish,
                              const std::string& explanation, bool dry_run);
  absl::StatusOr<Request> AskMore(const OperatorIdentity& who, uint64_t number,
                                  const std::string& question);
  // wish: null where it stays as it is.
  absl::StatusOr<Request> Answer(const OperatorIdentity& who, uint64_t number,
                                 const std::string& answer, const v1::AccessWish* wish);
  absl::StatusOr<Request> Narrow(const OperatorIdentity& who,
                                 const v1::NarrowAccessRequestRequest& narrowing);
  absl::StatusOr<Request> Refuse(const OperatorIdentity& who, uint64_t number,
                                 const std::string& reason);
  absl::StatusOr<Request> Withdraw(const OperatorIdentity& who, uint64_t number,
                                   const std::string& reason);

  struct Granted {
    Request request;
    RegistryDesk::Approved made;
  };
  absl::StatusOr<Granted> Approve(const OperatorIdentity& who, uint64_t number,
                                  absl::string_view plan_sha256);

  // Expires at most so many of those that have waited too long; how many.
  absl::StatusOr<size_t> ExpireOld(size_t most);

  absl::StatusOr<Request> Find(uint64_t number) const;
  absl::StatusOr<std::vector<Request>> Open() const {
    return parts_.ledger.access_requests().Open();
  }
  absl::StatusOr<std::vector<Request>> Closed(uint64_t before, size_t count) const {
    return parts_.ledger.access_requests().Closed(before, count);
  }

  // What an approver approves: the SHA-256 of the newest step, 32 bytes.
  static std::string PlanDigest(const Request& request);
  std::set<std::string> OwnersOf(const Request& request) const;
  bool Overdue(const Request& request) const;
  absl::Time ExpiresAt(const Request& request) const;

 private:
  using Step = registry::v1::AccessStep;
  using Act = registry::v1::AccessStepKind;

  Step StepOf(const Request& request, Act kind, const std::string& by, std::string text) const;
  // The leaf of the step, which then is part of the request.
  absl::Status Record(absl::string_view action, Step step, const std::string& reason,
                      Request& request) const;
  // The same, and kept.
  absl::StatusOr<Request> Take(absl::string_view action, Step step, const std::string& reason,
                               Request request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(deciding_);
  // A request that is in this state and which the operator, as its owner, may decide on.
  absl::StatusOr<Request> FindForOwner(const OperatorIdentity& who, uint64_t number) const;
  absl::StatusOr<Request> FindOwn(const OperatorIdentity& who, uint64_t number) const;
  absl::Status RefuseUnlessWaiting(const Request& request) const;
  absl::Status RefuseApproval(const Request& request, const std::string& who,
                              const absl::Status& why, absl::string_view reason) const;
  absl::StatusOr<registry::v1::Grant> GrantFor(const OperatorIdentity& who,
                                               const v1::AccessWish& wish, uint64_t number) const;
  bool Expired(const Request& request) const;

  const Parts parts_;
  const Options options_;
  // Held over the disk: one step at a time. Taken before the registry desk's.
  core::Mutex deciding_;
};

}  // namespace ndx::console

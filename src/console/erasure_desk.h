// Erasures of what is recorded about a person (xóa theo yêu cầu): one operator asks, another
// approves, and they are carried out here, behind both, as soon as holds and open exchanges let
// them be. The leaves decide: after a crash, what is approved by one is carried out and what is
// withdrawn by one is forgotten, whatever else was written.
//
//   Ask ─▶ leaf ─▶ order kept ┬▶ Approve ─▶ leaf ─▶ key destroyed ─▶ leaf PAYLOAD_ERASED ┬▶ order
//                             └▶ Withdraw ─▶ leaf ───────────────────────────────────────┘
//                             forgotten
//
// Thread-safety: thread-safe; everything blocks on the disk. std::thread: carrying out waits for
// exchanges that are open and rewrites files of keys, and whoever approved does not wait so long.
// Ownership: everything given outlives it. Stop() before the journal is closed.
// Errors: RefusalStatus() of ERASURE_… and JOURNAL_UNAVAILABLE; kUnavailable until the orders of
// the last run have been looked at. No error names the person.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/console/persons.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

class ErasureDesk {
 public:
  struct Parts {
    journal::PayloadKeeper& keeper;
    journal::Journal& journal;
    const journal::JournalReader& reader;
    const core::Clock& clock;
    telemetry::Log& log;
    const Persons* persons = nullptr;  // null: names alone tell persons apart
  };
  struct Options {
    // One attempt waits so long for open exchanges and the follower; Stop() may have to wait for
    // it.
    absl::Duration attempt = absl::Seconds(2);
    // Between attempts.
    absl::Duration pause = absl::Seconds(5);
  };
  ErasureDesk(Parts parts, Options options);
  ~ErasureDesk() { Stop(); }
  ErasureDesk(const ErasureDesk&) = delete;
  ErasureDesk& operator=(const ErasureDesk&) = delete;

  void Stop();

  // subject and order have been checked for their form.
  absl::StatusOr<journal::ErasureOrder> Ask(const std::string& who, absl::string_view subject,
                                            const std::string& order);

  struct Outcome {
    bool carried_out = false;
    bool was_kept = false;    // there was something about the person
    uint64_t leaf_index = 0;  // of PAYLOAD_ERASED
    std::string waits_for;    // if it is not carried out
  };
  // Waits for the outcome as long as `wait`. With a subject, that must be the order's. An order
  // that is approved already is only waited for.
  absl::StatusOr<Outcome> Approve(const std::string& who, uint64_t number,
                                  absl::string_view subject, absl::Duration wait);

  // may_refuse: who may withdraw others' orders too.
  absl::Status Withdraw(const std::string& who, bool may_refuse, uint64_t number,
                        const std::string& reason);

  struct OpenOrder {
    journal::ErasureOrder order;
    std::string approver;
    std::string waits_for;
  };
  absl::StatusOr<std::vector<OpenOrder>> Open() const;

 private:
  // An approved order on its way.
  struct Approval {
    std::string approver;
    uint64_t leaf_index = 0;  // of the approval; exchanges open before it are waited for
    bool erased = false;      // its PAYLOAD_ERASED is in the journal
    Outcome outcome;
  };
  using Approvals = std::map<uint64_t, std::shared_ptr<Approval>>;

  void Run();
  absl::Status Reconcile();
  absl::Status CarryOut(const journal::ErasureOrder& order, Approval& approval,
                        Outcome* outcome) const;
  absl::Status Attempt(uint64_t number, const std::shared_ptr<Approval>& approval);
  absl::StatusOr<journal::ErasureOrder> Find(uint64_t number) const;
  absl::Status RefuseIfHeld(absl::StatusOr<std::optional<journal::LegalHold>> hold) const;
  absl::StatusOr<uint64_t> Record(const std::string& who, absl::string_view action,
                                  const std::string& reason,
                                  const journal::ErasureOrder* order) const;

  const Parts parts_;
  const Options options_;
  // Held over the disk: one asks, approves or withdraws at a time.
  core::Mutex deciding_;
  mutable core::Mutex mutex_ ABSL_ACQUIRED_AFTER(deciding_);
  mutable core::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool reconciled_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t attempting_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the order being carried out
  Approvals approved_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace ndx::console

// Destroys intake keys under which nothing is left. Private to this folder.
//
// Thread-safety: for one thread at a time, while no keys are moved.
//
// Of an hour that is over for long enough, every wrapped exchange key that the follower has passed
// is either moved (its wrap is deleted), or of an exchange that is still open (it is wrapped again
// by the intake key of the present hour). If none stays, the intake key is deleted, and the family
// of keys scrubbed, so that no file of the database holds it any more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "key_ring.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "subject_keys.h"

namespace ndx::journal {

// Hours, since 1970, whose intake keys are kept; ascending.
absl::StatusOr<std::vector<uint64_t>> IntakeHours(const store::Database& database);
absl::Time BeginOfHour(uint64_t hour);

// The exchange keys' wraps kept under the indices of leaves below end.
using Wraps = std::vector<std::pair<uint64_t, v1::WrappedExchangeKey>>;
absl::StatusOr<Wraps> WrapsKept(const store::Database& database, uint64_t end);

class IntakeDisposal {
 public:
  struct Parts {
    store::Database& database;  // the journal's
    KeyRing& ring;
    SubjectKeys& subjects;
    std::function<void(absl::string_view)> at_step;
  };
  explicit IntakeDisposal(Parts parts) : parts_(std::move(parts)) {}

  // Destroys the intake keys of hours that began at this time or before. kFailedPrecondition if the
  // wrap of an exchange that is closed stands in the way, because it could not be moved.
  absl::Status Run(absl::Time begun_by);

 private:
  absl::Status Rewrap(uint64_t leaf, store::Batch* batch) const;
  absl::Status ScrubIfDue();
  void Step(absl::string_view name) const {
    if (parts_.at_step) parts_.at_step(name);
  }

  const Parts parts_;
};

}  // namespace ndx::journal

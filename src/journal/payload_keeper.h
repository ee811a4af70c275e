// What becomes of recorded payloads: the follower that takes their keys from under exchange keys
// and puts them under their subjects', erasure of a subject, legal holds.
//
// Thread-safety: thread-safe. What erases, holds or awaits blocks on the disk: not for an event
// loop. Errors: kFailedPrecondition says what stands in the way, kDeadlineExceeded that the
// follower has not come that far, kNotFound that there is nothing of this name, kDataLoss that the
// journal has stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/payload_subjects.h"
#include "ndx/journal/retention_rules.h"

namespace ndx::journal {

// An intake key must be destroyed within 24 hours, and is made up to ten minutes before its hour.
inline constexpr absl::Duration kIntakeKeysKeptMax = absl::Hours(23);

struct FollowOptions {
  MethodTypesSource types;
  std::vector<LeafObserver*> observers;  // must outlive the journal, or its Close()
  // How often the follower looks whether there is something new.
  absl::Duration interval = absl::Milliseconds(500);
  // How long after the beginning of its hour an intake key is kept; at most kIntakeKeysKeptMax.
  // That long a repeated exchange id can be compared with the first (Recall).
  absl::Duration intake_keys_kept = kIntakeKeysKeptMax;
  size_t leaves_per_round = 1024;
  // How long payloads are kept; by default for ever.
  RetentionRules retention;
  // Called once when something keeps the follower from going on, and once when it goes on again
  // (OK). On its thread.
  std::function<void(const absl::Status&)> on_trouble;
  // For tests: called at each point where a crash must do no harm.
  std::function<void(absl::string_view)> at_step;
};

// How far the follower is.
struct FollowProgress {
  uint64_t next_leaf = 0;  // the first leaf whose keys are not moved yet
  uint64_t size = 0;       // leaves there are
  absl::Duration lag;      // age of that leaf; zero if there is none
  uint64_t intake_keys = 0;
  absl::Time oldest_intake_key = absl::InfiniteFuture();  // the beginning of its hour
  absl::Status trouble;
};

// Keeps payloads from being erased (tạm giữ theo yêu cầu): those of a subject, or of an exchange.
struct LegalHold {
  uint64_t number = 0;
  std::string subject_id;   // internal name of the subject; empty for an exchange
  std::string exchange_id;  // 16 bytes; empty for a subject
  std::string order;        // the decision that it rests on
  std::string operator_name;
  absl::Time time;
  uint64_t leaf_index = 0;  // the leaf that records it
};

// An erasure asked for by one person and not yet approved by another.
struct ErasureOrder {
  uint64_t number = 0;
  std::string subject_id;
  // As in leaves; which of them the subject stands in may be told by it.
  v1::KeyedReference subject;
  std::string order;
  std::string operator_name;
  absl::Time time;
  uint64_t leaf_index = 0;  // the leaf that records the request
  // It has been approved and begun. Until it is forgotten it may be carried out again.
  bool begun = false;
};

class PayloadKeeper {
 public:
  virtual ~PayloadKeeper() = default;

  virtual FollowProgress progress() const = 0;

  // Waits until the follower has passed all leaves there are now and told its observers.
  virtual absl::Status AwaitFollowed(absl::Duration timeout) = 0;

  // A reference under the key of a year, for whoever searches; kNotFound if nothing was referred to
  // in that year.
  virtual absl::StatusOr<v1::KeyedReference> ReferenceOfYear(ReferenceKind kind,
                                                             absl::string_view value,
                                                             uint32_t year) = 0;

  // Keeps an order until it is forgotten. Of the order given, number and subject
  // fields are filled in. kFailedPrecondition while a hold covers the subject.
  virtual absl::StatusOr<ErasureOrder> AddErasureOrder(absl::string_view subject,
                                                       ErasureOrder order) = 0;
  virtual absl::StatusOr<std::vector<ErasureOrder>> ErasureOrders() const = 0;
  // When it is withdrawn, or carried out and its leaf is durable.
  virtual absl::Status ForgetErasureOrder(uint64_t number) = 0;

  // Destroys the key of the order's subject, so that every part of a payload about the subject, of
  // exchanges that were closed before, can be read by nobody, from any file of the journal, with
  // whatever keys are left. Waits, up to the timeout, for the follower and for exchanges that were
  // opened before this leaf. kFailedPrecondition while a hold covers the subject or an exchange
  // with it. Gives whether there was a key. Once begun it is finished by the next start if a crash
  // comes in between; it may be called again, and destroys no key that the subject got since.
  virtual absl::StatusOr<bool> CarryOutErasure(uint64_t number, uint64_t opened_before,
                                               absl::Duration timeout) = 0;

  // The hold that forbids erasing what is about a subject, on the subject itself or on an exchange
  // with a part about it; none if there is none.
  virtual absl::StatusOr<std::optional<LegalHold>> HoldOn(absl::string_view subject) const = 0;
  // The same for the subject of an order.
  virtual absl::StatusOr<std::optional<LegalHold>> HoldOnOrder(uint64_t number) const = 0;

  // One of subject and exchange is given; number and subject_id of the hold are filled in.
  virtual absl::StatusOr<LegalHold> AddHold(absl::string_view subject, LegalHold hold) = 0;
  virtual absl::StatusOr<std::vector<LegalHold>> Holds() const = 0;
  virtual absl::Status ReleaseHold(uint64_t number) = 0;
};

}  // namespace ndx::journal

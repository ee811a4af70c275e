// Where requests are kept that shall be delivered later (hộp thư chuyển tiếp), as the pipeline and
// the node's own service see it. src/mailbox has it.
//
//   Reserve ─▶ leaf SUBMITTED ─▶ Confirm          the request is kept from here on
//           └▶ (the leaf fails) ─▶ Abandon
//
// A crash before Confirm() leaves a place whose leaf tells whether the request is kept: it is
// looked for when the mailbox opens.
//
// Thread-safety: thread-safe; nothing blocks, callbacks come on the mailbox's thread and must not
// block. Ownership: outlives the broker. Errors: kUnavailable once it cannot be written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::broker {

// An exchange id as its consumer's.
struct KeptKey {
  std::string consumer;
  core::ExchangeId exchange_id;
};

// A request to be kept. Nothing in it names a person.
struct KeptRequest {
  KeptKey key;
  std::string method;
  std::string provider;
  journal::v1::KeyedReference order_key;  // without hmac: no order
  absl::Time expires;
  uint64_t bytes = 0;
  bool id_used_before = false;  // the journal has something of this id
};

// What became of a reservation.
struct Reservation {
  std::optional<core::Refusal> refusal;  // no room
  bool existed = false;                  // under this id: where it stands
  exchange::v1::OutcomeState state = exchange::v1::OUTCOME_STATE_KEPT;
  absl::Time expires;
};

class KeptRequests {
 public:
  virtual ~KeptRequests() = default;

  using ReserveCallback = absl::AnyInvocable<void(absl::StatusOr<Reservation>)>;
  // kNotFound: this consumer has submitted nothing with this id.
  using OutcomeCallback = absl::AnyInvocable<void(absl::StatusOr<exchange::v1::Outcome>)>;

  // How long a request is kept for whose caller does not say, and at most.
  virtual absl::Duration keep_default() const = 0;
  virtual absl::Duration keep_most() const = 0;

  // A place on stable storage.
  virtual void Reserve(KeptRequest request, ReserveCallback done) = 0;
  // Its leaf is durable: it may be delivered.
  virtual void Confirm(const KeptKey& key, uint64_t submitted_leaf) = 0;
  virtual void Abandon(const KeptKey& key) = 0;

  // Once it is final, or at the given time of the monotonic clock; 0: at once.
  virtual void AwaitOutcome(KeptKey key, int64_t until_nanos, OutcomeCallback done) = 0;
};

}  // namespace ndx::broker

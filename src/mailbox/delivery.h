// One delivery of a kept request: an exchange like any other, in its consumer's name and under its
// id, from what the journal has of it.
//
// Thread-safety: MakeDelivery() blocks on the disk: not for an event loop. Errors: kNotFound (the
// request can no longer be read whole), kDataLoss, kUnavailable of the journal.
#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "ndx/broker/caller.h"
#include "ndx/broker/exchange.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/mailbox/delivery_verdict.h"
#include "ndx/transport/event_loop.h"

namespace ndx::mailbox {

// Waits for the end of a delivery; the answer is in the journal and not kept here.
//
// Thread-safety: everything on the exchange's loop. Ownership: must outlive its exchange's use of
// it; whoever is told of the end may let go of it.
class DeliveryCaller final : public broker::Caller,
                             public std::enable_shared_from_this<DeliveryCaller> {
 public:
  using Done = absl::AnyInvocable<void(DeliveryEnd)>;
  explicit DeliveryCaller(Done done) : done_(std::move(done)) {}

  void Take(std::shared_ptr<broker::Exchange> exchange) { exchange_ = std::move(exchange); }
  const std::shared_ptr<broker::Exchange>& exchange() const { return exchange_; }

  void SendInitialMetadata(transport::Metadata) override {}
  void SendMessage(transport::Message) override {}
  void Finish(transport::GrpcStatus status, transport::Metadata trailers) override;
  size_t pending_send_bytes() const override { return 0; }

 private:
  Done done_;
  std::shared_ptr<broker::Exchange> exchange_;
};

// The exchange, ready to be submitted to the broker on its loop. submitted is the SUBMITTED leaf.
absl::StatusOr<std::shared_ptr<broker::Exchange>> MakeDelivery(const journal::StoredLeaf& submitted,
                                                               uint32_t attempts_before,
                                                               const journal::JournalReader& reader,
                                                               transport::EventLoop& loop,
                                                               broker::Caller& caller);

}  // namespace ndx::mailbox

// Turns a refusal into what goes over the wire (form: core/refusal_details.h).
//
// The status carries google.rpc.Status with ErrorInfo (domain "ndx", reason, metadata fault and
// node), RequestInfo (exchange id), LocalizedMessage in Vietnamese and English, and where they help
// BadRequest, QuotaFailure and RetryInfo. The message is the Vietnamese text, then the English one.
// No value of the request is repeated.
//
// Thread-safety: thread-safe (pure functions).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/transport/grpc_status.h"

namespace ndx::broker {

// The refusal of an exchange for want of the node's own capacity or memory.
core::Refusal NodeOverloaded(absl::Duration retry_after);

// Whether who hears this reason knows that the provider has seen nothing of this exchange id: a
// change may then be asked for again.
bool SaysNothingWasSent(exchange::v1::ErrorReason reason);

// The wire status of a refusal. `node` is the node's name, for whoever has to ask.
transport::GrpcStatus RenderRefusal(const core::Refusal& refusal, const core::ExchangeId& id,
                                    absl::string_view node);

// One refusal rendered for many exchanges, which differ in their ids only.
class RefusalTemplate {
 public:
  RefusalTemplate(const core::Refusal& refusal, absl::string_view node);

  // As RenderRefusal() of the same refusal.
  transport::GrpcStatus For(const core::ExchangeId& id) const;

 private:
  transport::GrpcStatus rendered_;  // for some exchange, whose id ends the details
};

// Bytes of a provider's message that are passed on.
inline constexpr size_t kProviderMessageBytesMax = 512;

// The wire status of an error that a provider answered: its code, its message up to the limit and
// its details as they are, and behind them ErrorInfo and RequestInfo of the node, so that the
// caller always finds fault and exchange id. An ErrorInfo in the name of this bus is taken out: a
// provider is not the bus.
transport::GrpcStatus RenderProviderError(const transport::GrpcStatus& from_provider,
                                          absl::string_view provider, const core::ExchangeId& id,
                                          absl::string_view node);

}  // namespace ndx::broker

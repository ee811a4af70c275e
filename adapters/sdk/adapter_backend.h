// What ndx.adapter.v1.AdapterService needs to know from the author of an adapter, beside the
// methods themselves.
//
// Thread-safety: implementations are thread-safe; called from worker threads.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/sdk/call_context.h"

namespace ndx::sdk {

class AdapterBackend {
 public:
  virtual ~AdapterBackend() = default;

  // OK when the database answers. The text of an error is shown to operators.
  virtual absl::Status CheckDatabase(CallContext& context) = 0;

  // What became of a change, by its idempotency key: DONE with the kept answer or NOT_DONE. An
  // error means that it cannot be told now. The default suits adapters that only read.
  virtual absl::StatusOr<adapter::v1::GetExchangeStatusResponse> FindExchange(
      absl::string_view idempotency_key, CallContext& context) {
    (void)idempotency_key, (void)context;
    adapter::v1::GetExchangeStatusResponse nothing_changes_here;
    nothing_changes_here.set_outcome(adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    return nothing_changes_here;
  }
};

}  // namespace ndx::sdk

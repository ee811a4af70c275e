// What a method of an adapter may know about the call it works for.
//
// Thread-safety: thread-compatible; belongs to the worker that runs the call.
// Ownership: call, reply and clock must outlive it.
#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ndx/adapters/sdk/adapter_call.h"
#include "ndx/adapters/sdk/adapter_reply.h"
#include "ndx/core/clock.h"

namespace ndx::sdk {

class CallContext {
 public:
  // reply is null for work that no caller waits for.
  CallContext(const AdapterCall& call, AdapterReply* reply, const core::Clock& clock)
      : call_(call), reply_(reply), clock_(clock) {}
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  const AdapterCall& call() const { return call_; }
  const core::Clock& clock() const { return clock_; }

  // The consumer on whose behalf the node asks; "local" where no node says so.
  absl::string_view consumer() const {
    const absl::string_view named = call_.Metadata(kConsumerKey);
    return named.empty() ? absl::string_view("local") : named;
  }

  bool cancelled() const { return reply_ != nullptr && reply_->cancelled(); }

  // What is left until the deadline, never negative; InfiniteDuration without one.
  absl::Duration Remaining() const;

  // OK, CANCELLED, or DEADLINE_EXCEEDED: to be asked before work that takes time.
  absl::Status Check() const;

  // See AdapterReply::SetCancelCallback.
  void SetCancelCallback(absl::AnyInvocable<void()> callback) {
    if (reply_ != nullptr) reply_->SetCancelCallback(std::move(callback));
  }

 private:
  const AdapterCall& call_;
  AdapterReply* const reply_;
  const core::Clock& clock_;
};

}  // namespace ndx::sdk

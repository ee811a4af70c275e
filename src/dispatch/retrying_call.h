// A dispatched call over its attempts. Private to src/dispatch.
//
// Thread-safety: everything on the dispatcher's loop.
#pragma once

#include <memory>

#include "ndx/dispatch/dispatcher.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::dispatch {

// A deadline that passes says something bad about the provider only if it had this long, or the
// method's default deadline where that is shorter: callers who allow a millisecond must not be able
// to close a provider to everybody else.
inline constexpr absl::Duration kPatienceMost = absl::Seconds(5);

class RetryingCall final : public DispatchCall, public transport::ClientCallObserver {
 public:
  RetryingCall(transport::EventLoop& loop, core::Random& random,
               std::shared_ptr<Dispatcher::Target> target, DispatchRequest request,
               DispatchObserver* observer);
  ~RetryingCall() override;

  // Makes the first attempt, or posts the refusal.
  void Begin();

  void Cancel() override;
  void ReleaseReceived(size_t bytes) override;

 private:
  void OnInitialMetadata(transport::Metadata metadata) override;
  void OnMessage(transport::Message message) override;
  void OnEnd(transport::CallEnd end) override;

  void Attempt();
  absl::Duration PauseBeforeRetry();
  bool MayRetry(const transport::CallEnd& end, absl::Duration pause) const;
  // Retries are, by order of an operator.
  bool Stopped() const;
  bool SaysNothingOfProvider(const transport::CallEnd& end) const;
  void TellBreaker(const transport::CallEnd& end);
  void EndLater(core::Refusal refusal, transport::EndCause cause);
  void EndNow(DispatchEnd end);
  FailedCall Facts() const;

  transport::EventLoop& loop_;
  core::Random& random_;
  const std::shared_ptr<Dispatcher::Target> target_;
  DispatchObserver* const observer_;

  // Of the request; entries of the registry are not kept.
  const transport::CallHead head_;
  const transport::Message message_;
  const int64_t deadline_nanos_;
  const registry::RetryRules retry_;
  const bool changes_;
  const std::string owner_;
  const std::string peer_;
  const absl::Duration patience_;
  const int64_t began_nanos_;

  std::unique_ptr<transport::ClientCall> call_;
  transport::EventLoop::TimerId timer_;
  transport::CallEnd last_end_;  // of the attempt before, while the timer runs
  int64_t attempt_began_nanos_ = 0;
  uint32_t attempts_ = 0;
  ProviderPlace place_;
  const bool place_given_;
  bool delivered_anything_ = false;
  bool cancelled_ = false;
  // Over the attempts that have ended.
  transport::Delivery delivery_ = transport::Delivery::kNotSent;
};

}  // namespace ndx::dispatch

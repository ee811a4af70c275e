// An adapter that answers as it was told: at once, later, wrongly or never.
//
//   auto adapter = std::make_shared<FakeAdapter>();
//   adapter->AnswerWith({"bytes"});                  // from now on
//   adapter->Hang();  …  adapter->reply(0)->Finish(absl::OkStatus());
//
// Thread-safety: thread-safe. Ownership: replies of hanging calls are kept until the adapter goes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/mutex.h"

namespace ndx::tests {

class FakeAdapter final : public sdk::Adapter {
 public:
  using Behaviour = std::function<void(const sdk::AdapterCall&, sdk::AdapterReply&)>;

  FakeAdapter() { AnswerWith({""}); }

  // Sends these messages and ends with the status.
  void AnswerWith(std::vector<std::string> messages, absl::Status status = absl::OkStatus()) {
    Do([messages = std::move(messages), status = std::move(status)](const sdk::AdapterCall&,
                                                                    sdk::AdapterReply& reply) {
      for (const std::string& message : messages) {
        reply.SendMessage(std::make_shared<const std::string>(message));
      }
      reply.Finish(status);
    });
  }

  // Never answers by itself.
  void Hang() {
    Do([](const sdk::AdapterCall&, sdk::AdapterReply&) {});
  }

  void Do(Behaviour behaviour) {
    const core::MutexLock lock(mutex_);
    behaviour_ = std::move(behaviour);
  }

  size_t count() const {
    const core::MutexLock lock(mutex_);
    return calls_.size();
  }
  sdk::AdapterCall call(size_t index) const {
    const core::MutexLock lock(mutex_);
    return calls_.at(index);
  }
  std::shared_ptr<sdk::AdapterReply> reply(size_t index) const {
    const core::MutexLock lock(mutex_);
    return replies_.at(index);
  }

  const sdk::AdapterDescriptor& descriptor() const override { return descriptor_; }

  void Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply) override {
    Behaviour behaviour;
    {
      const core::MutexLock lock(mutex_);
      calls_.push_back(call);
      replies_.push_back(reply);
      behaviour = behaviour_;
    }
    behaviour(call, *reply);
  }

 private:
  mutable core::Mutex mutex_;
  Behaviour behaviour_ ABSL_GUARDED_BY(mutex_);
  std::vector<sdk::AdapterCall> calls_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<sdk::AdapterReply>> replies_ ABSL_GUARDED_BY(mutex_);
  sdk::AdapterDescriptor descriptor_;
};

}  // namespace ndx::tests

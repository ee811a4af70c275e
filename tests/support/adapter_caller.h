// Calls an adapter and waits for its answer, as a node would without its event loop.
//
// Thread-safety: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {

// Keeps what arrives.
class KeptReply final : public sdk::AdapterReply {
 public:
  // Waits for the last word.
  absl::Status Await();
  // Waits until so many messages have arrived, or the end; how many there are.
  size_t AwaitMessages(size_t count);
  std::vector<sdk::MessageBytes> messages();

 protected:
  void DeliverMessage(sdk::MessageBytes message) override;
  void DeliverFinish(absl::Status status) override;

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::vector<sdk::MessageBytes> messages_ ABSL_GUARDED_BY(mutex_);
};

// One call to be made.
template <typename Request>
sdk::AdapterCall CallOf(const std::string& method, const Request& request,
                        const std::string& exchange_id = "") {
  sdk::AdapterCall call;
  call.method = method;
  call.request = std::make_shared<const std::string>(request.SerializeAsString());
  call.exchange_id = exchange_id;
  call.idempotency_key = exchange_id;
  return call;
}

// All answers of a call, or its error.
template <typename Answer>
absl::StatusOr<std::vector<Answer>> Collect(sdk::Adapter& adapter, sdk::AdapterCall call) {
  auto reply = std::make_shared<KeptReply>();
  adapter.Begin(std::move(call), reply);
  NDX_RETURN_IF_ERROR(reply->Await());
  std::vector<Answer> answers;
  for (const sdk::MessageBytes& message : reply->messages()) {
    NDX_CHECK(answers.emplace_back().ParseFromString(*message));
  }
  return answers;
}

// The one answer of a call, or its error.
template <typename Answer>
absl::StatusOr<Answer> Ask(sdk::Adapter& adapter, sdk::AdapterCall call) {
  auto answers = Collect<Answer>(adapter, std::move(call));
  if (!answers.ok()) return answers.status();
  NDX_CHECK(answers->size() == 1);
  return answers->front();
}

}  // namespace ndx::tests

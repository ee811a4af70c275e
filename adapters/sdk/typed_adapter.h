// The adapter that an author gets from a table of methods and a backend: parses and checks
// requests, runs them on worker threads, serialises answers, counts, and serves
// ndx.adapter.v1.AdapterService.
//
//   Begin ──▶ queue (bounded) ──▶ worker: deadline? cancelled? parse, check, method ──▶ reply
//
// AdapterService has a thread and queue of its own, so that health and the outcome of an exchange
// can still be asked when the workers are stuck.
//
// Thread-safety: thread-safe.
// Ownership: owns the backend and the workers; the clock must outlive it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/adapters/sdk/adapter_backend.h"
#include "ndx/adapters/sdk/method_table.h"
#include "ndx/adapters/sdk/worker_pool.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"

namespace ndx::sdk {

struct TypedAdapterOptions {
  WorkerPoolOptions workers;
  // Questions to AdapterService that may wait.
  size_t control_queue_max = 64;
};

class TypedAdapter final : public Adapter {
 public:
  // NDX_CHECKs that every method of the table's service is served.
  TypedAdapter(const core::Clock& clock, AdapterDescriptor descriptor, MethodTable methods,
               std::unique_ptr<AdapterBackend> backend, TypedAdapterOptions options);
  ~TypedAdapter() override;

  const AdapterDescriptor& descriptor() const override { return descriptor_; }
  void Begin(AdapterCall call, std::shared_ptr<AdapterReply> reply) override;

  AdapterBackend& backend() { return *backend_; }

 private:
  class QueuedCall;

  void BeginOn(WorkerPool& pool, const MethodTable::Method& method, AdapterCall call,
               std::shared_ptr<AdapterReply> reply);
  // On a worker. The final status; messages have gone out by then.
  absl::Status Serve(const MethodTable::Method& method, const AdapterCall& call,
                     AdapterReply& reply);
  absl::Status ServeUnary(const MethodTable::Method& method,
                          const google::protobuf::Message& request, AdapterReply& reply,
                          CallContext& context);
  MethodTable ControlMethods();
  absl::Status Describe(const adapter::v1::DescribeRequest& request,
                        adapter::v1::DescribeResponse& answer, CallContext& context);
  absl::Status CheckHealth(const adapter::v1::CheckHealthRequest& request,
                           adapter::v1::CheckHealthResponse& answer, CallContext& context);
  absl::Status GetExchangeStatus(const adapter::v1::GetExchangeStatusRequest& request,
                                 adapter::v1::GetExchangeStatusResponse& answer,
                                 CallContext& context);

  const core::Clock& clock_;
  const AdapterDescriptor descriptor_;
  const MethodTable methods_;
  const MethodTable control_methods_;
  const std::unique_ptr<AdapterBackend> backend_;

  // Calls answered with OK, by full method name "package.Service.Method"; keys are constant.
  std::map<std::string, std::atomic<uint64_t>> answered_;

  core::Mutex mutex_;
  // Idempotency keys of changes that wait or run; a key may stand twice.
  std::multiset<std::string> running_ ABSL_GUARDED_BY(mutex_);
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time serving_since_ ABSL_GUARDED_BY(mutex_);

  // Last, so that they stop first.
  WorkerPool workers_;
  WorkerPool control_;
};

}  // namespace ndx::sdk

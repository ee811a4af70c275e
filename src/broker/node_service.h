// ndx.exchange.v1.ExchangeService: what the node itself answers to every registered system. It is
// called through all stages like any provider, as an adapter inside the process.
//
// Submit is not called here: stages/submit_stage.h takes it.
//
// Thread-safety: thread-safe. Ownership: what it is given must outlive it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/broker/kept_requests.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry.h"

namespace ndx::broker {

// Paths of what nodes ask each other.
inline constexpr char kGetReceiptMethod[] = "/ndx.exchange.v1.ExchangeService/GetReceipt";
inline constexpr char kGetServiceFeedMethod[] = "/ndx.exchange.v1.ExchangeService/GetServiceFeed";

// Longest wait of WaitOutcome, and the one where its caller says none.
inline constexpr absl::Duration kOutcomeWaitMost = absl::Minutes(10);
inline constexpr absl::Duration kOutcomeWaitDefault = absl::Minutes(1);

// Methods whose answer holds that of another exchange: it is sealed there, under the keys of whom
// it concerns, and must not be kept a second time where an erasure does not find it.
bool AnswersFromRecord(absl::string_view method);

class NodeService final : public sdk::Adapter {
 public:
  // kept may be null: nothing is kept then.
  NodeService(journal::Journal& journal, const registry::Registry& registry, KeptRequests* kept,
              const core::Clock& clock);

  const sdk::AdapterDescriptor& descriptor() const override { return descriptor_; }
  void Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply) override;

 private:
  void GetReceipt(const sdk::AdapterCall& call, std::shared_ptr<sdk::AdapterReply> reply);
  void GetServiceConfig(const sdk::AdapterCall& call, sdk::AdapterReply& reply) const;
  void GetServiceFeed(const sdk::AdapterCall& call, sdk::AdapterReply& reply);
  void GetOutcome(const sdk::AdapterCall& call, std::shared_ptr<sdk::AdapterReply> reply);
  void WaitOutcome(const sdk::AdapterCall& call, std::shared_ptr<sdk::AdapterReply> reply);
  template <typename Response>
  void Answer(const sdk::AdapterCall& call, const std::string& exchange_id, int64_t until_nanos,
              std::shared_ptr<sdk::AdapterReply> reply);

  // The feed of a peer by the registry in force: made once for each.
  std::shared_ptr<const exchange::v1::GetServiceFeedResponse> FeedFor(
      const std::shared_ptr<const registry::RegistrySnapshot>& snapshot,
      const registry::PeerEntry& peer);

  journal::Journal& journal_;
  const registry::Registry& registry_;
  KeptRequests* const kept_;
  const core::Clock& clock_;
  sdk::AdapterDescriptor descriptor_;
  core::Mutex feeds_mutex_;
  std::weak_ptr<const registry::RegistrySnapshot> feeds_of_ ABSL_GUARDED_BY(feeds_mutex_);
  std::map<std::string, std::shared_ptr<const exchange::v1::GetServiceFeedResponse>> feeds_
      ABSL_GUARDED_BY(feeds_mutex_);  // by the peer's system
};

}  // namespace ndx::broker

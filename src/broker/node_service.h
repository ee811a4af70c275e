// ndx.exchange.v1.ExchangeService: what the node itself answers to every registered system. It is
// called through all stages like any provider, as an adapter inside the process.
//
// Thread-safety: thread-safe. Ownership: journal and registry must outlive it.
#pragma once

#include <memory>

#include "ndx/adapters/sdk/adapter.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry.h"

namespace ndx::broker {

class NodeService final : public sdk::Adapter {
 public:
  NodeService(journal::Journal& journal, const registry::Registry& registry);

  const sdk::AdapterDescriptor& descriptor() const override { return descriptor_; }
  void Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply) override;

 private:
  void GetReceipt(const sdk::AdapterCall& call, std::shared_ptr<sdk::AdapterReply> reply);

  journal::Journal& journal_;
  const registry::Registry& registry_;
  sdk::AdapterDescriptor descriptor_;
};

}  // namespace ndx::broker

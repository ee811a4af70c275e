// The data plane of a node: the stages of every event loop, and what they share.
//
//   Broker broker(options, parts);
//   Server server(loops, …, broker.face(), …);
//
// Thread-safety: face() as ServerService asks; Make() only on the exchange's loop; the rest
// thread-safe. Ownership: everything in BrokerParts must outlive the broker; the loops must run
// while it is destroyed, after the server that uses its face. The loops must also outlive the
// journal's last callback. Exchanges still under way then end without a word: what was opened is
// found in doubt when the node starts again.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ndx/broker/admission.h"
#include "ndx/broker/capacity.h"
#include "ndx/broker/delivery.h"
#include "ndx/broker/exchange_meter.h"
#include "ndx/broker/grpc_face.h"
#include "ndx/broker/kept_requests.h"
#include "ndx/broker/limit_watch.h"
#include "ndx/broker/refusal_counter.h"
#include "ndx/broker/relay_request.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/dispatch/dispatcher.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry.h"
#include "ndx/routing/rate_limiter.h"
#include "ndx/security/authenticator.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::broker {

struct BrokerOptions {
  std::string node;     // VN:GOV:<member>:<system> of the node itself
  std::string contact;  // whom callers should turn to
  dispatch::UpstreamOptions upstreams;
  AdmissionOptions admission;
  CapacityOptions capacity;
  std::set<Limit> limits_in_shadow;
  DeliverySigner sign_delivery;  // with the node's own key
  RelaySigner sign_relay;        // likewise; empty where nothing is passed on to other nodes
};

struct BrokerParts {
  transport::EventLoopGroup& loops;
  const core::Clock& clock;
  core::Random& random;
  journal::Journal& journal;
  const registry::Registry& registry;
  const security::Authenticator& authenticator;
  routing::RateLimiter& limiter;
  dispatch::ProviderStates& providers;
  const dispatch::EmbeddedAdapters& adapters;
  telemetry::MetricRegistry& metrics;
  telemetry::Log& log;
  KeptRequests* kept = nullptr;  // null: nothing is kept
};

class Broker {
 public:
  Broker(BrokerOptions options, const BrokerParts& parts);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Where calls of the data plane arrive.
  transport::ServerService& face() { return *face_; }

  // Makes an exchange of the node's own (a replay) go through all stages on its loop, which must be
  // one of the group. The exchange must have replay, path, metadata and request set.
  void Submit(const std::shared_ptr<Exchange>& exchange);

  // Lets go of what only earlier registries named: channels, breakers, quota counters. Exchanges
  // under way keep what they use. Thread-safe.
  void RegistryChanged();

  // The node's own certificates, towards providers, are others now: new connections show them,
  // calls under way end on the old ones. Thread-safe.
  void CertificatesChanged();

  // The dispatcher of a loop, for questions to adapters that are no exchanges.
  dispatch::Dispatcher& DispatcherOf(transport::EventLoop& loop);

  // The metadata with which a peer's node is asked something in a consumer's name; nothing where
  // this node speaks to no peer. Thread-safe.
  std::optional<transport::Metadata> QuestionToPeer(const RelayWay& way, absl::string_view method,
                                                    absl::string_view message) const;

  Admission& admission() { return admission_; }
  const Capacity& capacity() const { return capacity_; }
  RefusalCounter& refusals() { return refusals_; }

 private:
  struct Lane;

  const BrokerOptions options_;
  const BrokerParts parts_;
  const LimitWatch watch_;
  Admission admission_;
  Capacity capacity_;
  RefusalCounter refusals_;
  ExchangeMetrics metrics_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // one for each loop
  std::unique_ptr<GrpcFace> face_;
};

}  // namespace ndx::broker

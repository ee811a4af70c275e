#include "ndx/broker/broker.h"

#include <utility>

#include "ndx/broker/stages/admit_stage.h"
#include "ndx/broker/stages/answer_stage.h"
#include "ndx/broker/stages/authenticate_stage.h"
#include "ndx/broker/stages/authorize_stage.h"
#include "ndx/broker/stages/close_stage.h"
#include "ndx/broker/stages/dispatch_stage.h"
#include "ndx/broker/stages/keep_stage.h"
#include "ndx/broker/stages/meter_stage.h"
#include "ndx/broker/stages/minimise_stage.h"
#include "ndx/broker/stages/next_receipt_stage.h"
#include "ndx/broker/stages/open_stage.h"
#include "ndx/broker/stages/recall_stage.h"
#include "ndx/broker/stages/resolve_stage.h"
#include "ndx/broker/stages/room_stage.h"
#include "ndx/broker/stages/share_stage.h"
#include "ndx/broker/stages/submit_stage.h"
#include "ndx/core/status_macros.h"

namespace ndx::broker {

// What one event loop has of its own.
struct Broker::Lane {
  Lane(transport::EventLoop& on_loop, const BrokerOptions& options, const BrokerParts& parts,
       ExchangeMetrics& metrics, Capacity& capacity, const LimitWatch& watch,
       RefusalCounter& refusals)
      : loop(on_loop),
        dispatcher(
            on_loop, parts.random, parts.providers,
            dispatch::NetworkAndEmbedded(on_loop, parts.random, parts.adapters, options.upstreams)),
        door({.clock = parts.clock,
              .random = parts.random,
              .capacity = capacity,
              .watch = watch,
              .refusals = refusals,
              .metrics = metrics},
             options.node),
        meter(parts.clock, metrics, parts.log) {}

  transport::EventLoop& loop;
  dispatch::Dispatcher dispatcher;
  EarlyRefusal door;
  ExchangeMeter meter;
  AnswerSizes sizes;
  HopTimes hops;
  Pipeline pipeline;
};

namespace {

// What a group of the journal waits for company while the node is overloaded: it is then short of
// the processor time that a group costs, and nobody is answered much later than the limit aims at.
constexpr absl::Duration kOverloadedGroupPause = absl::Milliseconds(20);

// The stages in their order; those from `ending` on always run.
struct StageList {
  std::vector<std::unique_ptr<Stage>> stages;
  size_t ending = 0;

  template <typename S, typename... Args>
  void Add(Args&&... args) {
    stages.push_back(std::make_unique<S>(std::forward<Args>(args)...));
  }
};

}  // namespace

Broker::Broker(BrokerOptions options, const BrokerParts& parts)
    : options_(std::move(options)),
      parts_(parts),
      watch_(options_.limits_in_shadow, parts.metrics, parts.log),
      admission_(options_.admission, watch_),
      capacity_(options_.capacity,
                [&journal = parts_.journal](bool limited) {
                  journal.SetGroupPause(limited ? kOverloadedGroupPause : absl::ZeroDuration());
                }),
      metrics_(parts.metrics) {
  GrpcFace::Lanes lanes;
  for (size_t i = 0; i < parts.loops.size(); ++i) {
    auto lane = std::make_unique<Lane>(parts.loops.loop(i), options_, parts, metrics_, capacity_,
                                       watch_, refusals_);
    Pipeline& pipeline = lane->pipeline;
    const core::Clock& clock = parts.clock;
    StageList list;
    list.Add<AdmitStage>(clock, parts.random, admission_, parts.journal, options_.contact);
    list.Add<AuthenticateStage>(clock, admission_, parts.registry, parts.authenticator,
                                options_.node, options_.contact);
    list.Add<ResolveStage>(clock, options_.node);
    list.Add<SubmitStage>(clock);
    list.Add<ShareStage>(clock, capacity_, watch_, lane->door);
    list.Add<AuthorizeStage>(clock, options_.node);
    list.Add<RecallStage>(pipeline, admission_, parts.journal, options_.contact);
    list.Add<KeepStage>(pipeline, clock, parts.journal, parts.kept, options_.contact);
    list.Add<MeterStage>(clock, parts.limiter, parts.journal, watch_, parts.log, options_.contact);
    list.Add<RoomStage>(pipeline, clock, admission_, lane->dispatcher, lane->sizes, watch_);
    list.Add<OpenStage>(pipeline, clock, parts.journal, options_.contact);
    list.Add<DispatchStage>(pipeline, clock, parts.random, admission_, lane->dispatcher,
                            lane->sizes, lane->hops, options_.sign_relay, options_.contact);
    list.ending = list.stages.size();
    list.Add<NextReceiptStage>(pipeline, clock, parts.random, lane->dispatcher,
                               options_.sign_relay);
    list.Add<MinimiseStage>(clock, lane->hops);
    list.Add<CloseStage>(pipeline, clock, parts.journal, refusals_, capacity_, options_.contact);
    list.Add<AnswerStage>(admission_, lane->meter, options_.node, options_.sign_delivery);
    pipeline.SetStages(std::move(list.stages), list.ending);
    lanes[&lane->loop] = {.pipeline = &pipeline, .door = &lane->door};
    lanes_.push_back(std::move(lane));
  }
  face_ = std::make_unique<GrpcFace>(std::move(lanes), admission_);
}

Broker::~Broker() {
  // Channels and calls belong to their loops: they end there.
  for (auto& lane : lanes_) {
    transport::EventLoop& loop = lane->loop;
    loop.RunAndWait([&lane] { lane.reset(); });
  }
}

void Broker::Submit(const std::shared_ptr<Exchange>& exchange) {
  for (auto& lane : lanes_) {
    if (&lane->loop == &exchange->loop) return lane->pipeline.Start(*exchange);
  }
  NDX_CHECK(false);
}

void Broker::RegistryChanged() {
  const auto registry = parts_.registry.Current();
  parts_.providers.Forget(*registry);
  parts_.limiter.Forget(*registry);
  for (auto& lane : lanes_) {
    lane->loop.Post([&dispatcher = lane->dispatcher, registry] { dispatcher.Forget(*registry); });
  }
}

void Broker::CertificatesChanged() {
  for (auto& lane : lanes_) {
    lane->loop.Post([&dispatcher = lane->dispatcher] { dispatcher.Renew(); });
  }
}

dispatch::Dispatcher& Broker::DispatcherOf(transport::EventLoop& loop) {
  for (auto& lane : lanes_) {
    if (&lane->loop == &loop) return lane->dispatcher;
  }
  NDX_CHECK(false);
}

std::optional<transport::Metadata> Broker::QuestionToPeer(const RelayWay& way,
                                                          absl::string_view method,
                                                          absl::string_view message) const {
  if (!options_.sign_relay) return std::nullopt;
  return QuestionMetadata(way, method, message,
                          core::ExchangeId::Generate(parts_.clock, parts_.random),
                          options_.sign_relay, parts_.clock.Now());
}

}  // namespace ndx::broker

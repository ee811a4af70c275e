#include "ndx/replay/resolver.h"

#include <optional>
#include <utility>

#include "ndx/broker/node_service.h"
#include "ndx/broker/relay_answer.h"
#include "ndx/core/not_now.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/routing/router.h"

namespace ndx::replay {
namespace {

using adapter::v1::ExchangeOutcome;
using journal::v1::JournalLeaf;

constexpr char kStatusMethod[] = "/ndx.adapter.v1.AdapterService/GetExchangeStatus";

constexpr auto kUnknownStatus = static_cast<uint32_t>(absl::StatusCode::kUnknown);

// The method as the registry would hold it if the adapter service were registered.
registry::MethodEntry StatusMethod() {
  registry::MethodEntry method;
  method.path = kStatusMethod;
  method.rules.set_effect(options::v1::EFFECT_READ);
  method.rules.set_message_bytes_max(core::kMessageBytesMax);
  method.default_deadline = method.deadline_max = kStatusDeadline;
  return method;
}

JournalLeaf ResolvedLeaf(const JournalLeaf& doubt, const OperatorAct& act,
                         ExchangeOutcome outcome) {
  JournalLeaf leaf;
  leaf.set_event(journal::v1::JOURNAL_EVENT_RESOLVED);
  leaf.set_exchange_id(doubt.exchange_id());
  leaf.set_consumer(doubt.consumer());
  leaf.set_provider(doubt.provider());
  leaf.set_method(doubt.method());
  const bool made = outcome == adapter::v1::EXCHANGE_OUTCOME_DONE;
  leaf.set_resolution(made ? "done" : "not_done");
  // The journal reads from the status what the exchange is from now on: answered or failed.
  const uint32_t doubted = doubt.grpc_status();
  leaf.set_grpc_status(made ? 0 : doubted != 0 ? doubted : kUnknownStatus);
  leaf.set_operator_name(act.operator_name);
  leaf.set_operator_action(act.action);
  leaf.set_operator_reason(act.reason);
  return leaf;
}

// What a peer's record says became of an exchange that is in doubt here. Its newest leaf: one that
// is refused may stand behind one that was made, so that it says nothing.
ExchangeOutcome OutcomeIn(const JournalLeaf& record) {
  switch (record.event()) {
    case journal::v1::JOURNAL_EVENT_ANSWERED:
      // Some libraries say "not now" of a call that they broke off.
      if (core::SaysNotNow(static_cast<int>(record.grpc_status()))) {
        return adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED;
      }
      [[fallthrough]];
    case journal::v1::JOURNAL_EVENT_RESOLVED:
      return record.grpc_status() == 0 ? adapter::v1::EXCHANGE_OUTCOME_DONE
                                       : adapter::v1::EXCHANGE_OUTCOME_NOT_DONE;
    case journal::v1::JOURNAL_EVENT_FAILED:
      return adapter::v1::EXCHANGE_OUTCOME_NOT_DONE;
    case journal::v1::JOURNAL_EVENT_REQUEST_OPENED:
      return adapter::v1::EXCHANGE_OUTCOME_RUNNING;
    default:
      return adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED;
  }
}

// The exchange's id at the provider, and at a peer: of one made again by operators the first one's.
const std::string& IdOf(const JournalLeaf& doubt) {
  return doubt.replay_of().empty() ? doubt.exchange_id() : doubt.replay_of();
}

std::string IdText(const JournalLeaf& doubt) {
  const auto id = core::ExchangeId::FromBytes(IdOf(doubt));
  return id.ok() ? id->ToString() : "";
}

broker::RelayWay WayOf(const JournalLeaf& doubt, const registry::PeerEntry& peer) {
  return {.origin = doubt.consumer(),
          .origin_certificate = doubt.certificate_sha256(),
          .path = {doubt.relay_path().begin(), doubt.relay_path().end()},
          .peer = peer.system->id.text()};
}

}  // namespace

// One question to one provider, on one loop; keeps itself alive until it is answered.
class Resolver::Question final : public dispatch::DispatchObserver,
                                 public std::enable_shared_from_this<Question> {
 public:
  Question(journal::Journal& journal, std::shared_ptr<const registry::RegistrySnapshot> registry,
           JournalLeaf doubt, OperatorAct act, Callback done)
      : journal_(journal),
        registry_(std::move(registry)),
        doubt_(std::move(doubt)),
        act_(std::move(act)),
        done_(std::move(done)) {}

  void Ask(broker::Broker& broker, transport::EventLoop& loop,
           const registry::ProviderEntry& provider, int64_t now_nanos) {
    self_ = shared_from_this();
    peer_ = provider.via;
    const registry::MethodEntry of_adapter = StatusMethod();
    dispatch::DispatchRequest request{
        .method = &of_adapter,
        .provider = &provider,
        .registry = registry_,
        .deadline_nanos = now_nanos + absl::ToInt64Nanoseconds(kStatusDeadline)};
    if (peer_ != nullptr) {
      exchange::v1::GetReceiptRequest asked;
      asked.set_exchange_id(IdText(doubt_));
      request.message = transport::MakeMessage(asked.SerializeAsString());
      request.method = registry_->FindMethod(broker::kGetReceiptMethod);
      auto metadata =
          broker.QuestionToPeer(WayOf(doubt_, *peer_), broker::kGetReceiptMethod, *request.message);
      if (request.method == nullptr || !metadata.has_value()) return CannotTell();
      request.metadata = *std::move(metadata);
    } else {
      adapter::v1::GetExchangeStatusRequest asked;
      asked.set_exchange_id(IdText(doubt_));
      request.message = transport::MakeMessage(asked.SerializeAsString());
    }
    call_ = broker.DispatcherOf(loop).Start(std::move(request), this);
  }

  void OnInitialMetadata(transport::Metadata) override {}

  void OnMessage(transport::Message message) override {
    if (peer_ != nullptr) return ReadReceipt(*message);
    adapter::v1::GetExchangeStatusResponse answer;
    if (answer.ParseFromString(*message)) outcome_ = answer.outcome();
  }

  void OnEnd(dispatch::DispatchEnd end) override {
    const std::shared_ptr<Question> self = std::move(self_);
    const auto ended = std::move(call_);
    if (end.refusal.has_value()) return done_(*std::move(end.refusal));
    // A provider that does not serve the question, or says it cannot tell, leaves the doubt.
    if (!end.call.status.ok()) outcome_ = adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED;
    const bool known = outcome_ == adapter::v1::EXCHANGE_OUTCOME_DONE ||
                       outcome_ == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE;
    if (!known) return done_(outcome_);
    journal::Record record;
    record.leaf = ResolvedLeaf(doubt_, act_, outcome_);
    journal_.Append(std::move(record), [self](const absl::StatusOr<journal::Appended>& appended) {
      if (appended.ok()) return self->done_(self->outcome_);
      self->done_(core::Refusal{.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED});
    });
  }

 private:
  void CannotTell() {
    const std::shared_ptr<Question> self = std::move(self_);
    done_(adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED);
  }

  // Believed where the peer's journal has signed it, and it is of this exchange.
  void ReadReceipt(const std::string& message) {
    exchange::v1::GetReceiptResponse answer;
    if (!answer.ParseFromString(message)) return;
    const auto verified = broker::VerifyPeersReceipt(*peer_, answer.receipt().tlog_proof(), {});
    if (!verified.ok()) return;
    const JournalLeaf& record = verified->leaf;
    if (record.exchange_id() == IdOf(doubt_) && record.method() == doubt_.method() &&
        record.consumer() == doubt_.consumer() && record.provider() == doubt_.provider()) {
      outcome_ = OutcomeIn(record);
    }
  }

  journal::Journal& journal_;
  const std::shared_ptr<const registry::RegistrySnapshot> registry_;
  const registry::PeerEntry* peer_ = nullptr;  // of the registry; null where the provider is asked
  const JournalLeaf doubt_;
  const OperatorAct act_;
  Callback done_;
  std::unique_ptr<dispatch::DispatchCall> call_;
  ExchangeOutcome outcome_ = adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED;
  std::shared_ptr<Question> self_;
};

void Resolver::Resolve(const std::string& consumer, core::ExchangeId exchange_id, OperatorAct act,
                       Callback done) {
  auto leaves = reader_.LeavesOf(exchange_id, consumer);
  if (!leaves.ok()) {
    return done(core::Refusal{.reason = absl::IsNotFound(leaves.status())
                                            ? exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN
                                            : exchange::v1::ERROR_REASON_INTERNAL});
  }
  std::optional<JournalLeaf> doubt;
  for (const journal::StoredLeaf& leaf : *leaves) {
    if (leaf.leaf.event() == journal::v1::JOURNAL_EVENT_IN_DOUBT) doubt = leaf.leaf;
    if (leaf.leaf.event() == journal::v1::JOURNAL_EVENT_RESOLVED) doubt.reset();
  }
  if (!doubt.has_value()) {
    return done(core::Refusal{.reason = exchange::v1::ERROR_REASON_EXCHANGE_NOT_IN_DOUBT});
  }
  auto registry = registry_.Current();
  // As of then: what was sent may be asked about after the service's last day.
  auto route = routing::Router::Resolve(*registry, doubt->method(), doubt->provider(),
                                        absl::FromUnixNanos(doubt->time_unix_ns()));
  if (auto* refusal = std::get_if<core::Refusal>(&route)) return done(std::move(*refusal));
  const registry::ProviderEntry* provider = std::get<routing::Route>(route).provider;
  transport::EventLoop& loop = loops_.Next();
  auto question = std::make_shared<Question>(journal_, std::move(registry), *doubt, std::move(act),
                                             std::move(done));
  loop.Post([this, question, provider, &loop] {
    question->Ask(broker_, loop, *provider, clock_.MonotonicNanos());
  });
}

}  // namespace ndx::replay

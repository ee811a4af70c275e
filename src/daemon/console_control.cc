#include "console_control.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/certificate.h"
#include "ndx/daemon/revocation_watch.h"
#include "ndx/journal/append_and_wait.h"

namespace ndx::daemon {
namespace {

namespace api = console::v1;

replay::OperatorAct ActOf(const console::OperatorAct& act) {
  return {.operator_name = act.operator_name,
          .action = act.action,
          .reason = act.reason,
          .leaf_index = act.leaf_index};
}

void SetTime(absl::Time time, google::protobuf::Timestamp& out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out.set_seconds(nanos / 1'000'000'000);
  out.set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

api::ReplayExchangeResponse ResponseOf(const replay::ReplayResult& result,
                                       const core::ExchangeId& old_id,
                                       const registry::RegistrySnapshot& registry) {
  api::ReplayExchangeResponse response;
  if (!result.new_exchange_id.is_nil()) {
    response.set_new_exchange_id(result.new_exchange_id.ToString());
  }
  response.set_provider(result.provider);
  response.set_method(result.method);
  response.set_purpose(result.purpose);
  response.set_procedure(result.procedure);
  response.set_idempotency_key(old_id.ToString());
  const registry::MethodEntry* method = registry.FindMethod(result.method);
  for (const std::string& message : result.request) {
    response.mutable_request()->add_messages(message);
  }
  if (method != nullptr) response.mutable_request()->set_type(method->input->full_name());
  if (!result.new_exchange_id.is_nil()) {
    for (const std::string& message : result.response) {
      response.mutable_response()->add_messages(message);
    }
    if (method != nullptr) response.mutable_response()->set_type(method->output->full_name());
  }
  response.set_grpc_status(static_cast<uint32_t>(result.status.code));
  response.set_grpc_message(result.status.message);
  response.set_error_reason(result.error_reason);
  response.set_same_answer(result.same_answer);
  *response.mutable_decision() = result.decision;
  return response;
}

api::Resolution ResolutionOf(adapter::v1::ExchangeOutcome outcome) {
  switch (outcome) {
    case adapter::v1::EXCHANGE_OUTCOME_DONE:
      return api::RESOLUTION_DONE;
    case adapter::v1::EXCHANGE_OUTCOME_NOT_DONE:
      return api::RESOLUTION_NOT_DONE;
    case adapter::v1::EXCHANGE_OUTCOME_RUNNING:
      return api::RESOLUTION_RUNNING;
    default:
      return api::RESOLUTION_UNSPECIFIED;
  }
}

api::BreakerState StateOf(dispatch::CircuitBreaker::State state) {
  switch (state) {
    case dispatch::CircuitBreaker::State::kOpen:
      return api::BREAKER_STATE_OPEN;
    case dispatch::CircuitBreaker::State::kHalfOpen:
      return api::BREAKER_STATE_HALF_OPEN;
    case dispatch::CircuitBreaker::State::kClosed:
      break;
  }
  return api::BREAKER_STATE_CLOSED;
}

void FillProvider(const dispatch::ProviderState& state, api::ProviderStatus& out) {
  out.set_system(state.system);
  out.set_endpoint(state.endpoint);
  out.set_breaker(StateOf(state.breaker.state()));
  out.set_in_flight(state.line.calls());
  out.set_in_flight_max(state.line.options().places);
  const int64_t down_since = state.down_since_unix_nanos.load();
  out.set_healthy(down_since == 0);
  if (down_since != 0) SetTime(absl::FromUnixNanos(down_since), *out.mutable_since());
}

}  // namespace

ConsoleControl::ConsoleControl(Node& node)
    : node_(node),
      replayer_(*node.broker_, *node.loops_, *node.journal_, node.journal_->reader(),
                *node.registry_, node.clock_),
      resolver_(*node.broker_, *node.loops_, *node.journal_, node.journal_->reader(),
                *node.registry_, node.clock_) {}

void ConsoleControl::ReplayExchange(console::ExchangeReference exchange, bool dry_run,
                                    console::OperatorAct act, ReplayCallback done) {
  replay::ReplayRequest request{.consumer = exchange.consumer,
                                .exchange_id = exchange.exchange_id,
                                .dry_run = dry_run,
                                .act = ActOf(act)};
  auto registry = node_.registry_->Current();
  replayer_.Replay(
      std::move(request),
      [done = std::move(done), id = exchange.exchange_id, registry = std::move(registry)](
          std::variant<replay::ReplayResult, core::Refusal> result) mutable {
        if (const auto* refusal = std::get_if<core::Refusal>(&result)) {
          return done(console::RefusalStatus(*refusal));
        }
        done(ResponseOf(std::get<replay::ReplayResult>(result), id, *registry));
      });
}

void ConsoleControl::ResolveExchange(console::ExchangeReference exchange, console::OperatorAct act,
                                     ResolveCallback done) {
  resolver_.Resolve(exchange.consumer, exchange.exchange_id, ActOf(act),
                    [done = std::move(done)](
                        std::variant<adapter::v1::ExchangeOutcome, core::Refusal> result) mutable {
                      if (const auto* refusal = std::get_if<core::Refusal>(&result)) {
                        return done(console::RefusalStatus(*refusal));
                      }
                      done(ResolutionOf(std::get<adapter::v1::ExchangeOutcome>(result)));
                    });
}

absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> ConsoleControl::ReloadRegistry(
    console::OperatorAct act) {
  return Reload(act.operator_name, act.action, act.reason);
}

void ConsoleControl::PutRegistry(std::shared_ptr<const registry::RegistrySnapshot> snapshot) {
  node_.log_->Write(telemetry::LogEvent::kRegistryLoaded,
                    {telemetry::LogField::Hex("version", snapshot->version())});
  node_.registry_->Put(std::move(snapshot));
  node_.broker_->RegistryChanged();
}

absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> ConsoleControl::Reload(
    const std::string& operator_name, const std::string& action, const std::string& reason) {
  const std::string before = node_.registry_->Current()->version();
  NDX_RETURN_IF_ERROR(node_.revocations_->ReadAll());
  if (node_.sign_in_ != nullptr) NDX_RETURN_IF_ERROR(node_.sign_in_->Reload());
  // A certificate that cannot be used holds up nothing else.
  const absl::Status certificates = node_.certificates_->Reload();
  // A signal asks for whatever is read from files; of a kept registry that is nothing.
  const bool kept = node_.registry_ledger_ != nullptr;
  if (kept && operator_name == kSignalled) {
    NDX_RETURN_IF_ERROR(certificates);
    return node_.registry_->Current();
  }
  auto snapshot = node_.registry_->Reload();
  if (!snapshot.ok()) {
    node_.log_->Write(telemetry::LogEvent::kRegistryRefused, {{"error", snapshot.status()}});
    return snapshot.status();
  }
  node_.broker_->RegistryChanged();
  if ((*snapshot)->version() != before) {
    journal::v1::JournalLeaf leaf;
    leaf.set_event(journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED);
    leaf.set_registry_version((*snapshot)->version());
    leaf.set_operator_name(operator_name);
    leaf.set_operator_action(action);
    leaf.set_operator_reason(reason);
    NDX_RETURN_IF_ERROR(
        journal::AppendAndWait(*node_.journal_, {.leaf = std::move(leaf)}).status());
  }
  node_.log_->Write(telemetry::LogEvent::kRegistryLoaded,
                    {telemetry::LogField::Hex("version", (*snapshot)->version())});
  NDX_RETURN_IF_ERROR(certificates);
  return snapshot;
}

console::v1::GetStatusResponse ConsoleControl::Status() const {
  api::GetStatusResponse status;
  status.set_system(node_.settings_.node().system());
  status.set_version(kVersion);
  SetTime(node_.started_, *status.mutable_started());
  status.set_in_flight(node_.broker_->admission().in_flight());
  status.set_in_flight_max(node_.broker_->admission().options().in_flight_max);
  for (const auto& state : node_.providers_.All()) FillProvider(*state, *status.add_providers());
  for (const auto& check : node_.Readiness()) {
    auto* condition = status.add_conditions();
    condition->set_name(check.name);
    condition->set_met(check.ready);
    condition->set_detail(check.detail);
  }
  const Node::Listening listening = node_.listening();
  for (const std::string& address : listening.addresses) status.add_addresses(address);
  *status.mutable_anchoring() = node_.anchoring_->Status();
  SetTime(node_.certificates_->listener_not_after(), *status.mutable_certificate_not_after());
  return status;
}

bool ConsoleControl::Serving(absl::string_view service) const {
  if (node_.stopping_.load() || !node_.anchoring_->journal().AcceptsNewExchanges().ok())
    return false;
  if (service.empty()) return true;
  const auto registry = node_.registry_->Current();
  const registry::ServiceEntry* entry = registry->FindService(service);
  if (entry == nullptr) return false;
  if (entry->of_node) return true;
  for (const registry::ProviderEntry& provider : entry->providers) {
    if (node_.providers_.Get(provider)->breaker.state() != dispatch::CircuitBreaker::State::kOpen) {
      return true;
    }
  }
  return false;
}

}  // namespace ndx::daemon

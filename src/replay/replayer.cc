#include "ndx/replay/replayer.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/replay/replay_rules.h"
#include "ndx/routing/access_policy.h"
#include "ndx/routing/router.h"

namespace ndx::replay {
namespace {

using journal::v1::JournalLeaf;

core::Refusal NotAllowed(absl::string_view vi, absl::string_view en) {
  return {.reason = exchange::v1::ERROR_REASON_REPLAY_NOT_ALLOWED,
          .parameters = {{"rule_vi", std::string(vi)}, {"rule_en", std::string(en)}}};
}

// Without a task only what one person may do alone.
std::optional<core::Refusal> RefusalWithoutTask(const registry::MethodEntry& method) {
  const auto policy = method.rules.replay();
  if (policy != options::v1::REPLAY_POLICY_FREE &&
      policy != options::v1::REPLAY_POLICY_WITH_APPROVAL) {
    return NotAllowed("chức năng này không cho thực hiện lại", "this method is never replayed");
  }
  if (method.changes() || policy == options::v1::REPLAY_POLICY_WITH_APPROVAL) {
    return NotAllowed("cần người thứ hai phê duyệt; hãy lập nhiệm vụ bằng `ndxctl replay plan`",
                      "a second person must approve; plan a task with `ndxctl replay plan`");
  }
  return std::nullopt;
}

// What a status says in its details: the reason in an ErrorInfo of this bus, how long to wait.
void ReadDetails(const transport::GrpcStatus& status, ReplayResult& result) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.details_bin)) return;
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info) && info.domain() == "ndx") {
      result.error_reason = info.reason();
    } else if (detail.UnpackTo(&retry)) {
      result.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                           absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
}

// The recorded request in the recorded consumer's name, on the recorded ground.
void FillExchange(const ReplayRequest& request, const RecordedExchange& recorded,
                  broker::Exchange& exchange) {
  const JournalLeaf& old = recorded.closing.leaf;
  exchange.replay = broker::ReplayOrigin{
      .consumer = core::SystemId::Parse(old.consumer()).value_or(core::SystemId()),
      .replay_of = request.exchange_id,
      .leaf_index = request.act.leaf_index};
  if (old.has_dossier()) exchange.replay->dossier = old.dossier();
  if (old.has_officer()) exchange.replay->officer = old.officer();
  exchange.face = journal::v1::FACE_REPLAY;
  exchange.path = old.method();
  exchange.metadata.Add("ndx-provider", old.provider());
  if (request.task.has_value()) {
    exchange.metadata.Add("ndx-exchange-id", request.task->new_exchange_id.ToString());
  }
  if (!old.purpose().empty()) exchange.metadata.Add("ndx-purpose", old.purpose());
  if (!old.procedure().empty()) exchange.metadata.Add("ndx-procedure", old.procedure());
  // A peer asks for them too.
  journal::v1::SubmittedContext ground;
  if (old.ground_sealed() && ground.ParseFromString(recorded.payload.consumer_signature)) {
    if (!ground.dossier().empty()) exchange.metadata.Add("ndx-dossier", ground.dossier());
    if (!ground.officer().empty()) exchange.metadata.Add("ndx-officer", ground.officer());
  }
  exchange.request = transport::MakeMessage(recorded.payload.request.front());
  exchange.request_complete = true;
}

// Collects the answer of the new exchange, and keeps itself alive until it is there.
class ReplayCaller final : public broker::Caller,
                           public std::enable_shared_from_this<ReplayCaller> {
 public:
  struct Answer {
    std::vector<std::string> messages;
    bool cut = false;
    transport::GrpcStatus status;
    transport::Metadata trailers;
  };
  using Done = absl::AnyInvocable<void(Answer)>;

  explicit ReplayCaller(Done done) : done_(std::move(done)) {}

  // The exchange holds only a bare pointer; this holds both until Finish().
  void Begin(broker::Broker& broker, const std::shared_ptr<broker::Exchange>& exchange) {
    self_ = shared_from_this();
    broker.Submit(exchange);
  }

  void SendInitialMetadata(transport::Metadata) override {}
  void SendMessage(transport::Message message) override {
    bytes_ += message->size();
    answer_.cut = answer_.cut || bytes_ > kReplayAnswerBytesMax;
    if (!answer_.cut) answer_.messages.push_back(*message);
  }
  void Finish(transport::GrpcStatus status, transport::Metadata trailers) override {
    const std::shared_ptr<ReplayCaller> self = std::move(self_);
    answer_.status = std::move(status);
    answer_.trailers = std::move(trailers);
    done_(std::move(answer_));
  }
  size_t pending_send_bytes() const override { return 0; }

 private:
  Done done_;
  Answer answer_;
  size_t bytes_ = 0;
  std::shared_ptr<ReplayCaller> self_;
};

}  // namespace

void Replayer::Replay(ReplayRequest request, Callback done) {
  auto read = ReadRecorded(reader_, request.exchange_id, request.consumer);
  if (auto* refusal = std::get_if<core::Refusal>(&read)) return done(std::move(*refusal));
  RecordedExchange recorded = std::get<RecordedExchange>(std::move(read));
  const JournalLeaf& leaf = recorded.closing.leaf;
  ReplayResult result{.provider = leaf.provider(),
                      .method = leaf.method(),
                      .purpose = leaf.purpose(),
                      .procedure = leaf.procedure(),
                      .request = recorded.payload.request};
  if (auto refusal = Judge(request, recorded, result)) return done(*std::move(refusal));
  if (request.dry_run) return done(std::move(result));
  Execute(request, std::move(recorded), std::move(result), std::move(done));
}

std::optional<core::Refusal> Replayer::Judge(const ReplayRequest& request,
                                             const RecordedExchange& recorded,
                                             ReplayResult& result) const {
  const JournalLeaf& leaf = recorded.closing.leaf;
  const auto snapshot = registry_.Current();
  auto resolved = routing::Router::Resolve(*snapshot, leaf.method(), leaf.provider(), clock_.Now());
  if (auto* refusal = std::get_if<core::Refusal>(&resolved)) return std::move(*refusal);
  const auto route = std::get<routing::Route>(resolved);
  if (request.task.has_value()) {
    if (const auto reason = ReasonAgainstMethod(*route.method, request.task->mode)) {
      return core::Refusal{.reason = *reason};
    }
  } else if (auto refusal = RefusalWithoutTask(*route.method)) {
    return refusal;
  }
  const registry::SystemEntry* consumer = snapshot->FindSystem(leaf.consumer());
  if (consumer == nullptr) {
    return NotAllowed("bên khai thác không còn đăng ký", "the consumer is no longer registered");
  }
  const routing::AccessFacts facts{.consumer = &consumer->id,
                                   .route = route,
                                   .purpose = leaf.purpose(),
                                   .dossier = leaf.has_dossier() ? "recorded" : "",
                                   .officer = leaf.has_officer() ? "recorded" : "",
                                   .procedure = leaf.procedure(),
                                   .request_signed = true,  // as broker/authorize_stage has it
                                   .officer_proved = leaf.officer().proved()};
  const auto decision = routing::AccessPolicy::Decide(*snapshot, facts, clock_.Now());
  result.decision.set_allowed(decision.allowed());
  result.decision.set_rule(decision.rule);
  if (decision.refusal.has_value()) {
    result.decision.set_reason(core::ReasonName(decision.refusal->reason));
  }
  return std::nullopt;
}

void Replayer::Execute(const ReplayRequest& request, RecordedExchange recorded, ReplayResult result,
                       Callback done) {
  transport::EventLoop& loop = loops_.Next();
  auto caller = std::make_shared<ReplayCaller>(
      [this, done = std::move(done), result = std::move(result), request,
       recorded_answer =
           std::move(recorded.payload.response)](ReplayCaller::Answer answer) mutable {
        result.response = std::move(answer.messages);
        result.response_cut = answer.cut;
        result.status = std::move(answer.status);
        ReadDetails(result.status, result);
        result.same_answer =
            result.status.ok() && !answer.cut && result.response == recorded_answer;
        if (const std::string* id = answer.trailers.Find("ndx-exchange-id")) {
          result.new_exchange_id = core::ExchangeId::Parse(*id).value_or(core::ExchangeId());
        }
        if (!request.task.has_value()) {
          return RecordExecution(request, std::move(result), std::move(done));
        }
        result.recorded_response = std::move(recorded_answer);
        done(std::move(result));
      });
  auto exchange = std::make_shared<broker::Exchange>(loop, *caller);
  FillExchange(request, recorded, *exchange);
  loop.Post([this, caller, exchange] {
    exchange->received_nanos = clock_.MonotonicNanos();
    caller->Begin(broker_, exchange);
  });
}

void Replayer::RecordExecution(const ReplayRequest& request, ReplayResult result, Callback done) {
  journal::Record record;
  JournalLeaf& leaf = record.leaf;
  leaf.set_event(journal::v1::JOURNAL_EVENT_REPLAY_EXECUTED);
  leaf.set_exchange_id(std::string(result.new_exchange_id.bytes()));
  leaf.set_replay_of(std::string(request.exchange_id.bytes()));
  if (request.act.leaf_index) leaf.set_caused_by_plus_one(*request.act.leaf_index + 1);
  leaf.set_consumer(request.consumer);
  leaf.set_provider(result.provider);
  leaf.set_method(result.method);
  leaf.set_operator_name(request.act.operator_name);
  leaf.set_operator_action(request.act.action);
  leaf.set_operator_reason(request.act.reason);
  leaf.set_grpc_status(static_cast<uint32_t>(result.status.code));
  journal_.Append(std::move(record),
                  [done = std::move(done), result = std::move(result)](
                      const absl::StatusOr<journal::Appended>& appended) mutable {
                    if (appended.ok()) return done(std::move(result));
                    done(core::Refusal{.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED});
                  });
}

}  // namespace ndx::replay

#include "ndx/tools/ledgerload/load_run.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/exchange_id.h"
#include "ndx/transport/client_call.h"

namespace ndx::tools::ledgerload {
namespace {

using transport::CallEnd;
using transport::Delivery;
using transport::EndCause;
using transport::GrpcStatus;

// Answers that say "later": going on at once would only be turned away again.
bool AsksForPause(int status) {
  return status == static_cast<int>(absl::StatusCode::kUnavailable) ||
         status == static_cast<int>(absl::StatusCode::kResourceExhausted);
}

// reason=NO_GRANT, from the ErrorInfo of an error; empty where there is none.
std::string ReasonOf(const GrpcStatus& status) {
  google::rpc::Status rpc_status;
  if (!rpc_status.ParseFromString(status.details_bin)) return "";
  for (const auto& detail : rpc_status.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) return absl::StrCat("reason=", info.reason());
  }
  return "";
}

}  // namespace

// One caller: exchange after exchange.
class LoadRun::Caller final : public transport::ClientCallObserver {
 public:
  explicit Caller(LoadRun& run) : run_(run) {}

  void Begin() {
    if (!run_.MayBegin()) return run_.Idle();
    exchange_ = run_.plan_.Next();
    id_ = core::ExchangeId::Generate(run_.clock_, run_.random_);
    ++run_.figures_.sent;
    if (absl::Status status = run_.ledger_.Sent(id_, exchange_.kind); !status.ok()) {
      run_.Fail(std::move(status));
      return run_.Idle();
    }
    Send();
  }

  void OnMessage(transport::Message message) override {
    answer_ = *message;
    call_->ReleaseReceived(message->size());
  }

  void OnEnd(CallEnd end) override {
    call_.reset();
    if (end.cause == EndCause::kAnswered) {
      OnAnswered(end);
    } else {
      OnLost(end.delivery != Delivery::kNotSent);
    }
  }

 private:
  void Send() {
    answer_.clear();
    transport::CallHead head;
    head.path = exchange_.path;
    head.metadata = run_.options_.metadata;
    head.metadata.Add("ndx-exchange-id", id_.ToString());
    head.expect_one_message = true;
    sent_at_ = run_.clock_.MonotonicNanos();
    head.deadline_nanos = sent_at_ + absl::ToInt64Nanoseconds(run_.options_.deadline);
    call_ = run_.channel_.Start(std::move(head), this);
    call_->SendMessage(transport::MakeMessage(exchange_.body));
    call_->HalfClose();
  }

  void OnAnswered(const CallEnd& end) {
    RunFigures& figures = run_.figures_;
    ++figures.acked;
    ++figures.by_status[end.status.code];
    if (figures.latencies_us.size() < kLatenciesMax) {
      figures.latencies_us.push_back(
          static_cast<uint32_t>((run_.clock_.MonotonicNanos() - sent_at_) / 1000));
    }
    ReceiptRecord record;
    if (const std::string* receipt = end.trailers.Find("ndx-receipt-bin")) {
      record = {id_.ToString(), *receipt, exchange_.body, answer_};
      ++figures.receipts;
    }
    std::string note = run_.plan_.Learn(exchange_, answer_);
    if (!end.status.ok()) note = ReasonOf(end.status);
    if (absl::Status status = run_.ledger_.Acked(id_, end.status.code, record, note);
        !status.ok()) {
      run_.Fail(std::move(status));
    }
    Continue(AsksForPause(end.status.code), [this] { Begin(); });
  }

  void OnLost(bool sent) {
    ++(sent ? run_.figures_.lost_unknown : run_.figures_.lost_not_sent);
    if (absl::Status status = run_.ledger_.Lost(id_, sent); !status.ok())
      run_.Fail(std::move(status));
    if (run_.options_.resend) return Continue(true, [this] { Resend(); });
    run_.plan_.Learn(exchange_, "");
    Continue(true, [this] { Begin(); });
  }

  void Resend() {
    if (run_.stopping_) {
      run_.plan_.Learn(exchange_, "");
      return run_.Idle();
    }
    ++run_.figures_.resent;
    if (absl::Status status = run_.ledger_.Resent(id_); !status.ok()) {
      run_.Fail(std::move(status));
      return run_.Idle();
    }
    Send();
  }

  // Goes on from the loop, never from within an event of the call that has ended.
  void Continue(bool pause, transport::EventLoop::Task next) {
    if (pause) {
      run_.loop_.RunAfter(run_.options_.pause, std::move(next));
    } else {
      run_.loop_.Post(std::move(next));
    }
  }

  LoadRun& run_;
  PlannedExchange exchange_;
  core::ExchangeId id_;
  std::unique_ptr<transport::ClientCall> call_;
  std::string answer_;
  int64_t sent_at_ = 0;
};

LoadRun::LoadRun(transport::EventLoop& loop, transport::Channel& channel, const core::Clock& clock,
                 core::Random& random, LoadPlan& plan, LoadLedger& ledger, RunOptions options)
    : loop_(loop),
      channel_(channel),
      clock_(clock),
      random_(random),
      plan_(plan),
      ledger_(ledger),
      options_(std::move(options)) {}

LoadRun::~LoadRun() { loop_.Cancel(end_timer_); }

void LoadRun::Start(std::function<void(absl::Status)> done) {
  done_ = std::move(done);
  end_timer_ = loop_.RunAfter(options_.duration, [this] { Stop(); });
  busy_ = options_.concurrency;
  for (uint32_t at = 0; at < options_.concurrency; ++at) {
    callers_.push_back(std::make_unique<Caller>(*this));
    loop_.Post([caller = callers_.back().get()] { caller->Begin(); });
  }
}

void LoadRun::Stop() { stopping_ = true; }

bool LoadRun::MayBegin() const { return !stopping_ && figures_.sent < options_.count_max; }

void LoadRun::Idle() {
  if (--busy_ > 0) return;
  loop_.Cancel(end_timer_);
  done_(failure_);
}

void LoadRun::Fail(absl::Status status) {
  if (failure_.ok()) failure_ = std::move(status);
  stopping_ = true;
}

}  // namespace ndx::tools::ledgerload

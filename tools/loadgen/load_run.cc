#include "ndx/tools/loadgen/load_run.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/transport/client_call.h"

namespace ndx::tools::loadgen {
namespace {

using transport::CallEnd;
using transport::EndCause;

// What the run counts the end under.
std::string NameOf(const CallEnd& end) {
  if (end.cause != EndCause::kAnswered) return std::string(transport::EndCauseName(end.cause));
  std::string name = absl::StatusCodeToString(static_cast<absl::StatusCode>(end.status.code));
  return name.empty() ? absl::StrCat("status_", end.status.code) : name;
}

}  // namespace

// One call after another.
class LoadRun::Caller final : public transport::ClientCallObserver {
 public:
  Caller(LoadRun& run, transport::Channel& channel) : run_(run), channel_(channel) {}

  void Send(uint64_t number, int64_t intended_nanos) {
    number_ = number;
    intended_nanos_ = intended_nanos;
    answer_ = nullptr;
    // Numbers on the wire begin with one: who writes a zero back leaves it out.
    request_ = run_.payload_.Make(number + 1, run_.sizes_.At(number));
    transport::CallHead head;
    head.path = run_.options_.path;
    head.metadata = run_.options_.metadata;
    head.expect_one_message = true;
    head.deadline_nanos =
        run_.clock_.MonotonicNanos() + absl::ToInt64Nanoseconds(run_.options_.deadline);
    call_ = channel_.Start(std::move(head), this);
    call_->SendMessage(request_);
    call_->HalfClose();
  }

  void OnMessage(transport::Message message) override {
    call_->ReleaseReceived(message->size());
    answer_ = std::move(message);
  }

  void OnEnd(CallEnd end) override {
    const int64_t nanos = run_.clock_.MonotonicNanos() - intended_nanos_;
    call_.reset();
    const bool measured = run_.Measured(intended_nanos_);
    Count(end, nanos, measured);
    if (end.cause == EndCause::kAnswered) {
      run_.loop_.Defer([this] { Idle(); });
    } else {
      run_.loop_.RunAfter(run_.options_.pause, [this] { Idle(); });
    }
  }

 private:
  void Count(const CallEnd& end, int64_t nanos, bool measured) {
    const bool ok = end.cause == EndCause::kAnswered && end.status.ok();
    const std::string name = NameOf(end);
    const std::string wrong = ok ? WrongAnswer(end) : "";
    LoadFigures& figures = run_.figures_;
    if (measured) {
      ++figures.requests;
      ++figures.by_status[name];
      figures.wrong_answers += wrong.empty() ? 0 : 1;
      (ok ? figures.answered : figures.failed).Record(nanos);
    }
    if (!wrong.empty()) return run_.Fault(absl::StrCat("request ", number_, ": ", wrong));
    if (ok || run_.options_.expected.count(name) > 0) return;
    run_.Fault(absl::StrCat("request ", number_, ": ", name, ": ",
                            end.text.empty() ? end.status.message : end.text));
  }

  // What is wrong with an answer of status OK; empty where nothing is.
  std::string WrongAnswer(const CallEnd& end) const {
    if (answer_ == nullptr || *answer_ != *request_) return "the answer is not what was sent";
    if (!run_.options_.trailer.empty() && !end.trailers.Contains(run_.options_.trailer)) {
      return absl::StrCat("the answer has no trailer ", run_.options_.trailer);
    }
    return "";
  }

  void Idle() {
    run_.idle_.push_back(this);
    run_.Fill();
  }

  LoadRun& run_;
  transport::Channel& channel_;
  std::unique_ptr<transport::ClientCall> call_;
  transport::Message request_;
  transport::Message answer_;
  uint64_t number_ = 0;
  int64_t intended_nanos_ = 0;
};

LoadRun::LoadRun(transport::EventLoop& loop, std::vector<transport::Channel*> channels,
                 const core::Clock& clock, const PayloadSizes& sizes, LoadOptions options)
    : loop_(loop),
      channels_(std::move(channels)),
      clock_(clock),
      sizes_(sizes),
      options_(std::move(options)),
      payload_(sizes.largest()) {
  NDX_CHECK(!channels_.empty() && options_.concurrency > 0);
}

LoadRun::~LoadRun() {
  loop_.Cancel(measure_timer_);
  loop_.Cancel(end_timer_);
}

void LoadRun::Start(std::function<void()> measuring, std::function<void()> done) {
  measuring_ = std::move(measuring);
  done_ = std::move(done);
  const int64_t begin = clock_.MonotonicNanos();
  measure_nanos_ = begin + absl::ToInt64Nanoseconds(options_.warm_up);
  end_nanos_ = measure_nanos_ + absl::ToInt64Nanoseconds(options_.duration);
  measure_timer_ = loop_.RunAt(measure_nanos_, [this] { measuring_(); });
  end_timer_ = loop_.RunAt(end_nanos_, [this] { EndRun(); });
  for (uint32_t at = 0; at < options_.concurrency; ++at) {
    callers_.push_back(std::make_unique<Caller>(*this, *channels_[at % channels_.size()]));
    idle_.push_back(callers_.back().get());
  }
  if (options_.rate > 0) {
    schedule_.emplace(begin, options_.rate);
    send_timer_.emplace(loop_, [this] { Fill(); });
  }
  loop_.Post([this] { Fill(); });
}

void LoadRun::Stop() {
  end_nanos_ = std::min(end_nanos_, clock_.MonotonicNanos());
  EndRun();
}

void LoadRun::Fill() {
  while (!ended_ && !idle_.empty()) {
    const int64_t now = clock_.MonotonicNanos();
    const int64_t intended = schedule_ ? schedule_->IntendedNanos(next_) : now;
    if (intended >= end_nanos_) break;
    if (intended > now) return send_timer_->Set(intended);
    Caller* const caller = idle_.front();
    idle_.pop_front();
    caller->Send(next_++, intended);
  }
  MaybeDone();
}

void LoadRun::EndRun() {
  if (ended_) return;
  Fill();  // what became due since the loop last looked
  ended_ = true;
  if (schedule_) CountUnsent();
  figures_.seconds =
      std::max(0.0, static_cast<double>(end_nanos_ - std::min(measure_nanos_, end_nanos_)) / 1e9);
  loop_.Post([this] { MaybeDone(); });
}

void LoadRun::CountUnsent() {
  for (;; ++next_) {
    const int64_t intended = schedule_->IntendedNanos(next_);
    if (intended >= end_nanos_) break;
    if (!Measured(intended)) continue;
    ++figures_.requests;
    ++figures_.unsent;
    figures_.answered.Record(end_nanos_ - intended);
  }
  if (figures_.unsent > 0) Fault(absl::StrCat(figures_.unsent, " requests were due and not sent"));
}

bool LoadRun::Measured(int64_t intended_nanos) const {
  return intended_nanos >= measure_nanos_ && intended_nanos < end_nanos_;
}

void LoadRun::Fault(std::string what) {
  if (figures_.faults++ == 0) figures_.first_fault = std::move(what);
}

void LoadRun::MaybeDone() {
  if (!ended_ || idle_.size() < callers_.size() || !done_) return;
  loop_.Cancel(measure_timer_);
  loop_.Cancel(end_timer_);
  std::exchange(done_, nullptr)();
}

}  // namespace ndx::tools::loadgen

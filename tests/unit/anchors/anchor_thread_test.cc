#include "ndx/anchors/anchor_thread.h"

#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "journal_fixture.h"
#include "ndx/anchors/anchored_journal.h"
#include "ndx/core/mutex.h"
#include "ndx/telemetry/log.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

// A server that never answers, until it is stopped.
class HangingPoster final : public http::HttpPoster {
 public:
  absl::StatusOr<http::HttpResponse> Post(const http::HttpPost&) override {
    const core::MutexLock lock(mutex_);
    if (!std::exchange(asked_once_, true)) asked.set_value();
    while (!stopped_) changed_.Wait(mutex_);
    return absl::CancelledError("stopped");
  }
  void Stop() override {
    const core::MutexLock lock(mutex_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  std::promise<void> asked;

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool asked_once_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST_CASE("the thread asks by itself, and its end waits for nobody's server") {
  journal::JournalFixture node;
  auto journal = node.Open();
  auto store = AnchorStore::Open(node.dir.File("anchors"), nullptr).value();
  HangingPoster poster;
  telemetry::SilentLog log;
  telemetry::MetricRegistry metrics;
  Anchors anchors(
      {.witnesses = {{.url = "http://w", .verifier = WitnessFixture::Signer().verifier()}},
       .witnesses_required = 1},
      {.reader = journal->reader(),
       .store = *store,
       .poster = poster,
       .random = node.random,
       .clock = node.clock,
       .log = log,
       .metrics = metrics});
  const AnchoredJournal seen(*journal, anchors);
  {
    const AnchorThread thread(anchors, poster);
    poster.asked.get_future().wait();
    CHECK(seen.AcceptsNewExchanges().ok());
  }
}

}  // namespace
}  // namespace ndx::anchors

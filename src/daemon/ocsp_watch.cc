#include "ndx/daemon/ocsp_watch.h"

namespace ndx::daemon {
namespace {

// Between two looks at what has become due by time.
constexpr absl::Duration kLook = absl::Seconds(1);

}  // namespace

OcspWatch::OcspWatch(const Parts& parts)
    : parts_(parts),
      lines_(parts.clock),
      questions_(parts.metrics.AddCounters(
          {.name = "ndx_ocsp_questions_total",
           .help = "Responders asked about callers' certificates, by what came of it.",
           .label_names = {"outcome"}})),
      thread_([this] { Run(); }) {}

OcspWatch::~OcspWatch() {
  parts_.statuses.End();
  parts_.poster.Stop();
  thread_.join();
}

void OcspWatch::Run() {
  while (!parts_.statuses.ended()) {
    const security::OcspStatuses::Round round = parts_.statuses.AskDue(parts_.poster);
    if (round.answered > 0) questions_.With({"answered"}).Add(round.answered);
    for (const absl::Status& fault : round.faults) {
      questions_.With({"failed"}).Add();
      const auto held_back = lines_.Admit("ocsp", "responder");
      if (!held_back) continue;
      parts_.log.Write(telemetry::LogEvent::kOcspFailed,
                       {{"error", fault}, {"held_back", *held_back}});
    }
    parts_.statuses.AwaitNotice(kLook);
  }
}

}  // namespace ndx::daemon

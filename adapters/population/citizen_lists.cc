#include "citizen_lists.h"

#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/population/v1/population_service.pb.h"

namespace ndx::population {
namespace {

using connectors::SqlRow;
using connectors::SqlSession;

}  // namespace

CitizenLists::CitizenLists(const core::Clock& clock, connectors::SqlDatabase& database)
    : clock_(clock),
      database_(database),
      // One that works and one that waits: a wake-up during work must not be lost, more are not
      // needed.
      worker_({.threads = 1, .queue_max = 1, .name = "citizen-lists"}) {}

void CitizenLists::Wake() {
  sdk::WorkerPool::Task task = [this] { Work(); };
  worker_.TryRun(task);
}

void CitizenLists::Work() {
  const sdk::AdapterCall background;
  sdk::CallContext context(background, nullptr, clock_);
  for (;;) {
    const absl::StatusOr<std::string> claimed = Claim(context);
    if (!claimed.ok() || claimed->empty()) return;
    const absl::Status made = Make(*claimed, context);
    if (made.ok()) continue;
    const bool too_many = made.code() == absl::StatusCode::kOutOfRange;
    const int state = too_many ? v1::CITIZEN_LIST_STATE_TOO_MANY : v1::CITIZEN_LIST_STATE_FAILED;
    // A database that has gone leaves the list RUNNING: it is put back before the next one.
    if (!End(*claimed, state, context).ok()) {
      recovered_ = false;
      return;
    }
  }
}

absl::StatusOr<std::string> CitizenLists::Claim(sdk::CallContext& context) {
  std::string request_number;
  const absl::Status claimed = database_.Change(context, [&](SqlSession& session) {
    request_number.clear();
    if (!recovered_) NDX_RETURN_IF_ERROR(session.Run("requeue_running_lists", {}).status());
    NDX_RETURN_IF_ERROR(session
                            .Run("next_waiting_list", {},
                                 [&](const SqlRow& row) {
                                   request_number = std::get<std::string>(row.values[0]);
                                   return absl::OkStatus();
                                 })
                            .status());
    if (request_number.empty()) return absl::OkStatus();
    return session.Run("claim_list", {.values = {{"request_number", request_number}}}).status();
  });
  if (!claimed.ok()) return claimed;
  recovered_ = true;
  return request_number;
}

absl::Status CitizenLists::Make(const std::string& request_number, sdk::CallContext& context) {
  return database_.Change(context, [&](SqlSession& session) {
    const auto rows = session.Run("fill_list", {.values = {{"request_number", request_number},
                                                           {"rows", kCitizenListMax + 1}}});
    if (!rows.ok()) return rows.status();
    if (*rows > kCitizenListMax) return absl::OutOfRangeError("more people than a list may have");
    return session
        .Run("end_list", {.values = {{"request_number", request_number},
                                     {"state", int64_t{v1::CITIZEN_LIST_STATE_DONE}},
                                     {"citizen_count", static_cast<int64_t>(*rows)}}})
        .status();
  });
}

absl::Status CitizenLists::End(const std::string& request_number, int state,
                               sdk::CallContext& context) {
  return database_.Change(context, [&](SqlSession& session) {
    return session
        .Run("end_list", {.values = {{"request_number", request_number},
                                     {"state", int64_t{state}},
                                     {"citizen_count", int64_t{0}}}})
        .status();
  });
}

}  // namespace ndx::population

#include "ndx/tests/unit/replay/replay_fixture.h"

#include "ndx/core/status_macros.h"

namespace ndx::tests {

core::ExchangeId ReplayFixture::InDoubt(const std::string& method) {
  journal::Record record;
  const auto id = core::ExchangeId::Generate(clock, random);
  record.leaf = ExchangeLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, id, method);
  record.request.emplace().messages = {transport::MakeMessage(AskBytes("k"))};
  journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  return id;
}

journal::v1::JournalLeaf ReplayFixture::ExchangeLeaf(journal::v1::JournalEvent event,
                                                     core::ExchangeId id,
                                                     const std::string& method) {
  journal::v1::JournalLeaf leaf;
  leaf.set_event(event);
  leaf.set_exchange_id(std::string(id.bytes()));
  leaf.set_consumer("VN:GOV:H55:mot-cua");
  leaf.set_provider("VN:GOV:G01:ledger");
  leaf.set_method(LedgerMethod(method));
  leaf.set_purpose("tthc");
  return leaf;
}

replay::PlanWish ReplayFixture::Wish(replay::v1::ReplayMode mode, const std::string& filter) {
  auto parsed = search::Filter::Parse(filter, clock.Now());
  NDX_CHECK(parsed.ok());
  parsed->SetTime({});  // leaves of a MemJournal have no time
  return {.mode = mode,
          .filter = *std::move(parsed),
          .reason = "outage",
          .pace_per_minute = 6000,
          .planned_by = "an",
          .number = store->NextNumber().value()};
}

replay::v1::ReplayTask ReplayFixture::Planned(const replay::PlanWish& wish) {
  auto planned = planner.Plan(wish);
  NDX_CHECK(std::holds_alternative<replay::v1::ReplayTask>(planned));
  auto task = std::get<replay::v1::ReplayTask>(std::move(planned));
  NDX_CHECK(store->PutTask(task).ok());
  return task;
}

replay::v1::ReplayTask ReplayFixture::RunToEnd(const replay::v1::ReplayTask& task) {
  NDX_CHECK(runner.Start(task, "an", "RunReplay").ok());
  return Awaited(task.number());
}

replay::v1::ReplayTask ReplayFixture::Awaited(uint64_t number) {
  AwaitThat([this] { return runner.running() == 0; });
  return store->Task(number).value();
}

void ReplayFixture::AwaitThat(const std::function<bool()>& happened) {
  core::Mutex mutex;
  core::CondVar never;
  while (!happened()) {
    const core::MutexLock lock(mutex);
    never.WaitFor(mutex, absl::Milliseconds(1));
  }
}

}  // namespace ndx::tests

#include "ndx/replay/task_runner.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/replay/pacer.h"
#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::replay {
namespace {

using tests::EntryBytes;
using tests::ReplayFixture;

TEST_CASE("a task runs to its end, one exchange after another, on record") {
  ReplayFixture f;
  for (int i = 0; i < 3; ++i) f.Made("Read");
  f.adapter->AnswerWith({EntryBytes("k", "new", "050")});
  const auto task = f.RunToEnd(f.Planned(v1::REPLAY_MODE_VERIFY));
  CHECK(task.state() == v1::REPLAY_TASK_STATE_FINISHED);
  CHECK(task.counts().answered() == 3);
  CHECK(task.counts().different() == 3);
  CHECK(task.counts().waiting() == 0);
  CHECK(task.next_item() == 4);
  CHECK(f.adapter->count() == 6);
  CHECK(f.Events() ==
        "ANSWERED ANSWERED ANSWERED REPLAY_STARTED ANSWERED REPLAY_EXECUTED ANSWERED "
        "REPLAY_EXECUTED ANSWERED REPLAY_EXECUTED REPLAY_ENDED");
  CHECK(f.last_leaf().note() == "3 answered, 3 different");
  // The exchange, and the leaf that it was executed, name the leaf that began the task.
  CHECK(f.journal.entries()[4].leaf.caused_by_plus_one() == 4);
  CHECK(f.journal.entries()[5].leaf.caused_by_plus_one() == 4);
  CHECK(f.runner.answered() == 3);
}

TEST_CASE("a dry run judges every exchange and sends none") {
  ReplayFixture f;
  for (int i = 0; i < 5; ++i) f.Failed("Send");
  const auto task = f.RunToEnd(f.Planned(v1::REPLAY_MODE_DRY_RUN));
  CHECK(task.state() == v1::REPLAY_TASK_STATE_FINISHED);
  CHECK(task.counts().passed() == 5);
  CHECK(f.Item(task.number(), 5).state() == v1::REPLAY_ITEM_STATE_PASSED);
  CHECK(f.adapter->count() == 5);
}

TEST_CASE("so many failures in a row pause it; it goes on behind them") {
  ReplayFixture f;
  for (int i = 0; i < 5; ++i) f.Made("Read");
  PlanWish wish = f.Wish(v1::REPLAY_MODE_VERIFY);
  wish.stop_after = 2;
  f.adapter->AnswerWith({}, absl::InternalError("x"));
  auto task = f.RunToEnd(f.Planned(wish));
  CHECK(task.state() == v1::REPLAY_TASK_STATE_PAUSED);
  CHECK(task.paused_because() == "failures");
  CHECK(f.adapter->count() == 7);
  CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_REPLAY_PAUSED);
  f.adapter->AnswerWith({EntryBytes("k", "s", "050")});
  task = f.RunToEnd(task);
  CHECK(task.state() == v1::REPLAY_TASK_STATE_FINISHED);
  CHECK(task.counts().errors() == 2);
  CHECK(f.adapter->count() == 10);
}

TEST_CASE("after a failure later exchanges of the same dossier are held back") {
  ReplayFixture f;
  const transport::Metadata of_one = {{"ndx-purpose", "tthc"}, {"ndx-dossier", "H55-1"}};
  f.Failed("Send", {.metadata = of_one});
  f.Failed("Send");
  f.Failed("Send", {.metadata = of_one});
  const auto planned = f.Planned(v1::REPLAY_MODE_EXECUTE);
  bool first = true;
  f.adapter->Do([&first](const sdk::AdapterCall&, sdk::AdapterReply& reply) {
    if (std::exchange(first, false)) return reply.Finish(absl::InternalError("x"));
    reply.SendMessage(std::make_shared<const std::string>(EntryBytes("k", "s", "050")));
    reply.Finish(absl::OkStatus());
  });
  const auto task = f.RunToEnd(planned);
  CHECK(f.Item(task.number(), 1).grpc_status() == 13);
  CHECK(f.Item(task.number(), 2).state() == v1::REPLAY_ITEM_STATE_ANSWERED);
  CHECK(f.Item(task.number(), 2).grpc_status() == 0);
  CHECK(f.Item(task.number(), 3).reason() == "REPLAY_HELD_BACK");
  CHECK(f.adapter->count() == 5);
}

TEST_CASE("a pause waits for the exchange under way; what is given up never goes on") {
  ReplayFixture f;
  for (int i = 0; i < 3; ++i) f.Made("Read");
  const auto planned = f.Planned(v1::REPLAY_MODE_VERIFY);
  CHECK_FALSE(f.runner.Halt(planned.number(), TaskRunner::Order::kPause, "an", "PauseReplay"));
  f.adapter->Hang();
  REQUIRE(f.runner.Start(planned, "an", "RunReplay").ok());
  f.AwaitCalls(4);
  std::thread answer([&] {
    f.adapter->reply(3)->SendMessage(
        std::make_shared<const std::string>(EntryBytes("k", "s", "050")));
    f.adapter->reply(3)->Finish(absl::OkStatus());
  });
  CHECK(f.runner.Halt(planned.number(), TaskRunner::Order::kPause, "binh", "PauseReplay"));
  answer.join();
  auto task = f.Awaited(planned.number());
  CHECK(task.state() == v1::REPLAY_TASK_STATE_PAUSED);
  CHECK(task.paused_because() == "operator");
  CHECK(task.counts().answered() == 1);
  CHECK(f.last_leaf().operator_name() == "binh");
  f.adapter->AnswerWith({EntryBytes("k", "s", "050")});
  f.stopped = true;
  REQUIRE(f.runner.Start(task, "an", "ResumeReplay").ok());
  CHECK(f.runner.Halt(task.number(), TaskRunner::Order::kCancel, "an", "CancelReplay"));
  task = f.Awaited(task.number());
  CHECK(task.state() == v1::REPLAY_TASK_STATE_CANCELLED);
  CHECK(task.counts().waiting() == 2);
  CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_REPLAY_ENDED);
  CHECK(f.adapter->count() == 4);
}

TEST_CASE("the stop switch and live traffic hold it back") {
  ReplayFixture f;
  f.Made("Read");
  const auto task = f.Planned(v1::REPLAY_MODE_VERIFY);
  f.stopped = true;
  REQUIRE(f.runner.Start(task, "an", "RunReplay").ok());
  f.AwaitThat([&] { return f.runner.WaitsFor(task.number()) == "stop switch"; });
  f.overloaded = true;
  f.stopped = false;
  f.AwaitThat([&] { return f.runner.WaitsFor(task.number()) == "overload"; });
  CHECK(f.adapter->count() == 1);
  f.overloaded = false;
  CHECK(f.Awaited(task.number()).state() == v1::REPLAY_TASK_STATE_FINISHED);
  CHECK(f.runner.WaitsFor(task.number()).empty());
  CHECK(f.adapter->count() == 2);
}

TEST_CASE("as many run as may, and what a stop leaves is paused by the next start") {
  ReplayFixture f;
  f.Made("Read");
  f.adapter->Hang();
  const auto first = f.Planned(v1::REPLAY_MODE_VERIFY);
  const auto second = f.Planned(v1::REPLAY_MODE_VERIFY);
  const auto third = f.Planned(v1::REPLAY_MODE_VERIFY);
  REQUIRE(f.runner.Start(first, "an", "RunReplay").ok());
  REQUIRE(f.runner.Start(second, "an", "RunReplay").ok());
  CHECK(f.runner.running() == 2);
  CHECK(absl::IsResourceExhausted(f.runner.Start(third, "an", "RunReplay")));
  f.AwaitCalls(3);
  f.runner.Stop();
  CHECK(f.store->Task(first.number())->state() == v1::REPLAY_TASK_STATE_RUNNING);
  CHECK(absl::IsCancelled(f.runner.Start(third, "an", "RunReplay")));
  REQUIRE(f.runner.PauseInterrupted().ok());
  const auto task = *f.store->Task(first.number());
  CHECK(task.state() == v1::REPLAY_TASK_STATE_PAUSED);
  CHECK(task.paused_because() == "restart");
  CHECK(f.Item(task.number(), 1).state() == v1::REPLAY_ITEM_STATE_SENDING);
  CHECK(f.store->Task(third.number())->state() == v1::REPLAY_TASK_STATE_PLANNED);
  CHECK(f.last_leaf().event() == journal::v1::JOURNAL_EVENT_REPLAY_PAUSED);
  for (size_t i = 1; i < f.adapter->count(); ++i) f.adapter->reply(i)->Finish(absl::OkStatus());
  f.loop.Settle();
}

TEST_CASE("a journal that takes nothing more halts a task, with a line in the log") {
  ReplayFixture f;
  f.Made("Read");
  const auto planned = f.Planned(v1::REPLAY_MODE_VERIFY);
  f.adapter->Do([&f](const sdk::AdapterCall&, sdk::AdapterReply& reply) {
    f.journal.Fail(absl::DataLossError("x"));
    reply.Finish(absl::InternalError("x"));
  });
  const auto task = f.RunToEnd(planned);
  CHECK(task.state() == v1::REPLAY_TASK_STATE_RUNNING);  // nothing more could be recorded
  CHECK(f.log.CountOf(telemetry::LogEvent::kReplayHalted) == 1);
}

TEST_CASE("the pace is even and never catches up") {
  Pacer pacer(60);
  CHECK(pacer.Wait(0) <= absl::ZeroDuration());
  pacer.Sent(0);
  CHECK(pacer.Wait(0) == absl::Seconds(1));
  CHECK(pacer.Wait(absl::ToInt64Nanoseconds(absl::Seconds(5))) < absl::ZeroDuration());
  pacer.Sent(absl::ToInt64Nanoseconds(absl::Seconds(5)));
  CHECK(pacer.Wait(absl::ToInt64Nanoseconds(absl::Seconds(5))) == absl::Seconds(1));
}

}  // namespace
}  // namespace ndx::replay

// Replay tasks from the plan to the end, as operators ask for them: what is recorded, refused, run.
#include "ndx/console/replay_desk.h"

#include <catch2/catch.hpp>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/console/refusal_status.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::console {
namespace {

using replay::v1::ReplayTask;

const OperatorIdentity kAn{.name = "an", .roles = {}};
const OperatorIdentity kBinh{.name = "binh", .roles = {}};

std::string ReasonFor(const absl::Status& status) {
  google::rpc::Status wire;
  wire.ParseFromString(ToWireStatus(status).details_bin);
  google::rpc::ErrorInfo info;
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&info)) break;
  }
  return info.reason();
}

class DeskFixture : public tests::ReplayFixture {
 public:
  ReplayTask Plan(uint64_t replaces = 0,
                  replay::v1::ReplayMode mode = replay::v1::REPLAY_MODE_EXECUTE) {
    const auto planned = desk.Plan(kAn, Wish(mode), replaces);
    INFO(planned.status());
    REQUIRE(planned.ok());
    return *planned;
  }
  std::string Approving(const OperatorIdentity& who, const ReplayTask& task) {
    return ReasonFor(desk.Approve(who, task.number(), task.plan_sha256()).status());
  }
  std::string Running(const ReplayTask& task) {
    return ReasonFor(desk.Run(kAn, task.number()).status());
  }
  // "event reason" of the newest leaf.
  std::string LastLeaf() const {
    const auto leaf = last_leaf();
    return journal::v1::JournalEvent_Name(leaf.event()).substr(14) + " " + leaf.error_reason();
  }

  Persons persons;
  tests::FakeClock desk_clock{clock.Now()};
  ReplayDesk desk{{.store = *store,
                   .ledger = ledger,
                   .planner = planner,
                   .runner = runner,
                   .clock = desk_clock,
                   .persons = &persons},
                  {}};
};

TEST_CASE("what is executed takes two persons, and each step is a leaf") {
  DeskFixture f;
  f.Failed("Send");
  const ReplayTask task = f.Plan();
  CHECK(task.state() == replay::v1::REPLAY_TASK_STATE_PLANNED);
  CHECK(task.plan().planned_by() == "an");
  CHECK(f.LastLeaf() == "REPLAY_PLANNED ");
  CHECK(f.Running(task) == "REPLAY_APPROVAL_MISSING");
  CHECK(f.LastLeaf() == "REPLAY_APPROVAL_REFUSED REPLAY_APPROVAL_MISSING");
  CHECK(f.Approving(kAn, task) == "REPLAY_SAME_PERSON");
  CHECK(f.LastLeaf() == "REPLAY_APPROVAL_REFUSED REPLAY_SAME_PERSON");
  CHECK(f.adapter->count() == 1);
  CHECK(f.Approving(kBinh, task).empty());
  CHECK(f.LastLeaf() == "REPLAY_APPROVED ");
  CHECK(f.Approving(kBinh, task) == "REPLAY_TASK_STATE");
  CHECK(f.Running(task).empty());
  const ReplayTask ended = f.Awaited(task.number());
  CHECK(ended.state() == replay::v1::REPLAY_TASK_STATE_FINISHED);
  CHECK(ended.counts().answered() == 1);
  CHECK(f.LastLeaf() == "REPLAY_ENDED ");
  CHECK(f.Running(task) == "REPLAY_APPROVAL_USED");
  CHECK(f.Approving(kBinh, task) == "REPLAY_APPROVAL_USED");
  CHECK(f.LastLeaf() == "REPLAY_APPROVAL_REFUSED REPLAY_APPROVAL_USED");
  CHECK(f.adapter->count() == 2);
}

TEST_CASE("one person under two names is one person") {
  DeskFixture f;
  f.Failed("Send");
  const ReplayTask task = f.Plan();
  f.persons.Note("an", "key 5f");
  f.persons.Note("binh", "key 5f");
  CHECK(f.Approving(kBinh, task) == "REPLAY_SAME_PERSON");
}

TEST_CASE("an approval is of one plan, and counts for a time") {
  DeskFixture f;
  f.Failed("Send");
  const ReplayTask first = f.Plan();
  CHECK(f.Approving(kBinh, first).empty());
  f.Failed("Send");
  const ReplayTask edited = f.Plan(first.number());
  CHECK(edited.number() == first.number());
  CHECK(edited.plan().items() == 2);
  CHECK(edited.plan_sha256() != first.plan_sha256());
  CHECK(f.Running(edited) == "REPLAY_PLAN_DIFFERS");
  CHECK(f.Approving(kBinh, first) == "REPLAY_PLAN_DIFFERS");
  CHECK(f.LastLeaf() == "REPLAY_APPROVAL_REFUSED REPLAY_PLAN_DIFFERS");
  CHECK(f.Approving(kBinh, edited).empty());
  f.desk_clock.Advance(absl::Hours(24));
  CHECK(f.Running(edited) == "REPLAY_APPROVAL_EXPIRED");
  CHECK(f.Approving(kBinh, edited) == "REPLAY_APPROVAL_EXPIRED");
  CHECK(f.adapter->count() == 2);
  // Nobody waits for a plan for ever either.
  const ReplayTask another = f.Plan();
  f.desk_clock.Advance(absl::Hours(25));
  CHECK(f.Approving(kBinh, another) == "REPLAY_APPROVAL_EXPIRED");
}

TEST_CASE("a list that is not the one of the plan is not sent") {
  DeskFixture f;
  f.Failed("Send");
  const ReplayTask task = f.Plan();
  CHECK(f.Approving(kBinh, task).empty());
  auto item = f.Item(task.number(), 1);
  item.set_consumer("VN:GOV:G24:bhxh");
  REQUIRE(f.store->PutItems(task.number(), {&item, 1}).ok());
  CHECK(f.Running(task) == "REPLAY_PLAN_DIFFERS");
  CHECK(f.adapter->count() == 1);
}

TEST_CASE("reads whose policy is free are verified by one person") {
  DeskFixture f;
  f.Made("Read");
  const ReplayTask task = f.Plan(0, replay::v1::REPLAY_MODE_VERIFY);
  CHECK(f.Approving(kBinh, task) == "REPLAY_TASK_STATE");
  CHECK(f.desk.ExpiresAt(task) == absl::InfiniteFuture());
  CHECK(f.Running(task).empty());
  CHECK(f.Awaited(task.number()).counts().answered() == 1);
  CHECK(f.Running(task) == "REPLAY_TASK_STATE");
  CHECK(ReasonFor(f.desk.Resume(kAn, task.number()).status()) == "REPLAY_TASK_STATE");
  CHECK(ReasonFor(f.desk.Pause(kAn, task.number()).status()) == "REPLAY_TASK_STATE");
  CHECK(ReasonFor(f.desk.Cancel(kAn, task.number()).status()) == "REPLAY_TASK_STATE");
}

TEST_CASE("only who planned a task plans it anew, and only before it has begun") {
  DeskFixture f;
  f.Failed("Send");
  const ReplayTask task = f.Plan();
  const auto wish = f.Wish(replay::v1::REPLAY_MODE_EXECUTE);
  CHECK(ReasonFor(f.desk.Plan(kBinh, wish, task.number()).status()) == "REPLAY_TASK_STATE");
  CHECK(ReasonFor(f.desk.Plan(kAn, wish, 99).status()) == "REPLAY_TASK_UNKNOWN");
  const auto cancelled = f.desk.Cancel(kBinh, task.number());
  REQUIRE(cancelled.ok());
  CHECK(cancelled->state() == replay::v1::REPLAY_TASK_STATE_CANCELLED);
  CHECK(f.LastLeaf() == "REPLAY_ENDED ");
  CHECK(ReasonFor(f.desk.Plan(kAn, wish, task.number()).status()) == "REPLAY_TASK_STATE");
  CHECK(f.Approving(kBinh, task) == "REPLAY_TASK_STATE");
  CHECK(f.Running(task) == "REPLAY_TASK_STATE");
}

TEST_CASE("what the journal does not take has not happened") {
  DeskFixture f;
  f.Failed("Send");
  const ReplayTask task = f.Plan();
  f.journal.Fail(absl::DataLossError("x"));
  CHECK(absl::IsDataLoss(f.desk.Approve(kBinh, task.number(), task.plan_sha256()).status()));
  CHECK(absl::IsDataLoss(f.desk.Run(kAn, task.number()).status()));
  CHECK(absl::IsDataLoss(f.desk.Cancel(kAn, task.number()).status()));
  f.journal.Fail(absl::OkStatus());
  const ReplayTask kept = *f.desk.Find(task.number());
  CHECK(kept.SerializeAsString() == task.SerializeAsString());
}

TEST_CASE("a running task is paused and goes on") {
  DeskFixture f;
  f.Made("Read");
  f.stopped = true;
  const ReplayTask task = f.Plan(0, replay::v1::REPLAY_MODE_VERIFY);
  CHECK(f.Running(task).empty());
  CHECK(f.Running(task) == "REPLAY_TASK_STATE");
  const auto paused = f.desk.Pause(kBinh, task.number());
  REQUIRE(paused.ok());
  CHECK(paused->state() == replay::v1::REPLAY_TASK_STATE_PAUSED);
  f.stopped = false;
  REQUIRE(f.desk.Resume(kBinh, task.number()).ok());
  CHECK(f.Awaited(task.number()).state() == replay::v1::REPLAY_TASK_STATE_FINISHED);
  CHECK(f.adapter->count() == 2);
}

}  // namespace
}  // namespace ndx::console

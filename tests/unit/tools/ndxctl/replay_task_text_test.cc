#include "ndx/tools/ndxctl/replay_task_text.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

struct Shown {
  explicit Shown(core::Language language = core::Language::kEnglish)
      : terminal{.out = out, .err = out, .language = language} {}
  std::ostringstream out;
  Terminal terminal;
};

console::v1::ReplayTaskView View() {
  console::v1::ReplayTaskView view;
  auto& task = *view.mutable_task();
  task.set_number(7);
  task.set_state(replay::v1::REPLAY_TASK_STATE_PAUSED);
  task.set_paused_because("failures");
  task.set_plan_sha256("hash");
  auto& plan = *task.mutable_plan();
  plan.set_mode(replay::v1::REPLAY_MODE_EXECUTE);
  plan.set_planned_by("an");
  plan.set_reason("outage");
  plan.set_filter("outcome = failed");
  plan.set_items(9);
  plan.set_pace_per_minute(30);
  plan.set_stop_after(10);
  plan.set_needs_approval(true);
  task.mutable_counts()->set_answered(3);
  task.mutable_counts()->set_different(1);
  task.mutable_counts()->set_waiting(6);
  view.set_plan_sha256("5f2c");
  view.set_waits_for("stop switch");
  return view;
}

TEST_CASE("a task is shown with what it waits for, and who has to approve it") {
  Shown shown;
  auto view = View();
  PrintReplayTask(view, shown.terminal);
  const std::string text = shown.out.str();
  CHECK_THAT(text, Contains("replay task 7, execute: paused (failures)"));
  CHECK_THAT(text, Contains("exchanges 9: waiting 6, answered 3, different 1"));
  CHECK_THAT(text, Contains("pace 30 a minute") && Contains("waits for: stop switch"));
  CHECK_THAT(text, Contains("filter outcome = failed"));
  CHECK_THAT(text, Contains("ndxctl replay approve 7 --plan 5f2c"));
  view.mutable_task()->mutable_approval()->set_plan_sha256("hash");
  view.mutable_task()->mutable_approval()->set_approver("binh");
  Shown approved(core::Language::kVietnamese);
  PrintReplayTask(view, approved.terminal);
  CHECK_THAT(approved.out.str(), Contains("người phê duyệt binh") && Contains("tạm dừng") &&
                                     !Contains("replay approve"));
}

TEST_CASE("what was left out comes with the advice what to do instead") {
  Shown shown;
  google::protobuf::RepeatedPtrField<console::v1::ReplayTally> tallies;
  auto& tally = *tallies.Add();
  tally.set_method("/pay.v1.PaymentService/Pay");
  tally.set_recorded(replay::v1::SENDING_OUTCOME_ANSWER_UNKNOWN);
  tally.set_state(replay::v1::REPLAY_ITEM_STATE_EXCLUDED);
  tally.set_reason("REPLAY_METHOD_NEVER");
  tally.set_reason_en("never; settle accounts");
  tally.set_count(2);
  PrintReplayTallies(tallies, shown.terminal);
  CHECK_THAT(shown.out.str(), Contains("answer unknown") && Contains("left out") &&
                                  Contains("REPLAY_METHOD_NEVER: never; settle accounts"));
}

TEST_CASE("an item is shown with the paths that differ, never with values") {
  Shown shown;
  google::protobuf::RepeatedPtrField<replay::v1::ReplayItem> items;
  auto& item = *items.Add();
  item.set_number(12);
  item.set_state(replay::v1::REPLAY_ITEM_STATE_ANSWERED);
  item.set_differs(true);
  item.add_different_fields("parcel.address");
  item.set_more_fields(true);
  PrintReplayItems(items, shown.terminal);
  CHECK_THAT(shown.out.str(), Contains("12") && Contains("differs: parcel.address …"));
}

TEST_CASE("paces") {
  const Shown shown;
  CHECK(*ParsePace("", shown.terminal) == 0);
  CHECK(*ParsePace("5/s", shown.terminal) == 300);
  CHECK(*ParsePace("30/m", shown.terminal) == 30);
  CHECK(*ParsePace("30", shown.terminal) == 30);
  CHECK(*ParsePace("10000/s", shown.terminal) == 600'000);
  for (const char* const text : {"0", "x", "5/h", "-1", "10001/s", "600001", "/s", "1.5/s"}) {
    INFO(text);
    CHECK_FALSE(ParsePace(text, shown.terminal).ok());
  }
}

}  // namespace
}  // namespace ndx::tools::ndxctl

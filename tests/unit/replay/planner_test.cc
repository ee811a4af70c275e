#include "ndx/replay/planner.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "ndx/replay/plan_digest.h"
#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::replay {
namespace {

using tests::ReplayFixture;

std::string Refused(ReplayFixture& f, const PlanWish& wish) {
  const auto planned = f.planner.Plan(wish);
  const auto* const refusal = std::get_if<core::Refusal>(&planned);
  return refusal == nullptr ? "" : core::ReasonName(refusal->reason);
}

// Reason of each item, by its exchange.
std::map<core::ExchangeId, std::string> ReasonsOf(ReplayFixture& f, uint64_t task) {
  std::map<core::ExchangeId, std::string> reasons;
  CHECK(f.store
            ->ForEachItem(task, 0,
                          [&](const v1::ReplayItem& item) {
                            const auto id = core::ExchangeId::FromBytes(item.exchange_id());
                            reasons[*id] = item.reason();
                            return true;
                          })
            .ok());
  return reasons;
}

TEST_CASE("a plan holds each exchange once, in order, and why some are left out") {
  ReplayFixture f;
  const auto failed = f.Failed("Send");
  const auto answered = f.Made("Send");
  const auto never = f.Made("ChangeOnce");
  const auto twice = f.Made("Change");
  const auto refused = f.Made("Send", {.metadata = {}});
  const auto doubt = f.InDoubt("Send");
  const auto task = f.Planned(v1::REPLAY_MODE_EXECUTE);
  const auto reasons = ReasonsOf(f, task.number());
  CHECK(reasons.at(failed).empty());
  CHECK(reasons.at(answered) == "REPLAY_ALREADY_ANSWERED");
  CHECK(reasons.at(never) == "REPLAY_METHOD_NEVER");
  CHECK(reasons.at(twice) == "REPLAY_METHOD_NOT_IDEMPOTENT");
  CHECK(reasons.at(refused) == "PAYLOAD_NOT_KEPT");
  CHECK(reasons.at(doubt).empty());
  CHECK(reasons.size() == 6);
  CHECK(task.plan().items() == 6);
  CHECK(task.counts().waiting() == 2);
  CHECK(task.counts().excluded() == 4);
  CHECK(task.plan().needs_approval());
  const auto first = f.Item(task.number(), 1);
  CHECK(first.exchange_id() == failed.bytes());
  CHECK(first.recorded() == v1::SENDING_OUTCOME_ANSWERED);
  CHECK(f.Item(task.number(), 6).recorded() == v1::SENDING_OUTCOME_ANSWER_UNKNOWN);
  ItemsDigest digest;
  for (uint32_t i = 1; i <= 6; ++i) digest.Add(f.Item(task.number(), i));
  CHECK(task.plan().items_sha256() == digest.Finish());
  CHECK(task.plan_sha256() == PlanDigest(task.plan()));
  CHECK(f.adapter->count() == 4);  // the exchanges themselves
}

TEST_CASE("what is included on demand, and what a verification takes") {
  ReplayFixture f;
  const auto answered = f.Made("Send");
  const auto read = f.Made("Read");
  const auto note = f.Made("Note");
  PlanWish wish = f.Wish(v1::REPLAY_MODE_EXECUTE);
  wish.include_answered = true;
  CHECK(ReasonsOf(f, f.Planned(wish).number()).at(answered).empty());
  wish = f.Wish(v1::REPLAY_MODE_VERIFY, "method = Read");
  auto task = f.Planned(wish);
  CHECK(ReasonsOf(f, task.number()) == std::map<core::ExchangeId, std::string>{{read, ""}});
  CHECK_FALSE(task.plan().needs_approval());
  task = f.Planned(v1::REPLAY_MODE_VERIFY);
  CHECK(task.plan().needs_approval());  // for the note's sake
  CHECK(ReasonsOf(f, task.number()).at(answered) == "REPLAY_METHOD_CHANGES");
  CHECK(ReasonsOf(f, task.number()).at(note).empty());
}

TEST_CASE("replays are not replayed, and what another task has sent well is not sent again") {
  ReplayFixture f;
  const auto failed = f.Failed("Send");
  const auto first = f.RunToEnd(f.Planned(v1::REPLAY_MODE_EXECUTE));
  CHECK(first.counts().answered() == 1);
  const auto task = f.Planned(v1::REPLAY_MODE_EXECUTE);
  const auto child = core::ExchangeId::FromBytes(f.Item(first.number(), 1).new_exchange_id());
  const auto reasons = ReasonsOf(f, task.number());
  CHECK(reasons.at(failed) == "REPLAY_ALREADY_ANSWERED");
  CHECK(reasons.at(*child) == "REPLAY_OF_REPLAY");
}

TEST_CASE("exchanges of one dossier are a group; the pace is a tenth of the smallest quota") {
  ReplayFixture f(R"(
grants:
- name: paced
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["ledger.v1.LedgerService/Send"]
  quota: {per_second: 20}
  legal_basis: test
)");
  const transport::Metadata of_one = {{"ndx-purpose", "tthc"}, {"ndx-dossier", "H55-1"}};
  f.Failed("Send", {.metadata = of_one});
  f.Failed("Send");
  f.Failed("Send", {.metadata = of_one});
  PlanWish wish = f.Wish(v1::REPLAY_MODE_EXECUTE);
  wish.pace_per_minute = 0;
  const auto task = f.Planned(wish);
  CHECK(f.Item(task.number(), 1).order_group() == 1);
  CHECK(f.Item(task.number(), 2).order_group() == 2);
  CHECK(f.Item(task.number(), 3).order_group() == 1);
  CHECK(task.plan().pace_per_minute() == 120);
  CHECK(task.plan().stop_after() == 10);
  PlanWish reads = f.Wish(v1::REPLAY_MODE_VERIFY, "method = Read");
  f.Made("Read");
  reads.pace_per_minute = 0;
  CHECK(f.Planned(reads).plan().pace_per_minute() == 600);  // no quota: as the options say
}

TEST_CASE("the exchanges of an earlier task can be planned again") {
  ReplayFixture f;
  const auto failed = f.Failed("Send");
  const auto dry = f.Planned(v1::REPLAY_MODE_DRY_RUN);
  f.Failed("Send");
  PlanWish wish = f.Wish(v1::REPLAY_MODE_EXECUTE);
  wish.items_of = dry.number();
  const auto task = f.Planned(wish);
  CHECK(ReasonsOf(f, task.number()) == std::map<core::ExchangeId, std::string>{{failed, ""}});
  wish.items_of = 99;
  CHECK(Refused(f, wish) == "REPLAY_TASK_UNKNOWN");
}

TEST_CASE("what cannot be planned") {
  ReplayFixture f;
  CHECK(Refused(f, f.Wish(v1::REPLAY_MODE_VERIFY)) == "REPLAY_PLAN_INVALID");  // nothing is there
  for (int i = 0; i < 50; ++i) f.Made("Read");
  CHECK(Refused(f, f.Wish(v1::REPLAY_MODE_VERIFY)).empty());
  PlanWish wish = f.Wish(v1::REPLAY_MODE_UNSPECIFIED);
  CHECK(Refused(f, wish) == "REPLAY_PLAN_INVALID");
  wish = f.Wish(v1::REPLAY_MODE_VERIFY);
  wish.pace_per_minute = 6001;
  CHECK(Refused(f, wish) == "REPLAY_PLAN_INVALID");
  wish = f.Wish(v1::REPLAY_MODE_VERIFY);
  wish.stop_after = kStopAfterMax + 1;
  CHECK(Refused(f, wish) == "REPLAY_PLAN_INVALID");
  f.Made("Read");
  CHECK(Refused(f, f.Wish(v1::REPLAY_MODE_VERIFY)) == "REPLAY_PLAN_INVALID");  // 51 of 50
  f.reader.Fail(absl::DataLossError("damaged"));
  CHECK(Refused(f, f.Wish(v1::REPLAY_MODE_VERIFY)) == "INTERNAL");
}

}  // namespace
}  // namespace ndx::replay

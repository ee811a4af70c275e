#include "ndx/replay/plan_digest.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"

namespace ndx::replay {
namespace {

v1::ReplayPlan Plan() {
  v1::ReplayPlan plan;
  plan.set_mode(v1::REPLAY_MODE_EXECUTE);
  plan.set_filter("outcome = failed");
  plan.set_from_unix_ns(17);
  plan.set_reason("outage");
  plan.set_pace_per_minute(30);
  plan.set_stop_after(10);
  plan.set_items(2);
  plan.set_items_sha256(std::string(32, 'x'));
  plan.set_planned_by("an");
  plan.set_planned_unix_ns(1'767'225'600'000'000'000);
  plan.set_tree_size(5120);
  return plan;
}

TEST_CASE("the digest of a plan is over the text in the header, whatever wrote it") {
  const std::string text =
      "ndx replay plan v1\nmode execute\nfilter \"outcome = failed\"\nfrom 17\nto 0\nitems_of 0\n"
      "reason \"outage\"\npace 30\nstop_after 10\ninclude_answered 0\nplanned_by \"an\"\n"
      "planned 1767225600000000000\ntree_size 5120\nitems 2 " +
      absl::BytesToHexString(std::string(32, 'x')) + "\n";
  CHECK(PlanDigest(Plan()) == std::string(crypto::AsBytes(crypto::Sha256Of({text}))));
}

TEST_CASE("anything else about a plan makes it another") {
  const std::vector<std::function<void(v1::ReplayPlan&)>> changes = {
      [](v1::ReplayPlan& plan) { plan.set_mode(v1::REPLAY_MODE_VERIFY); },
      [](v1::ReplayPlan& plan) { plan.set_filter("outcome = failed\"\nitems_of 1"); },
      [](v1::ReplayPlan& plan) { plan.set_items_of(1); },
      [](v1::ReplayPlan& plan) { plan.set_from_unix_ns(18); },
      [](v1::ReplayPlan& plan) { plan.set_to_unix_ns(18); },
      [](v1::ReplayPlan& plan) { plan.set_reason("outage\npace 30"); },
      [](v1::ReplayPlan& plan) { plan.set_pace_per_minute(31); },
      [](v1::ReplayPlan& plan) { plan.set_stop_after(11); },
      [](v1::ReplayPlan& plan) { plan.set_include_answered(true); },
      [](v1::ReplayPlan& plan) { plan.set_items(3); },
      [](v1::ReplayPlan& plan) { plan.set_items_sha256(std::string(32, 'y')); },
      [](v1::ReplayPlan& plan) { plan.set_planned_by("binh"); },
      [](v1::ReplayPlan& plan) { plan.set_planned_unix_ns(1); },
      [](v1::ReplayPlan& plan) { plan.set_tree_size(1); },
  };
  std::set<std::string> digests = {PlanDigest(Plan())};
  for (const auto& change : changes) {
    v1::ReplayPlan plan = Plan();
    change(plan);
    digests.insert(PlanDigest(plan));
  }
  CHECK(digests.size() == changes.size() + 1);
}

TEST_CASE("the digest of a list is of its exchanges in order, not of what becomes of them") {
  v1::ReplayItem a;
  a.set_number(1);
  a.set_exchange_id(std::string(16, 'a'));
  a.set_consumer("VN:GOV:H55:mot-cua");
  a.set_state(v1::REPLAY_ITEM_STATE_WAITING);
  v1::ReplayItem b = a;
  b.set_exchange_id(std::string(16, 'b'));
  const auto digest_of = [](const std::vector<v1::ReplayItem>& items) {
    ItemsDigest digest;
    for (const auto& item : items) digest.Add(item);
    return digest.Finish();
  };
  const std::string ab = digest_of({a, b});
  CHECK(ab != digest_of({b, a}));
  CHECK(ab != digest_of({a}));
  v1::ReplayItem left_out = b;
  left_out.set_state(v1::REPLAY_ITEM_STATE_EXCLUDED);
  CHECK(ab != digest_of({a, left_out}));
  v1::ReplayItem grouped = b;
  grouped.set_order_group(1);
  CHECK(ab == digest_of({a, grouped}));
}

}  // namespace
}  // namespace ndx::replay

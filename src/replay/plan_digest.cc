#include "ndx/replay/plan_digest.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/replay/replay_rules.h"

namespace ndx::replay {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::CHexEscape(text), "\"");
}

}  // namespace

void ItemsDigest::Add(const v1::ReplayItem& item) {
  const bool excluded = item.state() == v1::REPLAY_ITEM_STATE_EXCLUDED;
  sha256_.Add(absl::StrCat(item.number(), " ", absl::BytesToHexString(item.exchange_id()), " ",
                           Quoted(item.consumer()), " ", Quoted(item.provider()), " ",
                           Quoted(item.method()), " ", item.leaf_index(), " ",
                           excluded ? "excluded " : "waiting ", item.reason(), "\n"));
}

std::string ItemsDigest::Finish() { return std::string(crypto::AsBytes(sha256_.Finish())); }

std::string PlanDigest(const v1::ReplayPlan& plan) {
  const std::string text = absl::StrCat(
      "ndx replay plan v1\nmode ", ModeWord(plan.mode()), "\nfilter ", Quoted(plan.filter()),
      "\nfrom ", plan.from_unix_ns(), "\nto ", plan.to_unix_ns(), "\nitems_of ", plan.items_of(),
      "\nreason ", Quoted(plan.reason()), "\npace ", plan.pace_per_minute(), "\nstop_after ",
      plan.stop_after(), "\ninclude_answered ", plan.include_answered() ? 1 : 0, "\nplanned_by ",
      Quoted(plan.planned_by()));
  const std::string rest = absl::StrCat("\nplanned ", plan.planned_unix_ns(), "\ntree_size ",
                                        plan.tree_size(), "\nitems ", plan.items(), " ",
                                        absl::BytesToHexString(plan.items_sha256()), "\n");
  return std::string(crypto::AsBytes(crypto::Sha256Of({text, rest})));
}

}  // namespace ndx::replay

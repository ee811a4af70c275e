// The SHA-256 by which a second person approves exactly one plan.
//
// Format, lines of text ended by "\n"; texts in double quotes with C escapes:
//   ndx replay plan v1
//   mode execute
//   filter "outcome = failed"        from 1767139200000000000          to 0            items_of 0
//   reason "case 45/VV: outage"      pace 30        stop_after 10      include_answered 0
//   planned_by "an"                  planned 1767225600000000000       tree_size 5120
//   items 2 <SHA-256 of the list, hexadecimal>
// each pair on a line of its own; the list has one line an item, in order:
//   1 <exchange id, hexadecimal> "consumer" "provider" "method" <leaf index> waiting|excluded
//   REASON
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "ndx/crypto/digest.h"
#include "ndx/replay/v1/replay_task.pb.h"

namespace ndx::replay {

// Of the items, added in order.
class ItemsDigest {
 public:
  void Add(const v1::ReplayItem& item);
  // 32 bytes.
  std::string Finish();

 private:
  crypto::Sha256 sha256_;
};

// Of the plan, 32 bytes.
std::string PlanDigest(const v1::ReplayPlan& plan);

}  // namespace ndx::replay

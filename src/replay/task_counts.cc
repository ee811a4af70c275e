#include "ndx/replay/task_counts.h"

#include "absl/strings/str_cat.h"

namespace ndx::replay {

bool IsSettled(const v1::ReplayItem& item) {
  return item.state() != v1::REPLAY_ITEM_STATE_WAITING &&
         item.state() != v1::REPLAY_ITEM_STATE_SENDING;
}

bool IsFailure(const v1::ReplayItem& item) {
  switch (item.state()) {
    case v1::REPLAY_ITEM_STATE_NOT_SENT:
    case v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN:
      return true;
    case v1::REPLAY_ITEM_STATE_ANSWERED:
      return item.grpc_status() != 0;
    default:
      return false;
  }
}

void CountSettled(const v1::ReplayItem& item, v1::ReplayCounts& counts) {
  counts.set_waiting(counts.waiting() - 1);
  switch (item.state()) {
    case v1::REPLAY_ITEM_STATE_NOT_SENT:
      counts.set_not_sent(counts.not_sent() + 1);
      break;
    case v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN:
      counts.set_answer_unknown(counts.answer_unknown() + 1);
      break;
    case v1::REPLAY_ITEM_STATE_ANSWERED:
      counts.set_answered(counts.answered() + 1);
      if (item.differs()) counts.set_different(counts.different() + 1);
      if (item.grpc_status() != 0) counts.set_errors(counts.errors() + 1);
      break;
    case v1::REPLAY_ITEM_STATE_FOUND_DONE:
      counts.set_found_done(counts.found_done() + 1);
      break;
    case v1::REPLAY_ITEM_STATE_PASSED:
      counts.set_passed(counts.passed() + 1);
      break;
    default:
      break;
  }
}

uint32_t FailuresOf(const v1::ReplayCounts& counts) {
  return counts.not_sent() + counts.answer_unknown() + counts.errors();
}

std::string CountsText(const v1::ReplayCounts& counts) {
  std::string text;
  const auto add = [&](uint32_t count, const char* what) {
    if (count > 0) absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", what);
  };
  add(counts.answered(), "answered");
  add(counts.different(), "different");
  add(counts.errors(), "errors");
  add(counts.found_done(), "found done");
  add(counts.passed(), "passed");
  add(counts.not_sent(), "not sent");
  add(counts.answer_unknown(), "answer unknown");
  add(counts.excluded(), "left out");
  add(counts.waiting(), "waiting");
  return text;
}

}  // namespace ndx::replay

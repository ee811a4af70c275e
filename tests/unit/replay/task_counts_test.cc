#include "ndx/replay/task_counts.h"

#include <catch2/catch.hpp>

namespace ndx::replay {
namespace {

v1::ReplayItem ItemIn(v1::ReplayItemState state, uint32_t status = 0, bool differs = false) {
  v1::ReplayItem item;
  item.set_state(state);
  item.set_grpc_status(status);
  item.set_differs(differs);
  return item;
}

TEST_CASE("what is settled, and what has failed") {
  CHECK_FALSE(IsSettled(ItemIn(v1::REPLAY_ITEM_STATE_WAITING)));
  CHECK_FALSE(IsSettled(ItemIn(v1::REPLAY_ITEM_STATE_SENDING)));
  CHECK(IsSettled(ItemIn(v1::REPLAY_ITEM_STATE_EXCLUDED)));
  CHECK(IsFailure(ItemIn(v1::REPLAY_ITEM_STATE_NOT_SENT)));
  CHECK(IsFailure(ItemIn(v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN)));
  CHECK(IsFailure(ItemIn(v1::REPLAY_ITEM_STATE_ANSWERED, 13)));
  CHECK_FALSE(IsFailure(ItemIn(v1::REPLAY_ITEM_STATE_ANSWERED)));
  CHECK_FALSE(IsFailure(ItemIn(v1::REPLAY_ITEM_STATE_FOUND_DONE)));
  CHECK_FALSE(IsFailure(ItemIn(v1::REPLAY_ITEM_STATE_EXCLUDED)));
}

TEST_CASE("each item that is settled leaves those that wait") {
  v1::ReplayCounts counts;
  counts.set_waiting(9);
  counts.set_excluded(2);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_ANSWERED), counts);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_ANSWERED, 0, true), counts);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_ANSWERED, 13), counts);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_NOT_SENT), counts);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN), counts);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_FOUND_DONE), counts);
  CountSettled(ItemIn(v1::REPLAY_ITEM_STATE_PASSED), counts);
  CHECK(FailuresOf(counts) == 3);
  CHECK(CountsText(counts) ==
        "3 answered, 1 different, 1 errors, 1 found done, 1 passed, 1 not sent, 1 answer unknown, "
        "2 left out, 2 waiting");
  CHECK(CountsText({}).empty());
}

}  // namespace
}  // namespace ndx::replay

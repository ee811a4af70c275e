// How the exchanges of a replay task stand, in numbers. Pure.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>

#include "ndx/replay/v1/replay_task.pb.h"

namespace ndx::replay {

// Nothing more becomes of it.
bool IsSettled(const v1::ReplayItem& item);
// Settled, and not as hoped: not sent, without answer, or with an error of the provider's.
bool IsFailure(const v1::ReplayItem& item);

// A waiting item has been settled.
void CountSettled(const v1::ReplayItem& item, v1::ReplayCounts& counts);

uint32_t FailuresOf(const v1::ReplayCounts& counts);
// "3 answered, 1 different, 2 not sent, 5 waiting": what is not 0, for notes of leaves.
std::string CountsText(const v1::ReplayCounts& counts);

}  // namespace ndx::replay

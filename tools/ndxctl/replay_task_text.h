// Replay tasks (nhiệm vụ thực hiện lại) as ndxctl shows them.
//
// Thread-safety: thread-safe functions but for what they write to.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ndx/console/v1/replay_task_service.pb.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

// A mode, state or item state in the operator's language.
std::string ReplayModeText(replay::v1::ReplayMode mode, const Terminal& terminal);
std::string ReplayTaskStateText(const replay::v1::ReplayTask& task, const Terminal& terminal);
std::string ReplayItemStateText(replay::v1::ReplayItemState state, const Terminal& terminal);

// "answered 3, different 1, waiting 5": what is not 0.
std::string ReplayCountsText(const replay::v1::ReplayCounts& counts, const Terminal& terminal);

void PrintReplayTask(const console::v1::ReplayTaskView& view, Terminal& terminal);
void PrintReplayTallies(const google::protobuf::RepeatedPtrField<console::v1::ReplayTally>& tallies,
                        Terminal& terminal);
void PrintReplayItems(const google::protobuf::RepeatedPtrField<replay::v1::ReplayItem>& items,
                      Terminal& terminal);

// Exchanges a minute of "5/s", "30/m" or "30" (a minute). kInvalidArgument.
absl::StatusOr<uint32_t> ParsePace(const std::string& text, const Terminal& terminal);

}  // namespace ndx::tools::ndxctl

// Which methods a replay task may send, and on whose word. Pure.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <optional>

#include "ndx/exchange/v1/error_reason.pb.h"
#include "ndx/registry/registry_entries.h"
#include "ndx/replay/sending.h"
#include "ndx/replay/v1/replay_task.pb.h"

namespace ndx::replay {

// Why a task of this mode must not send the method: REPLAY_METHOD_NEVER, REPLAY_METHOD_CHANGES (to
// verify), REPLAY_METHOD_NOT_IDEMPOTENT. A dry run is judged as if it were to execute.
std::optional<exchange::v1::ErrorReason> ReasonAgainstMethod(const registry::MethodEntry& method,
                                                             v1::ReplayMode mode);

// A second person must approve it: whatever is executed, and reads whose policy says so.
bool NeedsApproval(const registry::MethodEntry& method, v1::ReplayMode mode);

// Why an exchange with this history is not sent again: REPLAY_STILL_OPEN, REPLAY_ALREADY_ANSWERED,
// to verify PAYLOAD_NOT_KEPT where there is no answer to compare with.
std::optional<exchange::v1::ErrorReason> ReasonAgainstHistory(const registry::MethodEntry& method,
                                                              const Sending& sending,
                                                              v1::ReplayMode mode,
                                                              bool include_answered);

// "dry-run", "verify", "execute", as in leaves.
const char* ModeWord(v1::ReplayMode mode);

}  // namespace ndx::replay

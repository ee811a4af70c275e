// Times as people type them.
//
// Thread-safety: thread-safe function.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ndx::tools::ndxctl {

// Accepts, in the time of Vietnam where no offset stands: 2026-03-02, 2026-03-02T08:15,
// 2026-03-02T08:15:30, 2026-03-02T08:15:30+07:00 (a space may stand for the T); and a span before
// now: 30s, 15m, 2h, 3d. kInvalidArgument otherwise.
absl::StatusOr<absl::Time> ParseTimeArgument(const std::string& text, absl::Time now);

}  // namespace ndx::tools::ndxctl

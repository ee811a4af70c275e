// How it is said that a payload is gone because its retention was over.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace ndx::journal {

// kNotFound: the payload was to be kept until this time, and was removed by the leaf at this index.
absl::Status RetentionExpired(absl::Time kept_until, uint64_t removed_by_leaf);

// Until when it was to be kept, if that is what the status says.
std::optional<absl::Time> RetentionExpiry(const absl::Status& status);

}  // namespace ndx::journal

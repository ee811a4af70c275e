// The opaque text by which a page says where the next one begins. Private to this folder.
//
// Bytes, in base64url without padding: u8 version (1) ‖ u64 leaf to look at next ‖ i64 from ‖ i64
// to (nanoseconds since 1970) ‖ first 8 bytes of SHA-256(kind of rows ‖ filter, resolved). The
// filter's values are no plain text there: references are keyed before they are hashed.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/search/filter.h"

namespace ndx::search {

struct PageToken {
  uint64_t next_leaf = 0;
  TimeBound time;
};

std::string EncodePageToken(const PageToken& token, absl::string_view rows, const Filter& filter);

// kInvalidArgument if it is no token, or one of another filter.
absl::StatusOr<PageToken> DecodePageToken(absl::string_view text, absl::string_view rows,
                                          const Filter& filter);

}  // namespace ndx::search

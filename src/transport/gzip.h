// gzip within limits: the answer to decompression bombs.
//
// Thread-safety: thread-safe.
// Source: RFC 1952, through zlib.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::transport {

// Output up to this size is not held against the ratio.
inline constexpr size_t kGzipRatioFreeBytes = size_t{64} << 10;

// kResourceExhausted when the output would exceed bytes_max, or ratio_max times the input beyond
// the first kGzipRatioFreeBytes. kInternal when the input is not one whole gzip member.
absl::StatusOr<std::string> Gunzip(absl::string_view compressed, size_t bytes_max,
                                   size_t ratio_max);

// For tests and tools.
std::string Gzip(absl::string_view bytes);

}  // namespace ndx::transport

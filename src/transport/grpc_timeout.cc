#include "ndx/transport/grpc_timeout.h"

#include <algorithm>

namespace ndx::transport {
namespace {

struct Unit {
  char letter;
  int64_t nanos;
};

// From fine to coarse: the first whose count fits is the most exact.
constexpr Unit kUnits[] = {
    {'n', 1},
    {'u', 1'000},
    {'m', 1'000'000},
    {'S', 1'000'000'000},
    {'M', int64_t{60} * 1'000'000'000},
    {'H', int64_t{3600} * 1'000'000'000},
};
constexpr size_t kDigitsMax = 8;
constexpr int64_t kCountMax = 99'999'999;

}  // namespace

std::optional<int64_t> ParseGrpcTimeout(absl::string_view text) {
  if (text.size() < 2 || text.size() > kDigitsMax + 1) return std::nullopt;
  int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + (c - '0');
  }
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    if (count > kTimeoutNanosMax / unit.nanos) return kTimeoutNanosMax;
    return count * unit.nanos;
  }
  return std::nullopt;
}

std::string FormatGrpcTimeout(int64_t nanos) {
  nanos = std::clamp<int64_t>(nanos, 0, kTimeoutNanosMax);
  for (const Unit& unit : kUnits) {
    const int64_t count = nanos / unit.nanos;
    if (count <= kCountMax) return std::to_string(count) + unit.letter;
  }
  return std::to_string(kCountMax) + 'H';
}

}  // namespace ndx::transport

#include "ndx/broker/hop_times.h"

#include <algorithm>

namespace ndx::broker {

void HopTimes::Saw(absl::string_view peer, int64_t here_nanos, int64_t there_nanos) {
  const int64_t hop = std::max<int64_t>(here_nanos - there_nanos, 0);
  const auto [at, first] = nanos_.try_emplace(std::string(peer), hop);
  if (!first) at->second += (hop - at->second) / 8;
}

int64_t HopTimes::Of(absl::string_view peer) const {
  const auto found = nanos_.find(peer);
  return found == nanos_.end() ? 0 : found->second;
}

int64_t HopTimes::DeadlineThere(absl::string_view peer, int64_t now_nanos,
                                int64_t deadline_nanos) const {
  const int64_t most = std::max<int64_t>((deadline_nanos - now_nanos) / 4, 0);
  return deadline_nanos - std::min(Of(peer), most);
}

}  // namespace ndx::broker

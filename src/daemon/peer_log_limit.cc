#include "ndx/daemon/peer_log_limit.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ndx::daemon {
namespace {

constexpr int64_t kMinuteNanos = 60'000'000'000;

}  // namespace

std::optional<uint64_t> PeerLogLimit::Admit(absl::string_view subject, absl::string_view address) {
  const absl::string_view host = address.substr(0, address.rfind(':'));
  const int64_t now = clock_.MonotonicNanos();
  core::MutexLock lock(mutex_);
  Place& place = PlaceOf(absl::StrCat(subject, " ", host), now);
  if (now - place.began_nanos >= kMinuteNanos) {
    place.began_nanos = now;
    place.lines = 0;
  }
  if (place.lines == kPeerLinesPerMinute) {
    ++place.held_back;
    return std::nullopt;
  }
  ++place.lines;
  return std::exchange(place.held_back, 0);
}

PeerLogLimit::Place& PeerLogLimit::PlaceOf(std::string key, int64_t now_nanos) {
  const auto found = places_.find(key);
  if (found != places_.end()) return found->second;
  if (places_.size() >= kPeersRemembered) {
    absl::erase_if(places_, [now_nanos](const auto& entry) {
      return now_nanos - entry.second.began_nanos >= kMinuteNanos;
    });
  }
  if (places_.size() >= kPeersRemembered) key.clear();
  return places_.try_emplace(std::move(key), Place{.began_nanos = now_nanos}).first->second;
}

}  // namespace ndx::daemon

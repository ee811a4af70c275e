// How long the way to each peer and back takes, over what the peer itself needs: by so much sooner
// it is to give up than this node does, so that its word still arrives.
//
// Thread-safety: belongs to its event loop.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace ndx::broker {

class HopTimes {
 public:
  // One exchange: what it took from here, and what the peer says that it took there. A clock that
  // runs too fast there makes no hop shorter than nothing.
  void Saw(absl::string_view peer, int64_t here_nanos, int64_t there_nanos);

  // Smoothed as in RFC 6298, by an eighth of each difference; 0 while nothing was seen.
  int64_t Of(absl::string_view peer) const;

  // When the peer is to give up what this node gives up at `deadline_nanos`: sooner by the hop, but
  // never by more than a quarter of what is left.
  int64_t DeadlineThere(absl::string_view peer, int64_t now_nanos, int64_t deadline_nanos) const;

 private:
  absl::flat_hash_map<std::string, int64_t> nanos_;
};

}  // namespace ndx::broker

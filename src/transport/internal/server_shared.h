// What all loops of one server share.
//
// Thread-safety: options are immutable; counters are atomic; the service, observer and random
// source are thread-safe by contract.
#pragma once

#include <atomic>
#include <cstdint>

#include "internal/memory_budget.h"
#include "internal/peer_counts.h"
#include "ndx/core/random.h"
#include "ndx/transport/server.h"

namespace ndx::transport {

struct ServerShared {
  ServerShared(ServerOptions o, ServerService& s, ServerObserver& w, core::Random& r)
      : options(std::move(o)),
        service(s),
        observer(w),
        random(r),
        budget(options.limits.server_buffer_bytes_max),
        per_certificate(options.limits.connections_per_certificate_max) {}

  const ServerOptions options;
  ServerService& service;
  ServerObserver& observer;
  core::Random& random;
  MemoryBudget budget;
  PeerCounts per_certificate;
  size_t shards = 1;  // set before anything runs
  std::atomic<size_t> connections{0};
  std::atomic<size_t> calls{0};
  std::atomic<uint64_t> next_connection_id{1};
};

}  // namespace ndx::transport

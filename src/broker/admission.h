// How much the node takes on at once: exchanges in flight on the node and per consumer, and bytes
// of messages held.
//
// Thread-safety: thread-safe; one object serves all event loops. Node and memory limits take no
// lock; the per-consumer count takes one of sixteen short ones. Units: exchanges, bytes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/mutex.h"
#include "ndx/core/system_id.h"

namespace ndx::broker {

struct AdmissionOptions {
  uint32_t in_flight_max = 4096;
  uint32_t in_flight_per_consumer_max = 1024;
  uint64_t memory_bytes_max = uint64_t{1} << 30;
};

class Admission {
 public:
  explicit Admission(const AdmissionOptions& options) : options_(options) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // Takes one of the node's places; give it back with Leave().
  bool TryEnter();
  void Leave();

  // Takes one of the consumer's places; give it back with LeaveConsumer().
  bool TryEnterConsumer(const core::SystemId& consumer);
  void LeaveConsumer(const core::SystemId& consumer);

  // Takes bytes from the memory budget; give them back with ReleaseMemory().
  bool TryTakeMemory(uint64_t bytes);
  void ReleaseMemory(uint64_t bytes);

  // Marks an exchange id of a consumer as running; false if it is already. End with ReleaseId().
  bool TryTakeId(const core::SystemId& consumer, const core::ExchangeId& id);
  void ReleaseId(const core::SystemId& consumer, const core::ExchangeId& id);

  // From now on TryEnter() refuses: the node is stopping.
  void Stop() { stopping_.store(true, std::memory_order_relaxed); }
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }
  const AdmissionOptions& options() const { return options_; }

 private:
  static constexpr size_t kShards = 16;

  struct Shard {
    core::Mutex mutex;
    absl::flat_hash_map<core::SystemId, uint32_t> consumers ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<std::pair<core::SystemId, core::ExchangeId>, bool> ids
        ABSL_GUARDED_BY(mutex);
  };

  Shard& ShardOf(const core::SystemId& consumer);
  Shard& ShardOf(const core::ExchangeId& id);

  const AdmissionOptions options_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> in_flight_{0};
  std::atomic<uint64_t> memory_bytes_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace ndx::broker

// How much the node takes on at once: exchanges in flight, and bytes of messages held, on the node
// and of each consumer.
//
// Thread-safety: thread-safe; one object serves all event loops. Node and memory limits take no
// lock; what is counted for each consumer takes one of sixteen short ones. Ownership: the watch
// must outlive it. Units: exchanges, bytes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "ndx/broker/limit_watch.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/mutex.h"
#include "ndx/core/system_id.h"

namespace ndx::broker {

struct AdmissionOptions {
  uint32_t in_flight_max = 4096;
  uint32_t in_flight_per_consumer_max = 1024;
  uint64_t memory_bytes_max = uint64_t{1} << 30;
  uint64_t memory_bytes_per_consumer_max = uint64_t{1} << 29;
};

// What a message takes of the memory budget while it is being recorded, times its size: itself, its
// parts in plain, the parts sealed.
inline constexpr uint64_t kMemoryCopies = 3;

class Admission {
 public:
  // What goes past a limit is told to the watch, and passes if the watch lets it.
  Admission(const AdmissionOptions& options, const LimitWatch& watch)
      : options_(options), watch_(watch) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // Takes one of the node's places; give it back with Leave().
  bool TryEnter();
  void Leave();

  // Takes one of the consumer's places; give it back with LeaveConsumer().
  bool TryEnterConsumer(const core::SystemId& consumer);
  void LeaveConsumer(const core::SystemId& consumer);

  // Takes bytes from the memory budget and the consumer's part of it; give them back with
  // ReleaseMemory().
  bool TryTakeMemory(const core::SystemId& consumer, uint64_t bytes);
  void ReleaseMemory(const core::SystemId& consumer, uint64_t bytes);

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

  struct Consumer {
    uint32_t in_flight = 0;
    uint64_t memory_bytes = 0;
  };
  struct Shard {
    // Forgets a consumer that holds nothing any more.
    void GiveBack(const core::SystemId& consumer, const Consumer& what)
        ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

    core::Mutex mutex;
    absl::flat_hash_map<core::SystemId, Consumer> consumers ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<std::pair<core::SystemId, core::ExchangeId>, bool> ids
        ABSL_GUARDED_BY(mutex);
  };

  Shard& ShardOf(const core::SystemId& consumer);
  Shard& ShardOf(const core::ExchangeId& id);

  const AdmissionOptions options_;
  const LimitWatch& watch_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> in_flight_{0};
  std::atomic<uint64_t> memory_bytes_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace ndx::broker

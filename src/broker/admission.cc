#include "ndx/broker/admission.h"

#include <utility>

#include "absl/hash/hash.h"

namespace ndx::broker {
namespace {

template <typename Number>
bool TryAdd(std::atomic<Number>& counter, Number amount, Number most) {
  Number now = counter.load(std::memory_order_relaxed);
  while (now + amount <= most) {
    if (counter.compare_exchange_weak(now, now + amount, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace

void Admission::Shard::GiveBack(const core::SystemId& consumer, const Consumer& what) {
  const auto found = consumers.find(consumer);
  if (found == consumers.end()) return;
  Consumer& held = found->second;
  held.in_flight -= what.in_flight;
  held.memory_bytes -= what.memory_bytes;
  if (held.in_flight == 0 && held.memory_bytes == 0) consumers.erase(found);
}

bool Admission::TryEnter() {
  if (TryAdd<uint32_t>(in_flight_, 1, options_.in_flight_max)) return true;
  if (watch_.Refuses(Limit::kInFlight, "")) return false;
  in_flight_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Admission::Leave() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

bool Admission::TryEnterConsumer(const core::SystemId& consumer) {
  Shard& shard = ShardOf(consumer);
  const core::MutexLock lock(shard.mutex);
  Consumer& found = shard.consumers[consumer];
  if (found.in_flight >= options_.in_flight_per_consumer_max &&
      watch_.Refuses(Limit::kInFlightPerConsumer, consumer.text())) {
    return false;
  }
  ++found.in_flight;
  return true;
}

void Admission::LeaveConsumer(const core::SystemId& consumer) {
  Shard& shard = ShardOf(consumer);
  const core::MutexLock lock(shard.mutex);
  shard.GiveBack(consumer, {.in_flight = 1});
}

bool Admission::TryTakeMemory(const core::SystemId& consumer, uint64_t bytes) {
  if (bytes == 0) return true;
  Shard& shard = ShardOf(consumer);
  const core::MutexLock lock(shard.mutex);
  Consumer& found = shard.consumers[consumer];
  if (found.memory_bytes + bytes > options_.memory_bytes_per_consumer_max &&
      watch_.Refuses(Limit::kMemoryPerConsumer, consumer.text())) {
    return false;
  }
  if (!TryAdd<uint64_t>(memory_bytes_, bytes, options_.memory_bytes_max)) {
    if (watch_.Refuses(Limit::kMemory, consumer.text())) return false;
    memory_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  found.memory_bytes += bytes;
  return true;
}

void Admission::ReleaseMemory(const core::SystemId& consumer, uint64_t bytes) {
  if (bytes == 0) return;
  memory_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  Shard& shard = ShardOf(consumer);
  const core::MutexLock lock(shard.mutex);
  shard.GiveBack(consumer, {.memory_bytes = bytes});
}

bool Admission::TryTakeId(const core::SystemId& consumer, const core::ExchangeId& id) {
  Shard& shard = ShardOf(id);
  const core::MutexLock lock(shard.mutex);
  return shard.ids.try_emplace(std::make_pair(consumer, id), true).second;
}

void Admission::ReleaseId(const core::SystemId& consumer, const core::ExchangeId& id) {
  Shard& shard = ShardOf(id);
  const core::MutexLock lock(shard.mutex);
  shard.ids.erase(std::make_pair(consumer, id));
}

Admission::Shard& Admission::ShardOf(const core::SystemId& consumer) {
  return shards_[absl::Hash<core::SystemId>()(consumer) % kShards];
}

Admission::Shard& Admission::ShardOf(const core::ExchangeId& id) {
  return shards_[absl::Hash<core::ExchangeId>()(id) % kShards];
}

}  // namespace ndx::broker

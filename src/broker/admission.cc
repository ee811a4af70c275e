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

bool Admission::TryEnter() { return TryAdd<uint32_t>(in_flight_, 1, options_.in_flight_max); }

void Admission::Leave() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

bool Admission::TryEnterConsumer(const core::SystemId& consumer) {
  Shard& shard = ShardOf(consumer);
  const core::MutexLock lock(shard.mutex);
  uint32_t& count = shard.consumers[consumer];
  if (count >= options_.in_flight_per_consumer_max) return false;
  ++count;
  return true;
}

void Admission::LeaveConsumer(const core::SystemId& consumer) {
  Shard& shard = ShardOf(consumer);
  const core::MutexLock lock(shard.mutex);
  const auto found = shard.consumers.find(consumer);
  if (found != shard.consumers.end() && --found->second == 0) shard.consumers.erase(found);
}

bool Admission::TryTakeMemory(uint64_t bytes) {
  return TryAdd<uint64_t>(memory_bytes_, bytes, options_.memory_bytes_max);
}

void Admission::ReleaseMemory(uint64_t bytes) {
  memory_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
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

#include "ndx/journal/unmoved_keys.h"

namespace ndx::journal {
namespace {

// A part with its key and commitment, and what allocating them takes.
constexpr size_t kPartBytes = sizeof(UnmovedPart) + 96;
constexpr size_t kSubjectBytes = sizeof(std::string) + 32;

}  // namespace

size_t UnmovedLeaf::MemoryBytes() const {
  size_t bytes = sizeof(UnmovedLeaf);
  for (const auto* parts : {&request, &response, &signature}) {
    for (const UnmovedPart& part : *parts) {
      bytes += kPartBytes + part.subjects.size() * kSubjectBytes;
    }
  }
  return bytes;
}

void UnmovedKeys::Put(uint64_t index, std::unique_ptr<UnmovedLeaf> leaf) {
  const size_t bytes = leaf->MemoryBytes();
  core::MutexLock lock(mutex_);
  if (bytes_ + bytes > kUnmovedBytesMax) return;
  bytes_ += bytes;
  entries_.push_back({.index = index, .bytes = bytes, .leaf = std::move(leaf)});
}

std::unique_ptr<UnmovedLeaf> UnmovedKeys::Take(uint64_t index) {
  core::MutexLock lock(mutex_);
  std::unique_ptr<UnmovedLeaf> found;
  while (!entries_.empty() && entries_.front().index <= index) {
    Entry& front = entries_.front();
    if (front.index == index) found = std::move(front.leaf);
    bytes_ -= front.bytes;
    entries_.pop_front();
  }
  return found;
}

}  // namespace ndx::journal

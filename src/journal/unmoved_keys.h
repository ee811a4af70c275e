// The keys of payload parts that were sealed a moment ago, in memory until the follower of the log
// comes to their leaf and puts them under their subjects' keys: what it does not find here it
// reads, unwraps and decrypts from the store. A part of the engine, public for its test.
//
// Thread-safety: UnmovedKeys is thread-safe; an UnmovedLeaf is handed from thread to thread.
// Size: at most kUnmovedBytesMax, by an estimate of what a part takes. While it is full nothing
// more is taken in: what is there is what the follower comes to first.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ndx/core/mutex.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::journal {

inline constexpr size_t kUnmovedBytesMax = size_t{16} << 20;

struct UnmovedPart {
  crypto::SecretBytes key;
  std::vector<std::string> subjects;  // named in it, as text, ascending
  std::string commitment;
  uint32_t offset = 0;  // of an element in its message; 0 of a message
};

// What is stored with one leaf.
struct UnmovedLeaf {
  bool wrapped = false;  // an exchange key is kept under the leaf's index
  std::vector<UnmovedPart> request;
  std::vector<UnmovedPart> response;
  std::vector<UnmovedPart> signature;  // none or one

  size_t MemoryBytes() const;
};

class UnmovedKeys {
 public:
  // From now on there is somebody who takes them.
  void BeginToCollect() { collected_ = true; }
  bool collected() const { return collected_; }

  // Leaves come in ascending order, each before it can be read from the store.
  void Put(uint64_t index, std::unique_ptr<UnmovedLeaf> leaf);

  // Null if it is not here. Drops those of leaves before it: the follower does not come back to
  // them, but after an error, and then it has the store.
  std::unique_ptr<UnmovedLeaf> Take(uint64_t index);

 private:
  struct Entry {
    uint64_t index = 0;
    size_t bytes = 0;
    std::unique_ptr<UnmovedLeaf> leaf;
  };

  std::atomic<bool> collected_ = false;
  core::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ndx::journal

#include "ndx/crypto/locked_memory.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ndx/core/status_macros.h"

namespace ndx::crypto {
namespace {

// Keys are of 32 bytes, two of them together, or PEM text. An exchange under way holds a few.
constexpr size_t kSmallBytes = 64;
constexpr uint32_t kSmallPieces = 8192;
constexpr size_t kLargeBytes = 512;
constexpr uint32_t kLargePieces = 512;
// Of OpenSSL: private keys, and what it computes with during handshakes. Powers of two.
constexpr size_t kOpensslHeapBytes = size_t{1} << 20;
constexpr size_t kOpensslPieceBytes = 32;

struct Pages {
  char* at = nullptr;
  int lock_error = 0;  // errno
};

Pages MapPages(size_t bytes) {
  Pages pages;
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NDX_CHECK(at != MAP_FAILED);
  pages.at = static_cast<char*>(at);
  // Nothing of a core dump, even where somebody has made the process dumpable.
  (void)madvise(at, bytes, MADV_DONTDUMP);
  if (mlock(at, bytes) != 0) pages.lock_error = errno;
  return pages;
}

size_t WholePages(size_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

// Pieces of one size; those that are free are a list without a lock. The number beside the first
// one's changes with every step, so that a list that was changed and changed back is told apart.
class Pieces {
 public:
  Pieces(char* at, size_t bytes, uint32_t count)
      : at_(at), bytes_(bytes), next_(count), free_(count == 0 ? kNone : 0) {
    for (uint32_t i = 0; i < count; ++i) next_[i].store(i + 1 < count ? i + 1 : kNone);
  }

  char* Take() {
    uint64_t head = free_.load(std::memory_order_acquire);
    while (true) {
      const auto first = static_cast<uint32_t>(head);
      if (first == kNone) return nullptr;
      const uint64_t after = Stepped(head) | next_[first].load(std::memory_order_relaxed);
      if (free_.compare_exchange_weak(head, after, std::memory_order_acq_rel)) {
        return at_ + first * bytes_;
      }
    }
  }

  // False if it is none of these.
  bool Return(char* piece) {
    if (piece < at_ || piece >= at_ + next_.size() * bytes_) return false;
    const auto index = static_cast<uint32_t>(static_cast<size_t>(piece - at_) / bytes_);
    uint64_t head = free_.load(std::memory_order_relaxed);
    do {
      next_[index].store(static_cast<uint32_t>(head), std::memory_order_relaxed);
    } while (!free_.compare_exchange_weak(head, Stepped(head) | index, std::memory_order_acq_rel));
    return true;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static uint64_t Stepped(uint64_t head) { return ((head >> 32U) + 1) << 32U; }

  char* const at_;
  const size_t bytes_;
  std::vector<std::atomic<uint32_t>> next_;
  std::atomic<uint64_t> free_;  // low half: the first one's index
};

struct Region {
  Region()
      : pages(MapPages(kSmallBytes * kSmallPieces + kLargeBytes * kLargePieces)),
        small(pages.at, kSmallBytes, kSmallPieces),
        large(pages.at + kSmallBytes * kSmallPieces, kLargeBytes, kLargePieces) {}

  const Pages pages;
  Pieces small;
  Pieces large;
};

// Never destroyed: secrets may outlive what is destroyed at the end of a program.
Region& TheRegion() {
  static auto* const region = new Region;
  return *region;
}

}  // namespace

std::string LockSecretMemory() {
  const int heap = CRYPTO_secure_malloc_initialized() == 1
                       ? 1
                       : CRYPTO_secure_malloc_init(kOpensslHeapBytes, kOpensslPieceBytes);
  const int error = TheRegion().pages.lock_error;
  if (error != 0) return std::strerror(error);
  return heap == 1 ? "" : "OpenSSL's part of it is not locked";
}

char* TakeLockedMemory(size_t size) {
  NDX_CHECK(size > 0);
  char* piece = nullptr;
  if (size <= kSmallBytes) piece = TheRegion().small.Take();
  if (piece == nullptr && size <= kLargeBytes) piece = TheRegion().large.Take();
  return piece != nullptr ? piece : MapPages(WholePages(size)).at;
}

void ReturnLockedMemory(char* at, size_t size) {
  OPENSSL_cleanse(at, size);
  if (TheRegion().small.Return(at) || TheRegion().large.Return(at)) return;
  const size_t bytes = WholePages(size);
  (void)munlock(at, bytes);
  (void)munmap(at, bytes);
}

}  // namespace ndx::crypto

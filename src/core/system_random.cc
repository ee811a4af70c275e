#include "ndx/core/system_random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "ndx/core/status_macros.h"

namespace ndx::core {
namespace {

void FillFromKernel(void* out, size_t size) {
  auto* at = static_cast<unsigned char*>(out);
  while (size > 0) {
    const ssize_t got = getrandom(at, size, 0);
    NDX_CHECK(got > 0);  // getrandom() of the pool fails only on a broken kernel
    at += got;
    size -= static_cast<size_t>(got);
  }
}

struct Pool {
  std::array<unsigned char, 4096> bytes;
  size_t used = sizeof(bytes);
};

}  // namespace

void SystemRandom::Fill(void* out, size_t size) {
  thread_local Pool pool;
  if (size > pool.bytes.size() / 4) {
    FillFromKernel(out, size);
    return;
  }
  if (pool.bytes.size() - pool.used < size) {
    FillFromKernel(pool.bytes.data(), pool.bytes.size());
    pool.used = 0;
  }
  std::memcpy(out, pool.bytes.data() + pool.used, size);
  std::fill_n(pool.bytes.data() + pool.used, size, static_cast<unsigned char>(0));
  pool.used += size;
}

}  // namespace ndx::core

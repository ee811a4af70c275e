// The wall clock of a program, moved by so many nanoseconds (a little-endian i64) as stand in the
// file that NDX_SHIM_CLOCK names, at any time. The monotonic clocks stay as they are.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

const std::atomic<int64_t>* MapOffset() {
  static const std::atomic<int64_t> kNone{0};
  const char* path = getenv("NDX_SHIM_CLOCK");
  if (path == nullptr) return &kNone;
  const auto fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
  if (fd < 0) return &kNone;
  void* at = mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  return at == MAP_FAILED ? &kNone : static_cast<const std::atomic<int64_t>*>(at);
}

int64_t OffsetNs() {
  static const std::atomic<int64_t>* const kOffset = MapOffset();
  return kOffset->load(std::memory_order_relaxed);
}

int RealClock(clockid_t clock, timespec* out) {
  using Call = int (*)(clockid_t, timespec*);
  static const auto kCall = reinterpret_cast<Call>(dlsym(RTLD_NEXT, "clock_gettime"));
  return kCall(clock, out);
}

timespec MovedNow() {
  timespec now{};
  RealClock(CLOCK_REALTIME, &now);
  const int64_t ns = int64_t{now.tv_sec} * kNsPerSecond + now.tv_nsec + OffsetNs();
  return {.tv_sec = ns / kNsPerSecond, .tv_nsec = ns % kNsPerSecond};
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return RealClock(clock, out);
  *out = MovedNow();
  return 0;
}

int gettimeofday(timeval* out, void* /*zone*/) {
  const timespec now = MovedNow();
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  const time_t now = MovedNow().tv_sec;
  if (out != nullptr) *out = now;
  return now;
}

}  // extern "C"

#include "disk_trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace ndx::shim {
namespace {

constexpr size_t kDescriptorsMax = 65536;

std::array<std::atomic<bool>, kDescriptorsMax> followed;

// Recursive: a call of the C library may make another one.
std::recursive_mutex& Mutex() {
  static auto* mutex = new std::recursive_mutex;  // never destroyed: calls come until the very end
  return *mutex;
}

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

void AppendLittleEndian(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

DiskTrace& DiskTrace::Get() {
  static auto* trace = new DiskTrace;
  return *trace;
}

DiskTrace::DiskTrace() : root_(Environment("NDX_SHIM_ROOT")) {
  const std::string path = Environment("NDX_SHIM_TRACE");
  if (path.empty() || root_.empty()) return;
  // By number, so that no call of this library is made by itself.
  trace_fd_ = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

bool DiskTrace::Covers(const std::string& path) const {
  return trace_fd_ >= 0 && path.compare(0, root_.size(), root_) == 0 &&
         (path.size() == root_.size() || path[root_.size()] == '/');
}

bool DiskTrace::Covers(int fd) const {
  if (trace_fd_ < 0 || fd < 0 || static_cast<size_t>(fd) >= kDescriptorsMax ||
      !followed[static_cast<size_t>(fd)]) {
    return false;
  }
  // libc closes some descriptors without a call that could be seen here (fclose); the number may
  // then be an event, a socket or a file of another directory.
  std::array<char, PATH_MAX> path;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), path.data(), path.size());
  if (length > 0 && Covers(std::string(path.data(), static_cast<size_t>(length)))) return true;
  followed[static_cast<size_t>(fd)] = false;
  return false;
}

void DiskTrace::Follow(int fd) {
  if (fd >= 0 && static_cast<size_t>(fd) < kDescriptorsMax)
    followed[static_cast<size_t>(fd)] = true;
}

void DiskTrace::Forget(int fd) {
  if (fd >= 0 && static_cast<size_t>(fd) < kDescriptorsMax) {
    followed[static_cast<size_t>(fd)] = false;
  }
}

void DiskTrace::Lock() { Mutex().lock(); }
void DiskTrace::Unlock() { Mutex().unlock(); }

void DiskTrace::Record(char kind, uint64_t a, uint64_t b, const void* first, size_t first_bytes,
                       const std::string& second) {
  std::string record(1, kind);
  AppendLittleEndian(a, 8, &record);
  AppendLittleEndian(b, 8, &record);
  AppendLittleEndian(first_bytes, 4, &record);
  AppendLittleEndian(second.size(), 4, &record);
  if (first_bytes > 0) record.append(static_cast<const char*>(first), first_bytes);
  record += second;
  // One call: the end of the process leaves whole records and at most a piece of the last.
  (void)!syscall(SYS_write, trace_fd_, record.data(), record.size());
}

uint64_t DiskTrace::NextTicket() { return ++tickets_; }

uint64_t InodeOf(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace ndx::shim

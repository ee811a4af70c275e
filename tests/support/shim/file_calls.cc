// The C library's calls that change files, with the disk's faults and the disk's trace in them.
// Loaded into a program by LD_PRELOAD; what neither knows goes through as it came.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string>

#include "disk_faults.h"
#include "disk_trace.h"

namespace {

using ndx::shim::DiskTrace;
using ndx::shim::FaultOf;
using ndx::shim::InodeOf;

// The C library's own function of this name and type.
template <typename Function>
Function* Real(const char* name, Function* /*of_type*/) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}
#define NDX_REAL(name)                              \
  ([] {                                             \
    static auto* const real = Real(#name, &(name)); \
    return real;                                    \
  }())

class TraceLock {
 public:
  TraceLock() { DiskTrace::Get().Lock(); }
  ~TraceLock() { DiskTrace::Get().Unlock(); }
  TraceLock(const TraceLock&) = delete;
  TraceLock& operator=(const TraceLock&) = delete;
};

void RecordPath(char kind, uint64_t inode, const std::string& path,
                const std::string& second = "") {
  DiskTrace::Get().Record(kind, inode, 0, path.data(), path.size(), second);
}

template <typename Call>
int Open(const char* path, int flags, Call call) {
  DiskTrace& trace = DiskTrace::Get();
  if (!trace.Covers(path)) return call();
  const TraceLock lock;
  const bool existed = access(path, F_OK) == 0;
  const int fd = call();
  if (fd < 0) return fd;
  trace.Follow(fd);
  if (!existed) {
    RecordPath('C', InodeOf(fd), path);
  } else if ((flags & O_TRUNC) != 0) {
    trace.Record('T', InodeOf(fd), 0);
  }
  return fd;
}

// Writes through call at an offset, or at the file's own position.
template <typename Call>
ssize_t Write(int fd, const void* bytes, off_t offset, Call call) {
  if (const int error = FaultOf("write", fd); error != 0) {
    errno = error;
    return -1;
  }
  DiskTrace& trace = DiskTrace::Get();
  if (!trace.Covers(fd)) return call();
  const TraceLock lock;
  if (offset < 0) {
    const bool at_end = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
    offset = lseek(fd, 0, at_end ? SEEK_END : SEEK_CUR);
  }
  const ssize_t wrote = call();
  if (wrote > 0) {
    trace.Record('W', InodeOf(fd), static_cast<uint64_t>(offset), bytes,
                 static_cast<size_t>(wrote));
  }
  return wrote;
}

template <typename Call>
int Sync(int fd, Call call) {
  DiskTrace& trace = DiskTrace::Get();
  if (const int error = FaultOf("sync", fd); error != 0) {
    if (trace.Covers(fd)) {
      const TraceLock lock;
      trace.Record('F', InodeOf(fd), 0);
    }
    errno = error;
    return -1;
  }
  if (!trace.Covers(fd)) return call();
  uint64_t ticket = 0;
  {
    const TraceLock lock;
    ticket = trace.NextTicket();
    trace.Record('S', InodeOf(fd), ticket);
  }
  // The disk is a model here: nothing is gained by waiting for the real one.
  const TraceLock lock;
  trace.Record('E', 0, ticket);
  return 0;
}

template <typename Call>
int SetLength(int fd, off_t length, Call call) {
  DiskTrace& trace = DiskTrace::Get();
  if (!trace.Covers(fd)) return call();
  const TraceLock lock;
  const int result = call();
  if (result == 0) trace.Record('T', InodeOf(fd), static_cast<uint64_t>(length));
  return result;
}

// Space set aside past the end of a file lengthens it.
template <typename Call>
int Allocate(int fd, off_t end, Call call) {
  if (const int error = FaultOf("write", fd); error != 0) return error;
  DiskTrace& trace = DiskTrace::Get();
  if (!trace.Covers(fd)) return call();
  const TraceLock lock;
  struct stat status {};
  const bool longer = fstat(fd, &status) == 0 && end > status.st_size;
  const int result = call();
  if (result == 0 && longer) trace.Record('T', InodeOf(fd), static_cast<uint64_t>(end));
  return result;
}

template <typename Call>
int ChangeName(char kind, const char* path, const std::string& second, Call call) {
  if (!DiskTrace::Get().Covers(path)) return call();
  const TraceLock lock;
  const int result = call();
  if (result == 0) RecordPath(kind, 0, path, second);
  return result;
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Open(path, flags, [&] { return NDX_REAL(open)(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Open(path, flags, [&] { return NDX_REAL(open64)(path, flags, mode); });
}

int close(int fd) {
  DiskTrace::Get().Forget(fd);
  return NDX_REAL(close)(fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return Write(fd, bytes, -1, [&] { return NDX_REAL(write)(fd, bytes, size); });
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return Write(fd, bytes, offset, [&] { return NDX_REAL(pwrite)(fd, bytes, size, offset); });
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return Write(fd, bytes, offset, [&] { return NDX_REAL(pwrite64)(fd, bytes, size, offset); });
}

int fsync(int fd) {
  return Sync(fd, [&] { return NDX_REAL(fsync)(fd); });
}

int fdatasync(int fd) {
  return Sync(fd, [&] { return NDX_REAL(fdatasync)(fd); });
}

int ftruncate(int fd, off_t length) noexcept {
  return SetLength(fd, length, [&] { return NDX_REAL(ftruncate)(fd, length); });
}

int ftruncate64(int fd, off64_t length) noexcept {
  return SetLength(fd, length, [&] { return NDX_REAL(ftruncate64)(fd, length); });
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  return Allocate(fd, offset + length,
                  [&] { return NDX_REAL(posix_fallocate)(fd, offset, length); });
}

int rename(const char* from, const char* to) noexcept {
  return ChangeName('R', from, to, [&] { return NDX_REAL(rename)(from, to); });
}

int link(const char* from, const char* to) noexcept {
  return ChangeName('L', from, to, [&] { return NDX_REAL(link)(from, to); });
}

int unlink(const char* path) noexcept {
  return ChangeName('U', path, "", [&] { return NDX_REAL(unlink)(path); });
}

int remove(const char* path) noexcept {
  return ChangeName('U', path, "", [&] { return NDX_REAL(remove)(path); });
}

int rmdir(const char* path) noexcept {
  return ChangeName('U', path, "", [&] { return NDX_REAL(rmdir)(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  DiskTrace& trace = DiskTrace::Get();
  if (!trace.Covers(path)) return NDX_REAL(mkdir)(path, mode);
  const TraceLock lock;
  const int result = NDX_REAL(mkdir)(path, mode);
  struct stat status {};
  if (result == 0 && stat(path, &status) == 0) RecordPath('D', status.st_ino, path);
  return result;
}

}  // extern "C"

// What a program asks of the files below a directory, written down in the order in which it was
// done, so that tests/crash/disk_model.py can say what a power cut would have left of it.
//
// Thread-safety: thread-safe. One lock goes around every recorded call and its record, so that the
// order in the trace is the order on the disk. Private to this folder.
//
// Format: records of u8 kind, u64 a, u64 b, u32 length of the first text, u32 of the second
// (little-endian), texts. Files and directories are named by inode.
//   C file made: a inode; path                 T length set: a inode, b length
//   W written: a inode, b offset; bytes        D directory made: a inode; path
//   S sync asked for: a inode, b ticket        E sync done: b ticket     F sync failed: a inode
//   R renamed: old, new path                   L linked: old, new path
//   U name removed: path
#pragma once

#include <sys/types.h>

#include <string>

namespace ndx::shim {

class DiskTrace {
 public:
  // Of this process, as NDX_SHIM_TRACE (file) and NDX_SHIM_ROOT (directory) say.
  static DiskTrace& Get();

  bool Covers(const std::string& path) const;
  bool Covers(int fd) const;

  // An open file is followed from here to Forget().
  void Follow(int fd);
  void Forget(int fd);

  // Held around a call and its record.
  void Lock();
  void Unlock();

  void Record(char kind, uint64_t a, uint64_t b, const void* first = nullptr,
              size_t first_bytes = 0, const std::string& second = "");
  uint64_t NextTicket();

 private:
  DiskTrace();
  int trace_fd_ = -1;
  std::string root_;
  uint64_t tickets_ = 0;
};

uint64_t InodeOf(int fd);

}  // namespace ndx::shim

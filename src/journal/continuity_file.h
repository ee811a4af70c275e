// The newest checkpoint once more, in a file outside the journal's directory: a journal that has
// signed less than stands there is an older copy. The cheap guard of a node without witnesses.
//
// It knows what Keep() was last told, so at most that much may be missing unseen; and a copy of the
// whole machine, this file included, it cannot tell. Witnesses can.
//
// Thread-safety: thread-compatible.
// Errors: kDataLoss, saying what to do, for an older copy and where neither slot of the file can be
// read; others of the disk.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ndx::store {
class SlotFile;
}  // namespace ndx::store

namespace ndx::journal {

class ContinuityFile {
 public:
  // Opens the file, or makes it.
  static absl::StatusOr<std::unique_ptr<ContinuityFile>> Open(const std::string& path);
  ~ContinuityFile();

  // OK if a journal whose newest checkpoint is this one (empty: none) may be opened. Earlier epochs
  // than the file's are older copies too.
  absl::Status Check(const std::string& newest) const;

  // Notes a checkpoint; nothing is written where it is there already.
  absl::Status Keep(const std::string& newest);

 private:
  ContinuityFile(std::string path, std::string kept, std::unique_ptr<store::SlotFile> slots);

  const std::string path_;
  std::string kept_;
  const std::unique_ptr<store::SlotFile> slots_;
};

}  // namespace ndx::journal

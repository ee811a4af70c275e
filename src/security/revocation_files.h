// The files of a node's revocation lists, looked at again and again, so that a list takes effect
// when its file is replaced.
//
// A file is read when anything about it has changed (device, inode, size, times), and once more
// when it was changed so shortly before that the next change might not show. A list takes the place
// of the one before unless it cannot be read, no authority in the CA file signed it, or it is older
// than the one before: then that one stays, and the fault is told once for each change of the file.
// Put a new list in place by renaming, so that nobody reads half of one.
//
// Thread-safety: thread-safe; looking blocks on the disk, one at a time. Errors name the file:
// kNotFound, kInvalidArgument, kPermissionDenied (no authority signed it), kFailedPrecondition
// (older than the one before).
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/security/revocations.h"

namespace ndx::security {

class RevocationFiles {
 public:
  struct Options {
    std::vector<std::string> crl_files;                 // one list each, PEM or DER
    std::string ca_file;                                // PEM: who may have signed them
    absl::Duration max_age = absl::InfiniteDuration();  // see Revocations
  };

  // Reads nothing yet. The clock outlives it.
  RevocationFiles(Options options, const core::Clock& clock);

  // What one look came to, of files that have changed.
  struct Look {
    std::vector<std::string> read;     // whose lists are now in force
    std::vector<absl::Status> faults;  // of those that did not do
  };
  // Reads what has changed.
  Look LookAgain();
  // Reads everything. Where a file does not do, the first fault; the others' lists are in force all
  // the same.
  absl::Status ReadAll();

  // What is in force.
  std::shared_ptr<const Revocations> Current() const;

  struct FileState {
    std::string path;
    absl::Time next_update = absl::InfiniteFuture();  // of the list in force
    bool sound = false;                               // the file was read when it changed last
  };
  std::vector<FileState> States() const;

 private:
  // By what a change of a file is known.
  struct Mark {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{};
    timespec changed{};
    bool operator==(const Mark& other) const;
  };
  struct Watched {
    std::string path;
    std::optional<Mark> mark;  // when it was last read; nothing: it was not there
    bool tried = false;
    bool fresh = false;    // its mark is another than at the look before
    bool settled = false;  // another change would show in its mark
    absl::Status read;     // what came of reading it last
    Revocations::List list;
  };

  static std::optional<Mark> MarkOf(const std::string& path);
  // Whether the file is to be read, and that it was looked at now.
  bool Changed(Watched& file) const;
  void LookAt(bool all, Look& look) ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_);
  absl::Status Read(Watched& file, const std::vector<crypto::Certificate>& authorities) const;
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(looking_);

  const Options options_;
  const core::Clock& clock_;
  core::Mutex looking_;  // held over the disk; nobody that an exchange waits for takes it
  Watched authorities_file_ ABSL_GUARDED_BY(looking_);
  std::vector<Watched> files_ ABSL_GUARDED_BY(looking_);
  mutable core::Mutex mutex_;
  std::shared_ptr<const Revocations> current_ ABSL_GUARDED_BY(mutex_);
  std::vector<FileState> states_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::security

// Keeps the keys of operators' tokens fresh: reads the issuer's JWK set every interval, from a file
// or over https, and puts it in force. What cannot be read is logged once, and the keys before
// stay, until they are too old to be believed. No token and no caller makes it read.
//
// Thread-safety: Start and destruction from one thread, size() from any. std::thread: reading waits
// for somebody else's server. Ownership: everything given outlives it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/security/sign_in_token.h"
#include "ndx/telemetry/log.h"

namespace ndx::daemon {

struct KeySetReaderOptions {
  absl::Duration interval = absl::Minutes(10);
  absl::Duration age_max = absl::Hours(24);
  // The text of the set. On the reader's thread, but for ReadNow().
  std::function<absl::StatusOr<std::string>()> read;
  // Ends a reading that is under way, from another thread, and every later one.
  std::function<void()> stop;
};

class KeySetReader {
 public:
  KeySetReader(KeySetReaderOptions options, const core::Clock& clock, telemetry::Log& log,
               security::SignInTokens& tokens)
      : options_(std::move(options)), clock_(clock), log_(log), tokens_(tokens) {}
  ~KeySetReader();
  KeySetReader(const KeySetReader&) = delete;
  KeySetReader& operator=(const KeySetReader&) = delete;

  // Reads once, on this thread; before Start().
  absl::Status ReadNow();

  // Reads every interval; at once where nothing has been read.
  void Start();

  // Keys in force.
  size_t size() const { return size_.load(); }

 private:
  void Run();
  void ReadOrKeep();

  const KeySetReaderOptions options_;
  const core::Clock& clock_;
  telemetry::Log& log_;
  security::SignInTokens& tokens_;
  // Of the thread that reads.
  int64_t read_nanos_ = 0;  // monotonic, of the keys in force
  std::string trouble_;     // logged last
  std::atomic<size_t> size_{0};
  core::Mutex mutex_;
  core::CondVar changed_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ndx::daemon

// A witness (nhân chứng) of other nodes' journals: cosigns a checkpoint only if it continues the
// newest one cosigned of the same journal. A journal that shows different people different
// histories can show at most one of them to a witness.
//
// Thread-safety: thread-safe; one request at a time.
// Ownership: clock, log and metrics outlive it.
// Durability: the newest checkpoint is on stable storage before its cosignature leaves. After a
// failed write it is not known what the disk holds: that log is answered 500 until the next start.
// Source: C2SP tlog-witness. State: <directory>/<32 hex digits of SHA-256(origin)>.slots, a
// store::SlotFile with the newest checkpoint and the log's signature over it as a note. What a log
// signed in contradiction to itself is kept in <directory>/contradictions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/http/http_site.h"
#include "ndx/journal/cosignature.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/witness_request.h"
#include "ndx/store/directory_lock.h"
#include "ndx/store/file_faults.h"
#include "ndx/store/slot_file.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::anchors {

// Contradicting requests kept; later ones are only logged.
inline constexpr size_t kContradictionsKept = 100;
// Origins, so that any checkpoint of theirs fits a slot.
inline constexpr size_t kOriginBytesMax = 256;

struct WitnessOptions {
  std::string directory;  // created if absent; one process owns it
  // Keys of the logs that are witnessed; a key's name is its log's origin. Several keys of one
  // origin may stand beside each other while a log changes its key.
  std::vector<journal::NoteVerifier> logs;
  store::FileFaults* faults = nullptr;  // for tests; must outlive the witness
};

class Witness {
 public:
  // kFailedPrecondition if another process owns the directory; kDataLoss if the state kept of a
  // log cannot be read: a witness that has forgotten must not start anew by itself.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(WitnessOptions options,
                                                       journal::CosignatureSigner signer,
                                                       const core::Clock& clock,
                                                       telemetry::Log& log,
                                                       telemetry::MetricRegistry& metrics);

  // Answers the body of an add-checkpoint request.
  http::HttpResponse AddCheckpoint(absl::string_view body);

  // The newest checkpoint cosigned of a log.
  std::optional<journal::TreeHead> Newest(const std::string& origin) const;

  // By which others verify its cosignatures.
  std::string vkey() const { return signer_.verifier().vkey(); }

 private:
  struct LogState {
    std::unique_ptr<store::SlotFile> slots;
    std::optional<journal::TreeHead> newest;
    bool broken = false;
  };

  Witness(WitnessOptions options, journal::CosignatureSigner signer, store::DirectoryLock lock,
          const core::Clock& clock, telemetry::Log& log, telemetry::MetricRegistry& metrics);
  absl::Status OpenState(const std::string& origin);
  http::HttpResponse Accept(const journal::WitnessRequest& request,
                            const journal::Checkpoint& checkpoint)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void KeepContradiction(absl::string_view body) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WitnessOptions options_;
  const journal::CosignatureSigner signer_;
  const store::DirectoryLock lock_;
  const core::Clock& clock_;
  telemetry::Log& log_;
  telemetry::MetricFamily<telemetry::Counter>& answers_;
  mutable core::Mutex mutex_;
  std::map<std::string, LogState> states_ ABSL_GUARDED_BY(mutex_);
  size_t contradictions_ ABSL_GUARDED_BY(mutex_) = 0;
};

// POST PREFIX/add-checkpoint.
class WitnessSite final : public http::HttpSite {
 public:
  // prefix: empty, or a path that begins with '/' and does not end in one.
  WitnessSite(Witness& witness, std::string prefix)
      : witness_(witness), path_(std::move(prefix) + "/add-checkpoint") {}

  http::HttpResponse Answer(const http::HttpRequest& request) override;

 private:
  Witness& witness_;
  const std::string path_;
};

}  // namespace ndx::anchors

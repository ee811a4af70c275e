// What the responders of authorities have said of callers' certificates (OCSP), asked in the
// background and remembered: an exchange never waits for a responder.
//
//   handshake ─▶ Notice() ─▶ due ─▶ AskDue() ─▶ remembered ─▶ WordOn(), for every exchange
//
// A "good" counts until the answer's next update, or for two rechecks where it names none; a
// "revoked" until another answer comes. Whoever has no word that counts passes, or is unknown where
// a word is required.
//
// Thread-safety: thread-safe. WordOn() takes a short lock and makes one probe; AskDue() blocks on
// the network, from one thread. At most kOcspStatusesMax certificates are remembered; the one that
// has not been asked for longest goes.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/ocsp.h"
#include "ndx/http/http_client.h"

namespace ndx::security {

// Certificates that are remembered: twice the connections that a node has by default.
inline constexpr size_t kOcspStatusesMax = 20'000;
// Between two questions about a certificate of which no answer came.
inline constexpr absl::Duration kOcspRetry = absl::Seconds(10);

class OcspStatuses {
 public:
  struct Options {
    // Who is asked about every certificate. Empty: whom each certificate names.
    std::string responder;
    bool required = false;  // a word is
    absl::Duration recheck = absl::Minutes(5);
  };
  OcspStatuses(Options options, const core::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  OcspStatuses(const OcspStatuses&) = delete;
  OcspStatuses& operator=(const OcspStatuses&) = delete;

  // A certificate (DER) whose chain was verified in a handshake, and the one that issued it.
  void Notice(const std::string& leaf_der, const std::string& issuer_der);

  struct Word {
    enum class State { kPasses, kRevoked, kUnknown };
    State state = State::kPasses;
    absl::Time since = absl::InfinitePast();  // of the revocation, or of the newest answer
  };
  Word WordOn(const crypto::Certificate& certificate) const;

  // Asks about every certificate that is due, and returns what went wrong with those of which there
  // was no answer.
  struct Round {
    size_t answered = 0;
    std::vector<absl::Status> faults;
  };
  Round AskDue(http::HttpPoster& poster);

  // Waits until a certificate is noticed, End() is called, or for so long.
  void AwaitNotice(absl::Duration at_most);
  // No further question; for whoever asks from another thread.
  void End();
  bool ended() const;

 private:
  struct Known {
    std::shared_ptr<const crypto::Certificate> certificate;  // shared with who asks
    std::shared_ptr<const crypto::Certificate> issuer;
    crypto::OcspAnswer answer;
    absl::Time counts_until = absl::InfinitePast();
    absl::Time due = absl::InfinitePast();
    mutable absl::Time used;
  };

  std::vector<Known> Due() const;
  absl::StatusOr<crypto::OcspAnswer> Ask(const Known& known, http::HttpPoster& poster) const;
  void Remember(const Known& known, const absl::StatusOr<crypto::OcspAnswer>& answer);
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const core::Clock& clock_;
  mutable core::Mutex mutex_;
  core::CondVar noticed_;
  bool fresh_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);  // by DER
};

}  // namespace ndx::security

// Asks one witness to cosign this node's checkpoints.
//
// Thread-safety: thread-compatible; belongs to the thread of the anchors.
// Ownership: poster and reader outlive it. Source: C2SP tlog-witness.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/http/http_client.h"
#include "ndx/journal/cosignature.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/signed_note.h"

namespace ndx::anchors {

struct WitnessPeer {
  std::string url;  // prefix; "/add-checkpoint" is added
  journal::CosignatureVerifier verifier;
};

class WitnessClient {
 public:
  WitnessClient(WitnessPeer peer, http::HttpPoster& poster, const journal::JournalReader& reader)
      : peer_(std::move(peer)), poster_(poster), reader_(reader) {}

  // The witness's verified cosignature of the checkpoint (this node's own signed note, of this
  // head). kDataLoss if the witness has cosigned something that this journal does not continue;
  // kUnavailable, kDeadlineExceeded, kPermissionDenied for everything that another try may mend.
  absl::StatusOr<journal::NoteSignature> Cosign(const std::string& checkpoint,
                                                const journal::TreeHead& head);

  const WitnessPeer& peer() const { return peer_; }

 private:
  absl::StatusOr<http::HttpResponse> Ask(const std::string& checkpoint,
                                         const journal::TreeHead& head);

  const WitnessPeer peer_;
  http::HttpPoster& poster_;
  const journal::JournalReader& reader_;
  // What the witness cosigned last, as far as known. It says so itself when this is wrong, so
  // nothing is kept over a restart.
  uint64_t size_known_ = 0;
};

}  // namespace ndx::anchors

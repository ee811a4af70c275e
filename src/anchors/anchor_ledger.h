// Anchors read back and verified: by their keys and certificates, and against the journal of today.
//
// Thread-safety: immutable, thread-safe; reads the disk. Ownership: store and reader outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/anchors/anchor_store.h"
#include "ndx/crypto/time_stamp.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/witness_policy.h"

namespace ndx::anchors {

// Whose signatures count.
struct AnchorTrust {
  std::vector<journal::NoteVerifier> journal;  // keys of the journal; their name is its origin
  journal::WitnessPolicy witnesses;
  std::map<std::string, crypto::TimeStampTrust> authorities;  // by name
};

struct JudgedTimeStamp {
  std::string authority;
  std::optional<absl::Time> time;  // absent where it does not verify
  std::string fault;
};

struct JudgedAnchor {
  journal::TreeHead head;
  std::vector<journal::VerifiedCosignature> cosignatures;
  std::vector<JudgedTimeStamp> time_stamps;
  std::string fault;  // of checkpoint or cosignatures; empty where nothing is wrong

  // Nothing is wrong, and at least one witness or authority vouches for it.
  bool good() const;
};

// Verifies what is stored; knows nothing of the journal behind it.
JudgedAnchor JudgeAnchor(const StoredAnchor& anchor, const AnchorTrust& trust);

class AnchorLedger {
 public:
  AnchorLedger(const AnchorStore& store, AnchorTrust trust, const journal::JournalReader& reader)
      : store_(store), trust_(std::move(trust)), reader_(reader) {}

  struct Entry {
    StoredAnchor stored;
    JudgedAnchor judged;
    // The journal of today continues the checkpoint; proof leads from it to `newest`.
    bool consistent = false;
    std::vector<journal::TreeHash> proof;
  };

  // Tree sizes with an anchor, newest first, below this one.
  absl::StatusOr<std::vector<uint64_t>> SizesBelow(uint64_t below) const;

  // newest: a checkpoint note of the reader's, to which consistency is proved.
  absl::StatusOr<Entry> Read(uint64_t tree_size, const std::string& newest) const;

  const AnchorTrust& trust() const { return trust_; }

 private:
  const AnchorStore& store_;
  const AnchorTrust trust_;
  const journal::JournalReader& reader_;
};

}  // namespace ndx::anchors

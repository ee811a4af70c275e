#include "verify_signing_keys.h"

#include "absl/strings/str_cat.h"
#include "ndx/journal/key_rotation.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

void AddProblem(uint64_t leaf, std::string what, ProblemList* problems) {
  problems->Add({.first_leaf = leaf, .end_leaf = leaf + 1, .what = std::move(what)});
}

struct Rotated {
  uint64_t leaf = 0;
  KeyRotation rotation;
};

std::vector<Rotated> SigningRotations(const KeyRotationLeaves& leaves, ProblemList* problems) {
  std::vector<Rotated> rotations;
  for (const auto& [leaf, note] : leaves) {
    auto rotation = ParseKeyRotation(note);
    if (!rotation.ok()) {
      AddProblem(leaf, std::string(rotation.status().message()), problems);
    } else if (rotation->kind == KeyRotation::Kind::kSigning) {
      rotations.push_back({.leaf = leaf, .rotation = *std::move(rotation)});
    }
  }
  return rotations;
}

// Whether the record's keys up to a leaf are those of the leaves.
bool SameKeys(const v1::SigningKeys& record, uint64_t end_leaf,
              const std::vector<Rotated>& rotations) {
  size_t rotated = 0;
  for (int i = 1; i < record.keys_size() && record.keys(i).leaf() < end_leaf; ++i, ++rotated) {
    if (rotated == rotations.size()) return false;
    const Rotated& leaf = rotations[rotated];
    if (record.keys(i).leaf() != leaf.leaf || record.keys(i).vkey() != leaf.rotation.new_key ||
        record.keys(i - 1).vkey() != leaf.rotation.old_key) {
      return false;
    }
  }
  return rotated == rotations.size();
}

}  // namespace

void CheckSigningKeys(const store::Database& database, const JournalWalk& walk,
                      absl::string_view note, ProblemList* problems) {
  const std::vector<Rotated> rotations = SigningRotations(walk.key_rotations(), problems);
  const auto bytes = database.Get(kMetaFamily, kSigningKeysKey);
  v1::SigningKeys record;
  // A journal older than the record has neither record nor rotation.
  const bool read = bytes.ok() ? record.ParseFromString(*bytes) : absl::IsNotFound(bytes.status());
  if (!read || !SameKeys(record, walk.leaves(), rotations)) {
    problems->Add({.file = "db",
                   .what = "the record of signing keys is not what the KEY_ROTATED records say"});
  }
  const auto parsed = ParseNote(note);
  const auto checkpoint = parsed.ok() ? ParseCheckpoint(parsed->text) : parsed.status();
  if (!checkpoint.ok() || rotations.empty()) return;
  const Rotated& last = rotations.back();
  if (last.leaf >= checkpoint->head.size) return;
  const auto verifier = NoteVerifier::FromVkey(last.rotation.new_key);
  if (verifier.ok() && OpenCheckpoint(note, {&*verifier, 1}).ok()) return;
  AddProblem(last.leaf,
             "the newest checkpoint covers this rotation and is not signed by the new key",
             problems);
}

}  // namespace ndx::journal

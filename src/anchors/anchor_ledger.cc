#include "ndx/anchors/anchor_ledger.h"

#include <algorithm>

#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/checkpoint.h"

namespace ndx::anchors {
namespace {

// Checks the node's own signature and the witnesses'.
absl::Status JudgeNotes(const StoredAnchor& anchor, const AnchorTrust& trust,
                        JudgedAnchor& judged) {
  NDX_ASSIGN_OR_RETURN(const journal::Checkpoint checkpoint,
                       journal::OpenCheckpoint(anchor.checkpoint, trust.journal));
  judged.head = checkpoint.head;
  if (checkpoint.head.size != anchor.tree_size) {
    return absl::DataLossError("the checkpoint is of another size than its file's name says");
  }
  if (anchor.cosigned.empty()) return absl::OkStatus();
  NDX_ASSIGN_OR_RETURN(const journal::Note plain, journal::ParseNote(anchor.checkpoint));
  NDX_ASSIGN_OR_RETURN(const journal::Note cosigned, journal::ParseNote(anchor.cosigned));
  if (plain.text != cosigned.text) {
    return absl::DataLossError("what the witnesses cosigned is not the checkpoint beside it");
  }
  NDX_ASSIGN_OR_RETURN(const auto verdict,
                       journal::JudgeCosignatures(anchor.cosigned, trust.witnesses));
  judged.cosignatures = verdict.cosignatures;
  return absl::OkStatus();
}

JudgedTimeStamp JudgeToken(const std::string& authority, const std::string& answer,
                           const crypto::Digest& imprint, const AnchorTrust& trust) {
  JudgedTimeStamp judged{.authority = authority};
  const auto known = trust.authorities.find(authority);
  if (known == trust.authorities.end()) {
    judged.fault = "no certificate of this authority is given";
    return judged;
  }
  const auto stamp = crypto::VerifyTimeStampAnswer(answer, imprint, std::nullopt, known->second);
  if (stamp.ok()) {
    judged.time = stamp->time;
  } else {
    judged.fault = std::string(stamp.status().message());
  }
  return judged;
}

}  // namespace

bool JudgedAnchor::good() const {
  bool stamped = false;
  for (const JudgedTimeStamp& stamp : time_stamps) {
    if (!stamp.time.has_value()) return false;
    stamped = true;
  }
  return fault.empty() && (stamped || !cosignatures.empty());
}

JudgedAnchor JudgeAnchor(const StoredAnchor& anchor, const AnchorTrust& trust) {
  JudgedAnchor judged{.head = {.size = anchor.tree_size}};
  const absl::Status notes = JudgeNotes(anchor, trust, judged);
  judged.fault = std::string(notes.message());
  const crypto::Digest imprint = crypto::Sha256Of({anchor.checkpoint});
  for (const auto& [authority, answer] : anchor.tokens) {
    judged.time_stamps.push_back(JudgeToken(authority, answer, imprint, trust));
  }
  return judged;
}

absl::StatusOr<std::vector<uint64_t>> AnchorLedger::SizesBelow(uint64_t below) const {
  NDX_ASSIGN_OR_RETURN(std::vector<uint64_t> sizes, store_.Sizes());
  sizes.erase(std::lower_bound(sizes.begin(), sizes.end(), below), sizes.end());
  std::reverse(sizes.begin(), sizes.end());
  return sizes;
}

absl::StatusOr<AnchorLedger::Entry> AnchorLedger::Read(uint64_t tree_size,
                                                       const std::string& newest) const {
  Entry entry;
  NDX_ASSIGN_OR_RETURN(entry.stored, store_.Read(tree_size));
  entry.judged = JudgeAnchor(entry.stored, trust_);
  if (!entry.judged.fault.empty()) return entry;
  NDX_ASSIGN_OR_RETURN(const journal::Note note, journal::ParseNote(newest));
  NDX_ASSIGN_OR_RETURN(const journal::Checkpoint today, journal::ParseCheckpoint(note.text));
  if (tree_size == 0 || tree_size > today.head.size) return entry;
  NDX_ASSIGN_OR_RETURN(entry.proof, reader_.ConsistencyProof(tree_size, today.head.size));
  entry.consistent = journal::VerifyConsistency(entry.judged.head, today.head, entry.proof).ok();
  return entry;
}

}  // namespace ndx::anchors

#include "ndx/journal/witness_request.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "strict_text.h"

namespace ndx::journal {
namespace {

WitnessJudgement Refuse(int status, std::string reason) {
  return {.status = status, .reason = std::move(reason)};
}

// OK if newer continues older.
absl::Status Continues(const TreeHead& older, const TreeHead& newer,
                       absl::Span<const TreeHash> proof) {
  if (newer.size == 0 && newer.root != EmptyRoot()) {
    return absl::DataLossError("a tree without leaves has another root");
  }
  return VerifyConsistency(older, newer, proof);
}

}  // namespace

std::string FormatWitnessRequest(const WitnessRequest& request) {
  std::string body = absl::StrCat("old ", request.old_size, "\n");
  for (const TreeHash& hash : request.proof) {
    absl::StrAppend(&body, absl::Base64Escape(crypto::AsBytes(hash)), "\n");
  }
  absl::StrAppend(&body, "\n", request.checkpoint);
  return body;
}

absl::StatusOr<WitnessRequest> ParseWitnessRequest(absl::string_view body) {
  const size_t split = body.find("\n\n");
  if (body.size() > kWitnessRequestBytesMax || split == absl::string_view::npos) {
    return absl::InvalidArgumentError("not an add-checkpoint request");
  }
  std::vector<absl::string_view> lines = absl::StrSplit(body.substr(0, split), '\n');
  if (!absl::ConsumePrefix(&lines[0], "old ")) {
    return absl::InvalidArgumentError("the first line must be 'old SIZE'");
  }
  if (lines.size() > 1 + kWitnessProofHashesMax) {
    return absl::InvalidArgumentError("the proof has too many hashes");
  }
  WitnessRequest request{.checkpoint = std::string(body.substr(split + 2))};
  NDX_ASSIGN_OR_RETURN(request.old_size, ParseDecimal(lines[0]));
  for (size_t i = 1; i < lines.size(); ++i) {
    NDX_ASSIGN_OR_RETURN(const std::string hash, DecodeBase64(lines[i]));
    if (hash.size() != crypto::kDigestBytes) {
      return absl::InvalidArgumentError("a hash of the proof has 32 bytes");
    }
    request.proof.push_back(crypto::DigestFromBytes(hash));
  }
  return request;
}

std::string FormatSignatureLines(absl::Span<const NoteSignature> signatures) {
  std::string body;
  for (const NoteSignature& signature : signatures) {
    absl::StrAppend(&body, FormatSignatureLine(signature));
  }
  return body;
}

absl::StatusOr<std::vector<NoteSignature>> ParseSignatureLines(absl::string_view body) {
  if (!absl::ConsumeSuffix(&body, "\n")) {
    return absl::InvalidArgumentError("signature lines end in a newline");
  }
  std::vector<NoteSignature> signatures;
  for (const absl::string_view line : absl::StrSplit(body, '\n')) {
    if (signatures.size() == kNoteSignaturesMax) {
      return absl::InvalidArgumentError("too many signatures");
    }
    NDX_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(line));
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

absl::StatusOr<uint64_t> ParseWitnessSize(absl::string_view body) {
  if (!absl::ConsumeSuffix(&body, "\n")) {
    return absl::InvalidArgumentError("a size ends in a newline");
  }
  return ParseDecimal(body);
}

WitnessJudgement JudgeWitnessRequest(
    const WitnessRequest& request, absl::Span<const NoteVerifier> logs,
    absl::FunctionRef<std::optional<TreeHead>(const std::string& origin)> newest) {
  // A note whose signatures cannot be read is one without a valid signature.
  const size_t text_end = request.checkpoint.rfind("\n\n");
  if (text_end == std::string::npos) return Refuse(400, "the checkpoint is not a signed note");
  const auto claimed = ParseCheckpoint(request.checkpoint.substr(0, text_end + 1));
  if (!claimed.ok()) return Refuse(400, std::string(claimed.status().message()));
  const bool known = std::any_of(logs.begin(), logs.end(), [&](const NoteVerifier& log) {
    return log.name() == claimed->origin;
  });
  if (!known) return Refuse(404, "this log is not witnessed here");
  const auto checkpoint = OpenCheckpoint(request.checkpoint, logs);
  if (!checkpoint.ok()) return Refuse(403, std::string(checkpoint.status().message()));
  if (request.old_size > checkpoint->head.size) {
    return Refuse(400, "the old size is above the checkpoint's");
  }
  const TreeHead last =
      newest(checkpoint->origin).value_or(TreeHead{.size = 0, .root = EmptyRoot()});
  WitnessJudgement judged{.status = 200, .checkpoint = *checkpoint};
  if (request.old_size != last.size) {
    judged.status = 409;
    judged.reason = absl::StrCat(last.size);
    return judged;
  }
  const absl::Status continues = Continues(last, checkpoint->head, request.proof);
  if (!continues.ok()) {
    judged.status = 422;
    judged.reason = std::string(continues.message());
  }
  return judged;
}

}  // namespace ndx::journal

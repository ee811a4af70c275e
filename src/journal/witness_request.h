// What a log asks of a witness, and the witness's rules for its answer (C2SP tlog-witness,
// add-checkpoint). No state and no I/O: src/anchors keeps the state.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/signed_note.h"

namespace ndx::journal {

// No tree of 2^64 leaves needs more.
inline constexpr size_t kWitnessProofHashesMax = 63;
inline constexpr size_t kWitnessRequestBytesMax = size_t{64} << 10;
// Content type of a conflict's answer.
inline constexpr char kWitnessSizeType[] = "text/x.tlog.size";

struct WitnessRequest {
  uint64_t old_size = 0;        // the newest that the witness has cosigned, as far as the log knows
  std::vector<TreeHash> proof;  // of consistency, from old_size to the checkpoint's
  std::string checkpoint;       // signed note
};

std::string FormatWitnessRequest(const WitnessRequest& request);
// kInvalidArgument for a malformed one; the checkpoint is not looked into.
absl::StatusOr<WitnessRequest> ParseWitnessRequest(absl::string_view body);

// Signature lines, as the body of a good answer.
std::string FormatSignatureLines(absl::Span<const NoteSignature> signatures);
absl::StatusOr<std::vector<NoteSignature>> ParseSignatureLines(absl::string_view body);

// The body of a conflict's answer: the size and a newline.
absl::StatusOr<uint64_t> ParseWitnessSize(absl::string_view body);

struct WitnessJudgement {
  // 200: the checkpoint may be cosigned once it is on record as the newest; 400, 403, 404, 409 or
  // 422 as the protocol has them.
  int status = 400;
  std::string reason;     // one line for people; no personal data
  Checkpoint checkpoint;  // with 200, 409 and 422: signed by the log
};

// The rules, in the protocol's order. logs: keys of the logs that are witnessed; a key's name is
// its log's origin. newest: gives the newest checkpoint cosigned of an origin, nothing if there is
// none.
WitnessJudgement JudgeWitnessRequest(
    const WitnessRequest& request, absl::Span<const NoteVerifier> logs,
    absl::FunctionRef<std::optional<TreeHead>(const std::string& origin)> newest);

}  // namespace ndx::journal

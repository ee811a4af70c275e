#include "ndx/journal/checkpoint.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"
#include "strict_text.h"

namespace ndx::journal {

std::string OriginOf(absl::string_view node, uint32_t epoch) {
  return absl::StrCat(node, "/journal/", epoch);
}

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.head.size, "\n",
                      absl::Base64Escape(crypto::AsBytes(checkpoint.head.root)), "\n");
}

absl::StatusOr<ForeignCheckpoint> ParseForeignCheckpoint(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 4 || !lines.back().empty() || lines[0].empty()) {
    return absl::InvalidArgumentError("a checkpoint begins with three lines");
  }
  ForeignCheckpoint foreign;
  foreign.checkpoint.origin = std::string(lines[0]);
  TreeHead& head = foreign.checkpoint.head;
  NDX_ASSIGN_OR_RETURN(head.size, ParseDecimal(lines[1]));
  NDX_ASSIGN_OR_RETURN(const std::string root, DecodeBase64(lines[2]));
  if (root.size() != crypto::kDigestBytes) {
    return absl::InvalidArgumentError("a root hash has 32 bytes");
  }
  head.root = crypto::DigestFromBytes(root);
  for (size_t i = 3; i + 1 < lines.size(); ++i) {
    if (lines[i].empty()) return absl::InvalidArgumentError("an extension line is empty");
    foreign.extensions.emplace_back(lines[i]);
  }
  return foreign;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text) {
  NDX_ASSIGN_OR_RETURN(ForeignCheckpoint foreign, ParseForeignCheckpoint(text));
  if (!foreign.extensions.empty()) {
    return absl::InvalidArgumentError("a checkpoint has three lines");
  }
  return std::move(foreign.checkpoint);
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  NDX_CHECK(signer.verifier().name() == checkpoint.origin);
  Note note{.text = FormatCheckpoint(checkpoint)};
  note.signatures.push_back(signer.Sign(note.text));
  return FormatNote(note);
}

absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          absl::Span<const NoteVerifier> verifiers) {
  NDX_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  NDX_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(parsed.text));
  std::vector<NoteVerifier> of_origin;
  for (const NoteVerifier& verifier : verifiers) {
    if (verifier.name() == checkpoint.origin) of_origin.push_back(verifier);
  }
  if (of_origin.empty()) {
    return absl::PermissionDeniedError(
        absl::StrCat("the checkpoint is of ", checkpoint.origin, ", for which no key is given"));
  }
  NDX_RETURN_IF_ERROR(OpenNote(note, of_origin).status());
  return checkpoint;
}

}  // namespace ndx::journal

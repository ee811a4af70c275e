#include "ndx/journal/signed_note.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "strict_text.h"
#include "verifier_key.h"

namespace ndx::journal {
namespace {

constexpr absl::string_view kDash = "\xE2\x80\x94 ";  // em dash and a space
constexpr size_t kKeyIdBytes = 4;

}  // namespace

bool IsNoteName(absl::string_view name) {
  return !name.empty() && IsUtf8Line(name) && name.find_first_of(" +") == absl::string_view::npos;
}

absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
  const absl::Status malformed = absl::InvalidArgumentError("a signature line is malformed");
  if (!absl::ConsumePrefix(&line, kDash)) return malformed;
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 2 || !IsNoteName(words[0])) return malformed;
  NDX_ASSIGN_OR_RETURN(const std::string bytes, DecodeBase64(words[1]));
  if (bytes.size() <= kKeyIdBytes) return malformed;
  return NoteSignature{.name = std::string(words[0]),
                       .key_id = core::ReadBigEndian<uint32_t>(bytes),
                       .bytes = bytes.substr(kKeyIdBytes)};
}

std::string FormatSignatureLine(const NoteSignature& signature) {
  return absl::StrCat(
      kDash, signature.name, " ",
      absl::Base64Escape(absl::StrCat(core::BigEndian(signature.key_id), signature.bytes)), "\n");
}

absl::StatusOr<Note> ParseNote(absl::string_view note) {
  const size_t split = note.rfind("\n\n");
  if (note.size() > kNoteBytesMax || split == absl::string_view::npos ||
      !absl::EndsWith(note, "\n") || split + 2 >= note.size()) {
    return absl::InvalidArgumentError("not a signed note");
  }
  Note out{.text = std::string(note.substr(0, split + 1))};
  for (const absl::string_view line : absl::StrSplit(out.text, '\n')) {
    if (!IsUtf8Line(line)) return absl::InvalidArgumentError("the note is not plain UTF-8 text");
  }
  absl::string_view signatures = note.substr(split + 2);
  signatures.remove_suffix(1);
  for (const absl::string_view line : absl::StrSplit(signatures, '\n')) {
    if (out.signatures.size() == kNoteSignaturesMax) {
      return absl::InvalidArgumentError("the note has too many signatures");
    }
    NDX_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(line));
    out.signatures.push_back(std::move(signature));
  }
  return out;
}

std::string FormatNote(const Note& note) {
  NDX_CHECK(absl::EndsWith(note.text, "\n"));
  std::string out = absl::StrCat(note.text, "\n");
  for (const NoteSignature& signature : note.signatures) {
    absl::StrAppend(&out, FormatSignatureLine(signature));
  }
  return out;
}

absl::StatusOr<NoteVerifier> NoteVerifier::FromVkey(absl::string_view vkey) {
  NDX_ASSIGN_OR_RETURN(const VerifierKey key, ParseVkey(vkey, kNoteTypeEd25519));
  return FromPublicKey(key.name, key.public_key);
}

absl::StatusOr<NoteVerifier> NoteVerifier::FromPublicKey(absl::string_view name,
                                                         absl::string_view public_key) {
  if (!IsNoteName(name)) return absl::InvalidArgumentError("not a key name");
  NDX_ASSIGN_OR_RETURN(auto key, crypto::Ed25519PublicKey::FromBytes(public_key));
  return NoteVerifier(std::string(name), NoteKeyId(name, kNoteTypeEd25519, public_key),
                      std::move(key));
}

std::string NoteVerifier::vkey() const {
  return FormatVkey({.name = name_, .public_key = key_.bytes()}, kNoteTypeEd25519);
}

absl::StatusOr<NoteSigner> NoteSigner::Create(absl::string_view name,
                                              crypto::Ed25519PrivateKey key) {
  NDX_ASSIGN_OR_RETURN(auto verifier, NoteVerifier::FromPublicKey(name, key.public_key()));
  return NoteSigner(std::move(key), std::move(verifier));
}

NoteSignature NoteSigner::Sign(absl::string_view text) const {
  return {.name = verifier_.name(), .key_id = verifier_.key_id(), .bytes = key_.Sign(text)};
}

const NoteVerifier* SignerOf(const Note& note, absl::Span<const NoteVerifier> verifiers) {
  for (const NoteVerifier& verifier : verifiers) {
    for (const NoteSignature& signature : note.signatures) {
      if (verifier.name() == signature.name && verifier.key_id() == signature.key_id) {
        return &verifier;
      }
    }
  }
  return nullptr;
}

absl::StatusOr<Note> OpenNote(absl::string_view note, absl::Span<const NoteVerifier> verifiers) {
  NDX_ASSIGN_OR_RETURN(Note parsed, ParseNote(note));
  bool verified = false;
  for (const NoteSignature& signature : parsed.signatures) {
    for (const NoteVerifier& verifier : verifiers) {
      if (verifier.name() != signature.name || verifier.key_id() != signature.key_id) continue;
      if (!verifier.Verify(parsed.text, signature.bytes)) {
        return absl::PermissionDeniedError(
            absl::StrCat("the signature of ", signature.name, " does not verify"));
      }
      verified = true;
    }
  }
  if (!verified) return absl::PermissionDeniedError("no known key signed the note");
  return parsed;
}

}  // namespace ndx::journal

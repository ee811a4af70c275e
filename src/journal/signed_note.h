// Signed notes and their keys (C2SP signed-note), Ed25519 only.
//
// Thread-safety: the functions are thread-safe; NoteSigner and NoteVerifier are immutable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/crypto/ed25519.h"

namespace ndx::journal {

inline constexpr size_t kNoteBytesMax = size_t{1} << 20;
inline constexpr size_t kNoteSignaturesMax = 64;
inline constexpr uint8_t kNoteTypeEd25519 = 0x01;
inline constexpr uint8_t kNoteTypeCosignature = 0x04;  // see cosignature.h

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string bytes;  // without the key id
};

struct Note {
  std::string text;  // with its final newline
  std::vector<NoteSignature> signatures;
};

// True for a key name: not empty, UTF-8, no space, no '+', no control character.
bool IsNoteName(absl::string_view name);

// Takes a note apart without verifying anything; kInvalidArgument for a malformed one.
absl::StatusOr<Note> ParseNote(absl::string_view note);

// Text, empty line, signature lines. NDX_CHECKs that the text ends in a newline.
std::string FormatNote(const Note& note);

// One signature line without its newline. kInvalidArgument for a malformed one.
absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line);
// With its newline.
std::string FormatSignatureLine(const NoteSignature& signature);

class NoteVerifier {
 public:
  // From NAME+KEYID+BASE64. kInvalidArgument for a malformed one or another type than Ed25519.
  static absl::StatusOr<NoteVerifier> FromVkey(absl::string_view vkey);
  static absl::StatusOr<NoteVerifier> FromPublicKey(absl::string_view name,
                                                    absl::string_view public_key);

  bool Verify(absl::string_view text, absl::string_view signature) const {
    return key_.Verify(text, signature);
  }
  std::string vkey() const;
  const std::string& name() const { return name_; }
  uint32_t key_id() const { return key_id_; }
  const std::string& public_key() const { return key_.bytes(); }

 private:
  NoteVerifier(std::string name, uint32_t key_id, crypto::Ed25519PublicKey key)
      : name_(std::move(name)), key_id_(key_id), key_(std::move(key)) {}
  std::string name_;
  uint32_t key_id_;
  crypto::Ed25519PublicKey key_;
};

class NoteSigner {
 public:
  // kInvalidArgument for a bad name.
  static absl::StatusOr<NoteSigner> Create(absl::string_view name, crypto::Ed25519PrivateKey key);

  NoteSignature Sign(absl::string_view text) const;
  const NoteVerifier& verifier() const { return verifier_; }

 private:
  NoteSigner(crypto::Ed25519PrivateKey key, NoteVerifier verifier)
      : key_(std::move(key)), verifier_(std::move(verifier)) {}
  crypto::Ed25519PrivateKey key_;
  NoteVerifier verifier_;
};

// The first of the verifiers whose signature the note says it carries; null if there is none.
// Verifies nothing.
const NoteVerifier* SignerOf(const Note& note, absl::Span<const NoteVerifier> verifiers);

// The text of a note that at least one of the verifiers signed. Unknown keys are ignored; a known
// key whose signature does not verify condemns the note. kInvalidArgument for form,
// kPermissionDenied otherwise.
absl::StatusOr<Note> OpenNote(absl::string_view note, absl::Span<const NoteVerifier> verifiers);

}  // namespace ndx::journal

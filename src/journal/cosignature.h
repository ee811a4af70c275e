// Cosignatures (C2SP tlog-cosignature, type 0x04): what a witness states about another log's
// checkpoint, namely that at this time it knew of nothing that contradicts it.
//
// Thread-safety: immutable, thread-safe.
// Signed bytes: "cosignature/v1\n", "time T\n" (POSIX seconds), then the checkpoint's text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/ed25519.h"
#include "ndx/journal/signed_note.h"

namespace ndx::journal {

// The bytes that a cosigner signs, for whoever verifies with another program.
std::string CosignedMessage(absl::string_view checkpoint_text, uint64_t unix_seconds);

class CosignatureVerifier {
 public:
  // From NAME+KEYID+BASE64. kInvalidArgument for a malformed one or another type than 0x04.
  static absl::StatusOr<CosignatureVerifier> FromVkey(absl::string_view vkey);
  static absl::StatusOr<CosignatureVerifier> FromPublicKey(absl::string_view name,
                                                           absl::string_view public_key);

  // Name and key id say that this cosigner made it.
  bool Owns(const NoteSignature& signature) const;

  // The time stated (POSIX seconds) if the signature is this cosigner's over the checkpoint's text.
  std::optional<uint64_t> Verify(absl::string_view checkpoint_text,
                                 const NoteSignature& signature) const;

  std::string vkey() const;
  const std::string& name() const { return name_; }
  const std::string& public_key() const { return key_.bytes(); }

 private:
  CosignatureVerifier(std::string name, uint32_t key_id, crypto::Ed25519PublicKey key)
      : name_(std::move(name)), key_id_(key_id), key_(std::move(key)) {}
  std::string name_;
  uint32_t key_id_;
  crypto::Ed25519PublicKey key_;
};

class CosignatureSigner {
 public:
  // kInvalidArgument for a bad name.
  static absl::StatusOr<CosignatureSigner> Create(absl::string_view name,
                                                  crypto::Ed25519PrivateKey key);

  NoteSignature Sign(absl::string_view checkpoint_text, uint64_t unix_seconds) const;
  const CosignatureVerifier& verifier() const { return verifier_; }

 private:
  CosignatureSigner(uint32_t key_id, crypto::Ed25519PrivateKey key, CosignatureVerifier verifier)
      : key_id_(key_id), key_(std::move(key)), verifier_(std::move(verifier)) {}
  uint32_t key_id_;
  crypto::Ed25519PrivateKey key_;
  CosignatureVerifier verifier_;
};

}  // namespace ndx::journal

#include "ndx/journal/cosignature.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "verifier_key.h"

namespace ndx::journal {
namespace {

constexpr size_t kTimeBytes = 8;
constexpr uint64_t kTimeMax = std::numeric_limits<int64_t>::max();

}  // namespace

std::string CosignedMessage(absl::string_view checkpoint_text, uint64_t unix_seconds) {
  return absl::StrCat("cosignature/v1\ntime ", unix_seconds, "\n", checkpoint_text);
}

absl::StatusOr<CosignatureVerifier> CosignatureVerifier::FromVkey(absl::string_view vkey) {
  NDX_ASSIGN_OR_RETURN(const VerifierKey key, ParseVkey(vkey, kNoteTypeCosignature));
  return FromPublicKey(key.name, key.public_key);
}

absl::StatusOr<CosignatureVerifier> CosignatureVerifier::FromPublicKey(
    absl::string_view name, absl::string_view public_key) {
  if (!IsNoteName(name)) return absl::InvalidArgumentError("not a key name");
  NDX_ASSIGN_OR_RETURN(auto key, crypto::Ed25519PublicKey::FromBytes(public_key));
  return CosignatureVerifier(std::string(name), NoteKeyId(name, kNoteTypeCosignature, public_key),
                             std::move(key));
}

bool CosignatureVerifier::Owns(const NoteSignature& signature) const {
  return signature.name == name_ && signature.key_id == key_id_;
}

std::optional<uint64_t> CosignatureVerifier::Verify(absl::string_view checkpoint_text,
                                                    const NoteSignature& signature) const {
  const absl::string_view bytes = signature.bytes;
  if (!Owns(signature) || bytes.size() != kTimeBytes + crypto::kEd25519SignatureBytes) {
    return std::nullopt;
  }
  const auto time = core::ReadBigEndian<uint64_t>(bytes);
  if (time > kTimeMax) return std::nullopt;
  if (!key_.Verify(CosignedMessage(checkpoint_text, time), bytes.substr(kTimeBytes))) {
    return std::nullopt;
  }
  return time;
}

std::string CosignatureVerifier::vkey() const {
  return FormatVkey({.name = name_, .public_key = key_.bytes()}, kNoteTypeCosignature);
}

absl::StatusOr<CosignatureSigner> CosignatureSigner::Create(absl::string_view name,
                                                            crypto::Ed25519PrivateKey key) {
  NDX_ASSIGN_OR_RETURN(auto verifier, CosignatureVerifier::FromPublicKey(name, key.public_key()));
  const uint32_t key_id = NoteKeyId(name, kNoteTypeCosignature, key.public_key());
  return CosignatureSigner(key_id, std::move(key), std::move(verifier));
}

NoteSignature CosignatureSigner::Sign(absl::string_view checkpoint_text,
                                      uint64_t unix_seconds) const {
  return {.name = verifier_.name(),
          .key_id = key_id_,
          .bytes = absl::StrCat(core::BigEndian(unix_seconds),
                                key_.Sign(CosignedMessage(checkpoint_text, unix_seconds)))};
}

}  // namespace ndx::journal

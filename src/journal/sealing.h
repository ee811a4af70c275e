// Keys, nonces, sealing and commitments of payload parts.
//
// Thread-safety: thread-safe.
//
// Part key i = HKDF-SHA256(exchange key, info "ndx part v1 req|resp|sig" ‖ u32 i). Sealed with
// AES-256-GCM in chunks of 64 KiB of plaintext: nonce = u8 direction ‖ u16 attempt ‖ u32 chunk ‖ u8
// last ‖ 4 zero bytes; additional data = u8 leaf version ‖ exchange id ‖ u32 part.
// Commitment of a part = SHA-256(0x02 ‖ salt ‖ plaintext), salt = HKDF-SHA256(part key, info "ndx
// commit v1"). Root of a direction = RFC 6962 tree over the commitments as leaf hashes.
// Stored bytes of a direction: for each part u8 kind, u32 plaintext length, the sealed chunks. The
// kind is covered by the ciphertext digest in the leaf alone: hold that against the bytes first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/exchange_id.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/key_derivation.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/journal/payload_parts.h"

namespace ndx::journal {

inline constexpr size_t kChunkBytes = size_t{64} << 10;
inline constexpr size_t kExchangeKeyBytes = 32;
inline constexpr uint8_t kLeafVersion = 1;

enum class Direction : uint8_t { kRequest = 0, kResponse = 1, kSignature = 2 };

// What a nonce and the additional data are made of. An exchange key never seals two different
// payloads with the same context.
struct SealContext {
  core::ExchangeId exchange_id;
  Direction direction = Direction::kRequest;
  uint16_t attempt = 1;
};

// The keys of an exchange's parts. Thread-compatible.
class ExchangePartKeys {
 public:
  explicit ExchangePartKeys(absl::string_view exchange_key) : key_(exchange_key) {}
  crypto::SecretBytes Of(Direction direction, uint32_t part) const;

 private:
  crypto::HkdfKey key_;
};

// One of them.
crypto::SecretBytes PartKey(absl::string_view exchange_key, Direction direction, uint32_t part);

// 32 bytes.
std::string CommitmentSalt(absl::string_view part_key);
crypto::Digest PartCommitment(absl::string_view salt, absl::string_view plaintext);

// Appends kind, length and chunks of one part.
void SealPart(const SealContext& context, uint32_t part, absl::string_view part_key,
              const Part& content, std::string* out);

// Gives the key of part number i of the direction; asked for kSignaturePart where the part is the
// consumer's signature. kNotFound: the part stays shut and comes back as unreadable.
using PartKeys = absl::FunctionRef<absl::StatusOr<crypto::SecretBytes>(uint32_t)>;
inline constexpr uint32_t kSignaturePart = 0xFFFFFFFFU;

// Opens the stored bytes of a direction. kDataLoss if anything was changed.
absl::StatusOr<std::vector<Part>> OpenParts(const SealContext& context, absl::string_view stored,
                                            PartKeys keys);

// A piece of the stored bytes that begins with part number first_part, with every part key derived
// from the exchange key.
absl::StatusOr<std::vector<Part>> OpenPartsFrom(const SealContext& context, uint32_t first_part,
                                                absl::string_view stored,
                                                const ExchangePartKeys& keys);

}  // namespace ndx::journal

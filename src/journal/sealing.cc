#include "ndx/journal/sealing.h"

#include <algorithm>
#include <array>

#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"

namespace ndx::journal {
namespace {

constexpr size_t kPartHeaderBytes = 1 + 4;

absl::string_view DirectionName(Direction direction) {
  switch (direction) {
    case Direction::kRequest:
      return "req";
    case Direction::kResponse:
      return "resp";
    case Direction::kSignature:
      return "sig";
  }
  return "";
}

// Bytes put one behind another without an allocation.
template <size_t kCapacity>
class ShortBytes {
 public:
  ShortBytes& Add(absl::string_view bytes) {
    NDX_CHECK(bytes.size() <= kCapacity - size_);
    bytes.copy(bytes_.data() + size_, bytes.size());
    size_ += bytes.size();
    return *this;
  }
  template <typename T>
  ShortBytes& AddBigEndian(T value) {
    std::array<char, sizeof(T)> bytes{};
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes[i] = static_cast<char>(static_cast<uint8_t>(value >> (8 * (sizeof(T) - 1 - i))));
    }
    return Add({bytes.data(), bytes.size()});
  }
  absl::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kCapacity> bytes_;
  size_t size_ = 0;
};

using NonceBytes = ShortBytes<crypto::kGcmNonceBytes>;
using AdditionalBytes = ShortBytes<1 + core::ExchangeId::kBytes + sizeof(uint32_t)>;

NonceBytes Nonce(const SealContext& context, uint32_t chunk, bool last) {
  NonceBytes nonce;
  nonce.AddBigEndian(static_cast<uint8_t>(context.direction))
      .AddBigEndian(context.attempt)
      .AddBigEndian(chunk)
      .AddBigEndian(static_cast<uint8_t>(last ? 1 : 0))
      .AddBigEndian(uint32_t{0});
  return nonce;
}

AdditionalBytes AdditionalData(const SealContext& context, uint32_t part) {
  AdditionalBytes data;
  data.AddBigEndian(kLeafVersion).Add(context.exchange_id.bytes()).AddBigEndian(part);
  return data;
}

// The context and number under which a part of this kind is sealed.
SealContext ContextOf(const SealContext& context, PartKind kind) {
  SealContext out = context;
  if (kind == PartKind::kSignature) out.direction = Direction::kSignature;
  return out;
}

}  // namespace

crypto::SecretBytes ExchangePartKeys::Of(Direction direction, uint32_t part) const {
  ShortBytes<32> info;
  info.Add("ndx part v1 ").Add(DirectionName(direction)).AddBigEndian(part);
  return key_.Derive(info.view(), crypto::kAesKeyBytes);
}

crypto::SecretBytes PartKey(absl::string_view exchange_key, Direction direction, uint32_t part) {
  return ExchangePartKeys(exchange_key).Of(direction, part);
}

std::string CommitmentSalt(absl::string_view part_key) {
  const crypto::SecretBytes salt =
      crypto::HkdfSha256({.key = part_key, .salt = {}, .info = "ndx commit v1"}, 32);
  return std::string(salt.view());
}

crypto::Digest PartCommitment(absl::string_view salt, absl::string_view plaintext) {
  return crypto::Sha256Of({"\x02", salt, plaintext});
}

void SealPart(const SealContext& context, uint32_t part, absl::string_view part_key,
              const Part& content, std::string* out) {
  const SealContext own = ContextOf(context, content.kind);
  crypto::AesGcmKey key(part_key);
  const AdditionalBytes additional = AdditionalData(own, part);
  const absl::string_view plaintext = content.plaintext;
  out->push_back(static_cast<char>(content.kind));
  core::AppendBigEndian(static_cast<uint32_t>(plaintext.size()), out);
  uint32_t chunk = 0;
  size_t at = 0;
  do {
    const size_t size = std::min(kChunkBytes, plaintext.size() - at);
    const bool last = at + size == plaintext.size();
    key.Seal(Nonce(own, chunk, last).view(), additional.view(), plaintext.substr(at, size), out);
    at += size;
    ++chunk;
  } while (at < plaintext.size());
}

namespace {

// Bytes of the chunks of so much plaintext.
size_t SealedBytes(size_t plaintext_bytes) {
  const size_t chunks = std::max<size_t>(1, (plaintext_bytes + kChunkBytes - 1) / kChunkBytes);
  return plaintext_bytes + chunks * crypto::kGcmTagBytes;
}

absl::StatusOr<std::vector<Part>> OpenNumbered(const SealContext& context, uint32_t first_part,
                                               absl::string_view stored, PartKeys keys) {
  const absl::Status cut_off = absl::DataLossError("the stored payload is cut off");
  std::vector<Part> parts;
  uint32_t next = first_part;
  while (!stored.empty()) {
    if (stored.size() < kPartHeaderBytes) return cut_off;
    const auto kind = static_cast<uint8_t>(stored[0]);
    if (kind > static_cast<uint8_t>(PartKind::kSignature)) {
      return absl::DataLossError("the stored payload has a part of unknown kind");
    }
    Part part{.kind = static_cast<PartKind>(kind)};
    const size_t length = core::ReadBigEndian<uint32_t>(stored.substr(1));
    stored.remove_prefix(kPartHeaderBytes);
    const bool is_signature = part.kind == PartKind::kSignature;
    const uint32_t number = is_signature ? 0 : next++;
    const auto part_key = keys(is_signature ? kSignaturePart : number);
    if (absl::IsNotFound(part_key.status())) {
      const size_t sealed = SealedBytes(length);
      if (stored.size() < sealed) return cut_off;
      stored.remove_prefix(sealed);
      part.plaintext.resize(length);
      part.unreadable = true;
      parts.push_back(std::move(part));
      continue;
    }
    NDX_RETURN_IF_ERROR(part_key.status());
    crypto::AesGcmKey key(part_key->view());
    const SealContext own = ContextOf(context, part.kind);
    const AdditionalBytes additional = AdditionalData(own, number);
    uint32_t chunk = 0;
    do {
      const size_t size = std::min(kChunkBytes, length - part.plaintext.size());
      const bool last = part.plaintext.size() + size == length;
      if (stored.size() < size + crypto::kGcmTagBytes) return cut_off;
      NDX_RETURN_IF_ERROR(key.Open(Nonce(own, chunk, last).view(), additional.view(),
                                   stored.substr(0, size + crypto::kGcmTagBytes), &part.plaintext));
      stored.remove_prefix(size + crypto::kGcmTagBytes);
      ++chunk;
    } while (part.plaintext.size() < length);
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

absl::StatusOr<std::vector<Part>> OpenParts(const SealContext& context, absl::string_view stored,
                                            PartKeys keys) {
  return OpenNumbered(context, 0, stored, keys);
}

absl::StatusOr<std::vector<Part>> OpenPartsFrom(const SealContext& context, uint32_t first_part,
                                                absl::string_view stored,
                                                const ExchangePartKeys& keys) {
  const auto key_of = [&](uint32_t part) -> absl::StatusOr<crypto::SecretBytes> {
    if (part == kSignaturePart) return keys.Of(Direction::kSignature, 0);
    return keys.Of(context.direction, part);
  };
  return OpenNumbered(context, first_part, stored, key_of);
}

}  // namespace ndx::journal

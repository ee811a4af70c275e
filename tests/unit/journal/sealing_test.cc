#include "ndx/journal/sealing.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "ndx/core/big_endian.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/key_derivation.h"

namespace ndx::journal {
namespace {

const std::string& ExchangeKeyBytes() {
  static const std::string key(32, 'k');
  return key;
}

SealContext Context() {
  return {.exchange_id = core::ExchangeId::FromBytes("0123456789abcdef").value(),
          .direction = Direction::kResponse,
          .attempt = 0x0102};
}

std::string Seal(const SealContext& context, const std::vector<Part>& parts) {
  std::string stored;
  for (uint32_t i = 0; i < parts.size(); ++i) {
    const auto key = PartKey(ExchangeKeyBytes(), context.direction, i);
    SealPart(context, i, key.view(), parts[i], &stored);
  }
  return stored;
}

TEST_CASE("key, nonce, additional data and commitment are what the format says") {
  // Spelled out with the primitives alone, as another implementation would.
  const std::string info = "ndx part v1 resp" + std::string("\0\0\0\x05", 4);
  const auto part_key =
      crypto::HkdfSha256({.key = ExchangeKeyBytes(), .salt = {}, .info = info}, 32);
  CHECK(PartKey(ExchangeKeyBytes(), Direction::kResponse, 5).view() == part_key.view());
  CHECK(PartKey(ExchangeKeyBytes(), Direction::kRequest, 5).view() != part_key.view());

  std::string stored;
  SealPart(Context(), 5, part_key.view(), {.kind = PartKind::kElement, .plaintext = "secret"},
           &stored);
  const std::string nonce = std::string("\x01\x01\x02\0\0\0\0\x01\0\0\0\0", 12);
  const std::string additional =
      std::string("\x01", 1) + "0123456789abcdef" + std::string("\0\0\0\x05", 4);
  std::string expected = std::string("\x01\0\0\0\x06", 5);
  crypto::AesGcmKey(part_key.view()).Seal(nonce, additional, "secret", &expected);
  CHECK(stored == expected);

  const auto salt =
      crypto::HkdfSha256({.key = part_key.view(), .salt = {}, .info = "ndx commit v1"}, 32);
  CHECK(CommitmentSalt(part_key.view()) == salt.view());
  CHECK(PartCommitment(salt.view(), "secret") == crypto::Sha256Of({"\x02", salt.view(), "secret"}));
}

TEST_CASE("parts of every size around a chunk open as they were sealed") {
  std::vector<Part> parts;
  for (const size_t size : {size_t{0}, size_t{1}, kChunkBytes - 1, kChunkBytes, kChunkBytes + 1,
                            2 * kChunkBytes, 3 * kChunkBytes + 5}) {
    parts.push_back({.kind = PartKind::kMessage, .plaintext = std::string(size, 'p')});
  }
  const std::string stored = Seal(Context(), parts);
  const auto opened = OpenPartsFrom(Context(), 0, stored, ExchangePartKeys(ExchangeKeyBytes()));
  REQUIRE(opened.ok());
  REQUIRE(opened->size() == parts.size());
  for (size_t i = 0; i < parts.size(); ++i) CHECK((*opened)[i].plaintext == parts[i].plaintext);
}

TEST_CASE("chunks cannot be changed, cut off, swapped or read in another context") {
  const std::vector<Part> parts = {{.plaintext = std::string(2 * kChunkBytes, 'a')},
                                   {.plaintext = "b"}};
  const std::string stored = Seal(Context(), parts);
  const auto opens = [&](const SealContext& context, const std::string& bytes) {
    return OpenPartsFrom(context, 0, bytes, ExchangePartKeys(ExchangeKeyBytes())).ok();
  };
  REQUIRE(opens(Context(), stored));
  // From 1: the kind of a part, its first byte, is covered by the leaf's digest over all of this.
  for (size_t at = 1; at < stored.size(); at += 997) {
    std::string changed = stored;
    changed[at] ^= 1;
    INFO(at);
    CHECK_FALSE(opens(Context(), changed));
  }
  CHECK_FALSE(opens(Context(), stored.substr(0, stored.size() - 1)));
  const size_t chunk = kChunkBytes + crypto::kGcmTagBytes;
  const std::string swapped = stored.substr(0, 5) + stored.substr(5 + chunk, chunk) +
                              stored.substr(5, chunk) + stored.substr(5 + 2 * chunk);
  CHECK_FALSE(opens(Context(), swapped));
  SealContext other = Context();
  other.attempt = 1;
  CHECK_FALSE(opens(other, stored));
  other = Context();
  other.direction = Direction::kRequest;
  CHECK_FALSE(opens(other, stored));
  other = Context();
  other.exchange_id = core::ExchangeId();
  CHECK_FALSE(opens(other, stored));
  CHECK_FALSE(OpenPartsFrom(Context(), 1, stored, ExchangePartKeys(ExchangeKeyBytes())).ok());
}

TEST_CASE(
    "a part whose key is gone stays shut alone, and the caller's signature has a key of its own") {
  const SealContext context = Context();
  std::string stored = Seal(context, {{.plaintext = "one"}, {.plaintext = "two"}});
  const auto signature_key = PartKey(ExchangeKeyBytes(), Direction::kSignature, 0);
  SealPart(context, 0, signature_key.view(), {.kind = PartKind::kSignature, .plaintext = "sig"},
           &stored);
  std::set<uint32_t> asked;
  const auto keys = [&](uint32_t part) -> absl::StatusOr<crypto::SecretBytes> {
    asked.insert(part);
    return part == kSignaturePart ? PartKey(ExchangeKeyBytes(), Direction::kSignature, 0)
                                  : PartKey(ExchangeKeyBytes(), context.direction, part);
  };
  const auto opened = OpenParts(context, stored, keys);
  REQUIRE(opened.ok());
  CHECK(opened->back().plaintext == "sig");
  CHECK(asked == std::set<uint32_t>{0, 1, kSignaturePart});
  const auto erased = [&](uint32_t part) -> absl::StatusOr<crypto::SecretBytes> {
    return part == 0 ? absl::NotFoundError("erased") : keys(part);
  };
  const auto without = OpenParts(context, stored, erased);
  REQUIRE(without.ok());
  CHECK((*without)[0].unreadable);
  CHECK((*without)[0].plaintext == std::string(opened->front().plaintext.size(), '\0'));
  CHECK_FALSE((*without)[1].unreadable);
  CHECK((*without)[1].plaintext == (*opened)[1].plaintext);
  CHECK(without->back().plaintext == "sig");
  stored.resize(10);
  CHECK(absl::IsDataLoss(OpenParts(context, stored, erased).status()));
}

}  // namespace
}  // namespace ndx::journal

#include "ndx/journal/cosignature.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/crypto/digest.h"

namespace ndx::journal {
namespace {

const char kText[] = "node/journal/1\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

crypto::Ed25519PrivateKey Key(char seed) {
  return crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)).value();
}

CosignatureSigner TestCosigner(const std::string& name, char seed = 'w') {
  return CosignatureSigner::Create(name, Key(seed)).value();
}

TEST_CASE("a cosignature is key id, time and an Ed25519 signature over header, time and text") {
  const CosignatureSigner signer = TestCosigner("witness.example.vn");
  const NoteSignature signature = signer.Sign(kText, 1'772'000'000);
  // Spelled out anew from the specification.
  const std::string key = Key('w').public_key();
  const auto digest =
      crypto::Sha256Of({"witness.example.vn", "\n", absl::string_view("\x04", 1), key});
  CHECK(core::BigEndian(signature.key_id) == std::string(crypto::AsBytes(digest).substr(0, 4)));
  REQUIRE(signature.bytes.size() == 8 + 64);
  CHECK(signature.bytes.substr(0, 8) == core::BigEndian(uint64_t{1'772'000'000}));
  const auto plain = crypto::Ed25519PublicKey::FromBytes(key).value();
  CHECK(plain.Verify(absl::StrCat("cosignature/v1\ntime 1772000000\n", kText),
                     signature.bytes.substr(8)));
  CHECK(signer.verifier().Verify(kText, signature) == 1'772'000'000U);
}

TEST_CASE("a cosignature counts for its own text, time, name and key only") {
  const CosignatureSigner signer = TestCosigner("witness");
  const NoteSignature good = signer.Sign(kText, 5);
  CHECK_FALSE(signer.verifier().Verify(std::string(kText) + "x\n", good).has_value());
  NoteSignature later = good;
  later.bytes[7] ^= 1;
  CHECK_FALSE(signer.verifier().Verify(kText, later).has_value());
  NoteSignature cut = good;
  cut.bytes.pop_back();
  CHECK_FALSE(signer.verifier().Verify(kText, cut).has_value());
  CHECK_FALSE(TestCosigner("other").verifier().Verify(kText, good).has_value());
  CHECK_FALSE(TestCosigner("witness", 'x').verifier().Verify(kText, good).has_value());
  const NoteSignature beyond = signer.Sign(kText, uint64_t{1} << 63);
  CHECK_FALSE(signer.verifier().Verify(kText, beyond).has_value());
  CHECK(signer.verifier().Verify(kText, signer.Sign(kText, (uint64_t{1} << 63) - 1)).has_value());
}

TEST_CASE("a log's own signature is no cosignature, and the other way round") {
  const NoteSigner log = NoteSigner::Create("node", Key('k')).value();
  const CosignatureSigner witness = TestCosigner("node", 'k');
  CHECK_FALSE(witness.verifier().Owns(log.Sign(kText)));
  CHECK_FALSE(CosignatureVerifier::FromVkey(log.verifier().vkey()).ok());
  CHECK_FALSE(NoteVerifier::FromVkey(witness.verifier().vkey()).ok());
}

TEST_CASE("verifier keys come back from their text; malformed ones are refused") {
  const std::string vkey = TestCosigner("witness").verifier().vkey();
  const auto read = CosignatureVerifier::FromVkey(vkey);
  REQUIRE(read.ok());
  CHECK(read->vkey() == vkey);
  CHECK(read->Verify(kText, TestCosigner("witness").Sign(kText, 9)) == 9U);
  for (const std::string& bad :
       {std::string(), "other" + vkey.substr(7), vkey.substr(0, vkey.size() - 1),
        vkey.substr(0, vkey.size() - 4), std::string("witness+00000000")}) {
    INFO(bad);
    CHECK_FALSE(CosignatureVerifier::FromVkey(bad).ok());
  }
}

}  // namespace
}  // namespace ndx::journal

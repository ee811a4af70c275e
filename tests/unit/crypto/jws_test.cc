#include "ndx/crypto/jws.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::crypto {
namespace {

constexpr char kPayload[] = "payload";
const JwsHeader kHeader{.type = "test+jws", .issued = 1'767'600'000, .expires = 1'767'600'300};

std::optional<SignatureFault> FaultOf(absl::string_view text, const SigningPublicKey& key,
                                      JwsForm form = JwsForm::kDetached) {
  const auto parsed = Jws::Parse(text, form);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  const Jws& jws = std::get<Jws>(parsed);
  return jws.Verify(form == JwsForm::kCompact ? jws.payload() : kPayload, key);
}

// Signed by the key, whatever the header says.
std::string Signed(const SigningPrivateKey& key, absl::string_view header,
                   absl::string_view payload_part = "") {
  const std::string part = absl::WebSafeBase64Escape(header);
  const std::string signature =
      key.Sign(absl::StrCat(part, ".", absl::WebSafeBase64Escape(kPayload)));
  return absl::StrCat(part, ".", payload_part, ".", absl::WebSafeBase64Escape(signature));
}

std::string HeaderOf(const SigningPrivateKey& key) {
  return absl::StrCat(R"({"alg":")", AlgorithmName(key.public_key().algorithm()), R"(","kid":")",
                      key.public_key().id(),
                      R"(","typ":"test+jws","iat":1767600000,"exp":1767600300})");
}

TEST_CASE("what is signed verifies, detached and compact, with either algorithm") {
  for (const SigningPrivateKey& key : {tests::Es256Key('a'), tests::EdDsaKey('a')}) {
    const std::string detached = SignJws(JwsForm::kDetached, kHeader, kPayload, key);
    CHECK(absl::StrContains(detached, ".."));
    CHECK(FaultOf(detached, key.public_key()) == std::nullopt);
    const auto parsed = Jws::Parse(detached, JwsForm::kDetached);
    const JwsHeader& header = std::get<Jws>(parsed).header();
    CHECK(header.algorithm == key.public_key().algorithm());
    CHECK(header.key_id == key.public_key().id());
    CHECK(header.type == "test+jws");
    CHECK(header.issued == kHeader.issued);
    CHECK(header.expires == kHeader.expires);
    CHECK(absl::StartsWith(detached, absl::StrCat(absl::WebSafeBase64Escape(HeaderOf(key)), "..")));

    const std::string compact = SignJws(JwsForm::kCompact, kHeader, kPayload, key);
    CHECK(FaultOf(compact, key.public_key(), JwsForm::kCompact) == std::nullopt);
    CHECK(std::get<Jws>(Jws::Parse(compact, JwsForm::kCompact)).payload() == kPayload);
  }
}

TEST_CASE("another payload, header, key or signature does not verify") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const std::string text = SignJws(JwsForm::kDetached, kHeader, kPayload, key);
  const Jws jws = std::get<Jws>(Jws::Parse(text, JwsForm::kDetached));
  CHECK(jws.Verify("payloae", key.public_key()) == SignatureFault::kMismatch);
  CHECK(jws.Verify("", key.public_key()) == SignatureFault::kMismatch);
  CHECK(jws.Verify(kPayload, tests::EdDsaKey('b').public_key()) == SignatureFault::kMismatch);
  // The same members in another order, or with white space, are other bytes.
  const std::string signature(text.substr(text.rfind('.')));
  const std::string spaced = absl::StrReplaceAll(HeaderOf(key), {{",", ", "}});
  CHECK(FaultOf(absl::StrCat(absl::WebSafeBase64Escape(spaced), ".", signature),
                key.public_key()) == SignatureFault::kMismatch);
  CHECK(FaultOf(Signed(key, spaced), key.public_key()) == std::nullopt);
}

TEST_CASE("the algorithm is the key's, whatever the header says") {
  const SigningPrivateKey ec = tests::Es256Key('a');
  const SigningPrivateKey ed = tests::EdDsaKey('a');
  // An EdDSA signature with the id of the ES256 key, and the other way round.
  const std::string header =
      absl::StrReplaceAll(HeaderOf(ed), {{ed.public_key().id(), ec.public_key().id()}});
  CHECK(FaultOf(Signed(ed, header), ec.public_key()) == SignatureFault::kAlgorithm);
  const std::string other =
      absl::StrReplaceAll(HeaderOf(ec), {{ec.public_key().id(), ed.public_key().id()}});
  CHECK(FaultOf(Signed(ec, other), ed.public_key()) == SignatureFault::kAlgorithm);
}

struct HostileHeader {
  const char* what;
  std::string header;
  SignatureFault fault;
};

void CheckRefused(const SigningPrivateKey& key, const std::vector<HostileHeader>& cases) {
  for (const HostileHeader& c : cases) {
    INFO(c.what);
    CHECK(FaultOf(Signed(key, c.header), key.public_key()) == c.fault);
  }
}

// The header of the key with a text in it replaced.
std::string Replaced(const SigningPrivateKey& key, absl::string_view from, absl::string_view to) {
  const std::string good = HeaderOf(key);
  const std::string header = absl::StrReplaceAll(good, {{from, to}});
  CHECK(header != good);
  return header;
}

// The header of the key with one member more.
std::string WithMember(const SigningPrivateKey& key, absl::string_view member) {
  const std::string good = HeaderOf(key);
  return absl::StrCat(good.substr(0, good.size() - 1), ",", member, "}");
}

TEST_CASE("no algorithm counts but the two") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  for (const char* name : {"none", "None", "NONE", "", "HS256", "RS256", "PS256", "ES384", "ES512",
                           "ES256K", "eddsa", "Ed25519", "ES256 ", "dir"}) {
    INFO(name);
    CheckRefused(key, {{"alg", Replaced(key, "EdDSA", name), SignatureFault::kAlgorithm}});
  }
}

TEST_CASE("what could lead a verifier elsewhere is refused before any key is looked for") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  using F = SignatureFault;
  CheckRefused(
      key,
      {
          {"jku", WithMember(key, R"("jku":"https://evil.example/keys")"), F::kMember},
          {"x5u", WithMember(key, R"("x5u":"https://evil.example/cert")"), F::kMember},
          {"x5c", WithMember(key, R"("x5c":["MIIB"])"), F::kHeader},
          {"x5c as a text", WithMember(key, R"("x5c":"MIIB")"), F::kMember},
          {"x5t", WithMember(key, R"("x5t":"AAAA")"), F::kMember},
          {"jwk", WithMember(key, R"("jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"})"), F::kHeader},
          {"jwk as a text", WithMember(key, R"("jwk":"{}")"), F::kMember},
          {"crit", WithMember(key, R"("crit":["b64"])"), F::kHeader},
          {"crit as a text", WithMember(key, R"("crit":"b64")"), F::kMember},
          {"b64", WithMember(key, R"("b64":false)"), F::kHeader},
          {"b64 as a number", WithMember(key, R"("b64":0)"), F::kMember},
          {"zip", WithMember(key, R"("zip":"DEF")"), F::kMember},
          {"cty", WithMember(key, R"("cty":"JWT")"), F::kMember},
          {"alg twice", WithMember(key, R"("alg":"none")"), F::kHeader},
          {"alg twice, the same", WithMember(key, R"("alg":"EdDSA")"), F::kHeader},
          {"alg twice, behind an escape", WithMember(key, R"("\u0061lg":"none")"), F::kHeader},
          {"kid twice", WithMember(key, absl::StrCat(R"("kid":")", key.public_key().id(), "\"")),
           F::kHeader},
          {"kid a path", Replaced(key, key.public_key().id(), "../../etc/key"), F::kMember},
          {"kid in capitals", Replaced(key, key.public_key().id(), std::string(64, 'A')),
           F::kMember},
          {"kid too short", Replaced(key, key.public_key().id(), "abc"), F::kMember},
      });
}

TEST_CASE("members that are missing or of another type are refused, and what is no flat object") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const std::string good = HeaderOf(key);
  using F = SignatureFault;
  CheckRefused(
      key,
      {
          {"alg a number", Replaced(key, "\"EdDSA\"", "1"), F::kMember},
          {"no alg", Replaced(key, "\"alg\":\"EdDSA\",", ""), F::kMember},
          {"no kid", Replaced(key, absl::StrCat("\"kid\":\"", key.public_key().id(), "\","), ""),
           F::kMember},
          {"no typ", Replaced(key, "\"typ\":\"test+jws\",", ""), F::kMember},
          {"no iat", Replaced(key, "\"iat\":1767600000,", ""), F::kMember},
          {"no exp", Replaced(key, ",\"exp\":1767600300", ""), F::kMember},
          {"iat a text", Replaced(key, "1767600000", "\"1767600000\""), F::kMember},
          {"exp negative", Replaced(key, "1767600300", "-1"), F::kHeader},
          {"exp with a fraction", Replaced(key, "1767600300", "1767600300.5"), F::kHeader},
          {"exp over 15 digits", Replaced(key, "1767600300", "9999999999999999"), F::kHeader},
          {"nothing", "{}", F::kMember},
          {"an array", "[]", F::kHeader},
          {"no JSON", "header", F::kHeader},
          {"two objects", good + good, F::kHeader},
          {"not ASCII", Replaced(key, "test+jws", "t\xC3\xA9st"), F::kHeader},
          {"a NUL", Replaced(key, "test+jws", std::string("t\0st", 4)), F::kHeader},
      });
}

TEST_CASE("base64url is canonical and without padding") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const std::string good = SignJws(JwsForm::kDetached, kHeader, kPayload, key);
  const std::string header(good.substr(0, good.find('.')));
  const std::string signature(good.substr(good.rfind('.') + 1));
  // 64 bytes end in a character of which two bits count: with others it is the same signature to a
  // reader that does not look.
  std::string left_over = signature;
  left_over.back() = left_over.back() == 'A' ? 'B' : static_cast<char>(left_over.back() + 1);
  for (const std::string& text :
       {absl::StrCat(header, "=..", signature), absl::StrCat(header, "..", signature, "=="),
        absl::StrCat(header, "..", signature, "="), absl::StrCat(header, "..", left_over),
        absl::StrCat(header, "..", signature, "\n"), absl::StrCat(" ", header, "..", signature),
        absl::StrCat(header, "..", signature.substr(0, 40), "\n", signature.substr(40)),
        absl::StrCat(header, "..", signature.substr(0, 85), "+"),
        absl::StrCat(header, "..", signature.substr(0, 85), "/")}) {
    INFO(text);
    CHECK(FaultOf(text, key.public_key()) == SignatureFault::kEncoding);
  }
}

TEST_CASE("three parts, the middle one empty where the payload is apart") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const std::string detached = SignJws(JwsForm::kDetached, kHeader, kPayload, key);
  const std::string compact = SignJws(JwsForm::kCompact, kHeader, kPayload, key);
  const std::vector<std::string> parts = absl::StrSplit(detached, '.');
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), parts[0],
        absl::StrCat(parts[0], ".", parts[2]), absl::StrCat(parts[0], ".."),
        absl::StrCat("..", parts[2]), absl::StrCat(detached, "."), compact,
        absl::StrCat("{\"protected\":\"", parts[0], "\"}")}) {
    INFO(text);
    CHECK(FaultOf(text, key.public_key()) == SignatureFault::kForm);
  }
  CHECK(FaultOf(detached, key.public_key(), JwsForm::kCompact) == SignatureFault::kForm);
  // A payload of its own in the place of none.
  CHECK(FaultOf(Signed(key, HeaderOf(key), absl::WebSafeBase64Escape(kPayload)),
                key.public_key()) == SignatureFault::kForm);
}

TEST_CASE("a signature of another length, or of zeros, is refused") {
  const SigningPrivateKey key = tests::Es256Key('a');
  const std::string header = absl::WebSafeBase64Escape(HeaderOf(key));
  const std::string one(32, '1');
  const std::string zero(32, '\0');
  const std::string der = absl::HexStringToBytes("3006020101020101");
  for (const std::string& signature :
       {one, one + one + "1", one + zero, zero + one, zero + zero, der, std::string(1, 's')}) {
    const std::string text = absl::StrCat(header, "..", absl::WebSafeBase64Escape(signature));
    CHECK(FaultOf(text, key.public_key()) == SignatureFault::kLength);
  }
}

TEST_CASE("at the limit of length it is read, one past it not") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const auto compact_of = [&](size_t payload) {
    return SignJws(JwsForm::kCompact, kHeader, std::string(payload, 'p'), key);
  };
  size_t payload = 2800;
  while (compact_of(payload + 1).size() <= kJwsBytesMax) ++payload;
  CHECK(compact_of(payload).size() >= kJwsBytesMax - 1);
  CHECK(FaultOf(compact_of(payload), key.public_key(), JwsForm::kCompact) == std::nullopt);
  CHECK(FaultOf(compact_of(payload + 1), key.public_key(), JwsForm::kCompact) ==
        SignatureFault::kTooLong);
  CHECK(FaultOf(std::string(size_t{1} << 20, 'A'), key.public_key()) == SignatureFault::kTooLong);
}

}  // namespace
}  // namespace ndx::crypto

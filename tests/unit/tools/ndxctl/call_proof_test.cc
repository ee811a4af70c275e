#include "ndx/tools/ndxctl/call_proof.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/core/exchange_id.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/key_file.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

constexpr char kProvedId[] = "0197a0c8-0000-7000-8000-000000000001";

crypto::Ed25519PrivateKey KeyOfSeed(char seed) {
  return *crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed));
}

struct ProofFiles {
  ProofFiles() {
    REQUIRE(crypto::WriteKeyFile(directory.File("key.pem"), KeyOfSeed('c').ToPem().view()).ok());
    const auto verifier =
        journal::NoteVerifier::FromPublicKey("node/journal/1", KeyOfSeed('n').public_key());
    std::ofstream(directory.File("vkey")) << verifier->vkey() << "\n";
    std::ofstream(directory.File("token")) << "a.b.c\n";
  }

  absl::Status Prove(const CallProofFiles& files) { return ProveCall(files, clock, random, call); }

  tests::TempDir directory;
  tests::FakeClock clock;
  tests::FakeRandom random{9};
  ExchangeCall call{.method = "/ledger.v1.LedgerService/Read", .request = "question"};
};

TEST_CASE("a call is signed as it goes out, under an id of its own, and what was signed is kept") {
  ProofFiles f;
  REQUIRE(f.Prove({.sign_key = f.directory.File("key.pem"),
                   .officer_token = f.directory.File("token"),
                   .signature_out = f.directory.File("jws"),
                   .request_out = f.directory.File("request")})
              .ok());
  const std::string id = f.call.metadata.find("ndx-exchange-id")->second;
  CHECK(core::ExchangeId::Parse(id).ok());
  CHECK(f.call.metadata.find("ndx-officer-token")->second == "a.b.c");
  const std::string text = f.call.metadata.find("ndx-signature-bin")->second;
  CHECK(*ReadFile(f.directory.File("jws")) == text);
  CHECK(*ReadFile(f.directory.File("request")) == "question");
  const auto parsed = crypto::ExchangeSignature::Parse(text, crypto::SignedAs::kRequest);
  REQUIRE(std::holds_alternative<crypto::ExchangeSignature>(parsed));
  const auto key = crypto::SigningPublicKey::FromEd25519(KeyOfSeed('c').public_key());
  CHECK(std::get<crypto::ExchangeSignature>(parsed).Verify(
            {.exchange_id = id,
             .method = f.call.method,
             .body_sha256 = crypto::BodyDigest::Of("question")},
            *key) == std::nullopt);
}

TEST_CASE("an id that was chosen stays; without a key nothing is signed") {
  ProofFiles f;
  f.call.metadata.emplace("ndx-exchange-id", kProvedId);
  SECTION("signed") {
    REQUIRE(f.Prove({.sign_key = f.directory.File("key.pem")}).ok());
    CHECK(f.call.metadata.count("ndx-exchange-id") == 1);
    CHECK(f.call.metadata.find("ndx-exchange-id")->second == kProvedId);
  }
  SECTION("not signed") {
    REQUIRE(f.Prove({}).ok());
    CHECK(f.call.metadata.size() == 1);
  }
}

TEST_CASE("files that cannot be used are named") {
  ProofFiles f;
  CHECK_THAT(std::string(f.Prove({.sign_key = f.directory.File("nowhere.pem")}).message()),
             Contains("nowhere.pem"));
  CHECK_THAT(std::string(f.Prove({.sign_key = f.directory.File("vkey")}).message()),
             Contains("vkey"));
  CHECK_THAT(std::string(f.Prove({.officer_token = f.directory.File("nowhere")}).message()),
             Contains("nowhere"));
  CHECK_THAT(std::string(f.Prove({.signature_out = f.directory.File("jws")}).message()),
             Contains("--sign-key"));
  CHECK_THAT(std::string(f.Prove({.sign_key = f.directory.File("key.pem"),
                                  .signature_out = f.directory.File("no/such/directory")})
                             .message()),
             Contains("cannot be written"));
}

TEST_CASE("a delivery counts by one of the node's keys, and by no other") {
  ProofFiles f;
  f.call.metadata.emplace("ndx-exchange-id", kProvedId);
  const auto signed_with = [&](char seed) {
    return crypto::SignExchange(crypto::SignedAs::kDelivery,
                                {.exchange_id = kProvedId,
                                 .method = f.call.method,
                                 .body_sha256 = crypto::BodyDigest::Of("answer")},
                                crypto::SigningPrivateKey::FromEd25519(KeyOfSeed(seed)),
                                f.clock.Now());
  };
  const CallProofFiles files{.vkeys = {f.directory.File("vkey")}};
  const auto check = [&](const std::string& message, const std::string& signature) {
    return CheckDelivery(files, f.call, false, {message}, signature, f.clock);
  };
  CHECK(check("answer", signed_with('n')).ok());
  CHECK(absl::IsPermissionDenied(check("another", signed_with('n'))));
  CHECK(absl::IsPermissionDenied(check("answer", signed_with('x'))));
  CHECK(absl::IsPermissionDenied(check("answer", "")));
  const absl::Status none = CheckDelivery({.vkeys = {f.directory.File("nowhere")}}, f.call, false,
                                          {"answer"}, signed_with('n'), f.clock);
  CHECK_FALSE(none.ok());
  CHECK_THAT(std::string(none.message()), Contains("nowhere"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl

#include "ndx/tools/verify/caller_signature.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/tests/support/signing_keys.h"
#include "ndx/tests/unit/tools/verify/log_with_receipt.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::LogWithReceipt;

std::string SignatureOver(const std::string& body,
                          crypto::SignedAs signed_as = crypto::SignedAs::kRequest) {
  return crypto::SignExchange(signed_as,
                              {.exchange_id = LogWithReceipt::kExchangeId,
                               .method = "/probe.v1.PeopleService/LookUp",
                               .body_sha256 = crypto::BodyDigest::Of(body)},
                              tests::Es256Key('c'), absl::FromUnixSeconds(1'767'600'000));
}

// A receipt of an exchange that came with this signature, which is given with the receipt.
struct SignedReceipt {
  explicit SignedReceipt(const std::string& with) : made(with) {
    tests::WriteAll(File("signature"), with);
    Key("caller.pem", tests::Es256Key('c'));
    Key("other.pem", tests::EdDsaKey('c'));
  }
  std::string File(const char* name) const { return made.log.space().File(name); }
  void Key(const char* name, const crypto::SigningPrivateKey& key) const {
    tests::WriteAll(File(name),
                    absl::StrCat("-----BEGIN PUBLIC KEY-----\n", tests::RegisteredKey(key),
                                 "\n-----END PUBLIC KEY-----\n"));
  }
  tests::VerifyRun Verify(const char* key, bool request = true) const {
    std::vector<std::string> more = {"--signature", File("signature")};
    if (request) more.insert(more.end(), {"--request", File("question")});
    if (*key != '\0') more.insert(more.end(), {"--signer-key", File(key)});
    return made.Verify(more);
  }

  LogWithReceipt made;
};

TEST_CASE("the caller's signature verifies offline, by the key registered for it") {
  const SignedReceipt f(SignatureOver("question"));
  const auto run = f.Verify("caller.pem");
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.out,
             Contains("the caller's signature given is the one recorded") &&
                 Contains("VN:GOV:H55:mot-cua signed this request itself at 2026-01-05 15:00:00 "
                          "+07, with the key " +
                          tests::Es256Key('c').public_key().id()));
  // One of several keys.
  CHECK(f.made
            .Verify({"--signature", f.File("signature"), "--request", f.File("question"),
                     "--signer-key", f.File("other.pem"), "--signer-key", f.File("caller.pem")})
            .code == 0);
}

TEST_CASE("what is not given is said to be not checked") {
  const SignedReceipt f(SignatureOver("question"));
  const auto without_key = f.Verify("");
  CHECK(without_key.code == 0);
  CHECK_THAT(without_key.out, Contains("not checked: whether the caller's signature is the "
                                       "caller's over this request: give the public key"));
  const auto without_request = f.Verify("caller.pem", false);
  CHECK(without_request.code == 0);
  CHECK_THAT(without_request.out, Contains("the whole request is not given"));
  CHECK_THAT(f.made.Verify({"--signer-key", f.File("caller.pem")}).out,
             Contains("not checked: the caller's own signature: the leaf commits to it"));
}

TEST_CASE("a signature that was recorded and is not the caller's does not hold") {
  struct Case {
    std::string signature;
    const char* key;
    crypto::SignatureFault fault;
  };
  using F = crypto::SignatureFault;
  const Case cases[] = {
      {SignatureOver("another question"), "caller.pem", F::kMismatch},
      {SignatureOver("question"), "other.pem", F::kKeyUnknown},
      {SignatureOver("question", crypto::SignedAs::kDelivery), "caller.pem", F::kType},
      {"no signature", "caller.pem", F::kForm},
  };
  for (const Case& c : cases) {
    const SignedReceipt f(c.signature);
    const auto run = f.Verify(c.key);
    INFO(run.out);
    CHECK(run.code == 1);
    CHECK_THAT(run.out, Contains(absl::StrCat("the caller's signature does not count: ",
                                              crypto::FaultTextEn(c.fault))));
  }
}

TEST_CASE("a key file that holds no such key is a fault of the command line") {
  const SignedReceipt f(SignatureOver("question"));
  CHECK(f.Verify("question").code == 2);
  CHECK(f.Verify("nowhere.pem").code == 2);
}

// A bundle of the exchange, with its signature or without.
tests::VerifyRun VerifyBundle(const SignedReceipt& f, const std::string& signature,
                              const std::vector<std::string>& keys) {
  const std::string path = f.File("bundle");
  auto writer = journal::EvidenceWriter::Create(path);
  REQUIRE(writer.ok());
  REQUIRE(writer
              ->Add({.exchange_id = LogWithReceipt::kExchangeId,
                     .consumer = "VN:GOV:H55:mot-cua",
                     .leaves = {{1, f.made.receipt.opening.leaf(),
                                 journal::FormatReceipt(f.made.receipt)}},
                     .request = {"question"},
                     .response = {"answer"},
                     .consumer_signature = signature})
              .ok());
  REQUIRE(writer
              ->Finish({.checkpoint = f.made.receipt.checkpoint,
                        .vkey = f.made.log.signer().verifier().vkey(),
                        .origin = "node/journal/1",
                        .tree_size = 3,
                        .made = "2026-03-02T08:00:00+07:00",
                        .selection = "case 17"})
              .ok());
  std::vector<std::string> arguments = {"bundle", "--key-file", f.made.log.key_file(), path};
  for (const std::string& key : keys) {
    arguments.insert(arguments.end(), {"--signer-key", f.File(key.c_str())});
  }
  return tests::RunVerify(arguments);
}

TEST_CASE("a bundle carries the signature, and counts what it shows") {
  const std::string signature = SignatureOver("question");
  const SignedReceipt f(signature);
  SECTION("verified") {
    const auto run = VerifyBundle(f, signature, {"caller.pem"});
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("1 requests by their callers' own signatures"));
  }
  SECTION("no key") {
    const auto run = VerifyBundle(f, signature, {});
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("not checked: 1 callers' signatures"));
  }
  SECTION("not in it") {
    const auto run = VerifyBundle(f, "", {"caller.pem"});
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains("not checked: 1 callers' signatures"));
  }
  SECTION("another") {
    CHECK(VerifyBundle(f, SignatureOver("question", crypto::SignedAs::kAnswer), {"caller.pem"})
              .code == 1);
  }
  SECTION("another key") { CHECK(VerifyBundle(f, signature, {"other.pem"}).code == 1); }
}

}  // namespace
}  // namespace ndx::tools::verify

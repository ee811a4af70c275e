// Signed requests and officers' tokens, on the whole way of an exchange: every stage is real, the
// journal is in memory.
#include "ndx/broker/caller_proof.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/crypto/officer_token.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using crypto::SignedAs;
using tests::BrokerFixture;
using tests::FakeServerCall;

// The insurer signs with two keys, its member with one for officers; "signed" and "proved" are its
// grants for Small and Note.
std::string ProofYaml() {
  return absl::StrFormat(
      R"(
members:
- code: G24.1
  name_vi: Bảo hiểm xã hội khu vực
  officer_token_keys: [{public_key: "%s"}, {public_key: "%s", valid_to: "2020-01-01"}]
- {code: G24.2, name_vi: Bảo hiểm xã hội khu vực khác, officer_token_keys: [{public_key: "%s"}]}
systems:
- id: "VN:GOV:G24.1:ky-so"
  certificates: [{spki_sha256: "%s"}]
  signing_keys: [{public_key: "%s"}, {public_key: "%s"}, {public_key: "%s", valid_to: "2020-01-01"}]
grants:
- name: signed
  consumer: "VN:GOV:G24.1:ky-so"
  methods: ["ledger.v1.LedgerService/Small", "ledger.v1.LedgerService/Change", "ledger.v1.LedgerService/List"]
  answer_fields: [key, code]
  signed_requests: true
  legal_basis: test
- name: proved
  consumer: "VN:GOV:G24.1:ky-so"
  methods: ["ledger.v1.LedgerService/Note"]
  required_references: [OFFICER]
  officer_proved: true
  legal_basis: test
- {name: plain, consumer: "VN:GOV:G24.1:ky-so", methods: ["ledger.v1.LedgerService/Read"], legal_basis: test}
)",
      tests::RegisteredKey(tests::EdDsaKey('m')), tests::RegisteredKey(tests::EdDsaKey('o')),
      tests::RegisteredKey(tests::EdDsaKey('n')), tests::SignerSpki(),
      tests::RegisteredKey(tests::EdDsaKey('s')), tests::RegisteredKey(tests::Es256Key('s')),
      tests::RegisteredKey(tests::EdDsaKey('p')));
}

class ProofFixture : public BrokerFixture {
 public:
  ProofFixture() : BrokerFixture({}, ProofYaml()) {}

  std::string NewId() { return core::ExchangeId::Generate(loop.clock(), random).ToString(); }

  std::string Sign(const std::string& id, const std::string& method, const std::string& key = "k",
                   const crypto::SigningPrivateKey& with = tests::EdDsaKey('s'),
                   absl::Duration ahead = absl::ZeroDuration()) {
    return crypto::SignExchange(SignedAs::kRequest,
                                {.exchange_id = id,
                                 .method = tests::LedgerMethod(method),
                                 .body_sha256 = crypto::BodyDigest::Of(tests::AskBytes(key))},
                                with, loop.clock().Now() + ahead);
  }

  FakeServerCall* Ask(const std::string& method, transport::Metadata metadata,
                      const std::string& key = "k") {
    return Call(method,
                {.peer = signer, .metadata = std::move(metadata), .body = tests::AskBytes(key)});
  }
  FakeServerCall* AskSigned(const std::string& method, const std::string& id,
                            const std::string& signature, const std::string& key = "k") {
    return Ask(method, {{"ndx-exchange-id", id}, {"ndx-signature-bin", signature}}, key);
  }

  crypto::OfficerClaims Claims() {
    return {.officer = "CB-0001",
            .member = "G24.1",
            .audience = tests::LedgerNode(),
            .issued = loop.clock().Now(),
            .expires = loop.clock().Now() + absl::Hours(8)};
  }
  std::string Token(const crypto::OfficerClaims& claims, char key = 'm') {
    return crypto::SignOfficerToken(claims, tests::EdDsaKey(key));
  }

  // The exchange was refused for this, the provider heard nothing of it, and the leaf says so and
  // holds nothing of the request.
  void CheckRefused(const FakeServerCall& call, const std::string& reason, size_t called = 0) {
    CHECK(Reason(call) == reason);
    CHECK(call.messages.empty());
    CHECK(adapter->count() == called);
    const auto entry = journal.entries().back();
    CHECK(entry.leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED);
    CHECK(entry.leaf.error_reason() == reason);
    CHECK_FALSE(entry.leaf.decision().allowed());
    CHECK(entry.leaf.decision().reason() == reason);
    CHECK(entry.leaf.signature_key_id().empty());
    CHECK(entry.consumer_signature.empty());
    CHECK(entry.request.empty());
    CHECK(Idle());
  }

  // What the caller is told, in both languages.
  std::string TextsOf(const FakeServerCall& call) {
    std::string all;
    for (const auto& [locale, text] : tests::ReadErrorOf(call.status).texts) all += text + "\n";
    return all;
  }

  const std::shared_ptr<const transport::PeerIdentity> signer = Peer(tests::SignerCertificate(), 3);
};

TEST_CASE("a signed request passes; its signature is kept, and its key stands in the leaf") {
  ProofFixture f;
  for (const auto& key : {tests::EdDsaKey('s'), tests::Es256Key('s')}) {
    const std::string own_id = f.NewId();
    const std::string signature = f.Sign(own_id, "Small", "k", key);
    FakeServerCall* call = f.AskSigned("Small", own_id, signature);
    CHECK(call->status.ok());
    const auto entry = f.journal.entries().back();
    CHECK(entry.leaf.event() == journal::v1::JOURNAL_EVENT_ANSWERED);
    CHECK(entry.leaf.signature_key_id() == key.public_key().id());
    CHECK(entry.leaf.decision().rule() == "signed");
    CHECK(entry.consumer_signature == signature);
    CHECK(entry.request == std::vector<std::string>{tests::AskBytes("k")});
  }
  CHECK(f.Idle());
}

TEST_CASE("a change: the signature is durable before anything is sent") {
  ProofFixture f;
  const std::string id = f.NewId();
  const std::string signature = f.Sign(id, "Change");
  CHECK(f.AskSigned("Change", id, signature)->status.ok());
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
  CHECK(f.journal.entries().front().consumer_signature == signature);
  CHECK(f.journal.entries().front().leaf.signature_key_id() ==
        tests::EdDsaKey('s').public_key().id());
}

TEST_CASE("where the grant asks for a signature, none is refused") {
  ProofFixture f;
  f.CheckRefused(*f.Ask("Small", {}), "SIGNATURE_MISSING");
  f.CheckRefused(*f.Ask("Small", {{"ndx-exchange-id", f.NewId()}}), "SIGNATURE_MISSING");
}

TEST_CASE("a signature that does not count is refused, with the cause in both languages") {
  ProofFixture f;
  const std::string id = f.NewId();
  const std::string good = f.Sign(id, "Small");
  using F = crypto::SignatureFault;
  F cause = F::kMismatch;
  FakeServerCall* call = nullptr;
  SECTION("another body") { call = f.AskSigned("Small", id, good, "other"); }
  SECTION("another id") { call = f.AskSigned("Small", f.NewId(), good); }
  SECTION("another method") { call = f.AskSigned("Small", id, f.Sign(id, "Read")); }
  SECTION("no id") {
    cause = F::kNoExchangeId;
    call = f.Ask("Small", {{"ndx-signature-bin", good}});
  }
  SECTION("a key of nobody") {
    cause = F::kKeyUnknown;
    call = f.AskSigned("Small", id, f.Sign(id, "Small", "k", tests::EdDsaKey('x')));
  }
  SECTION("a key of another purpose") {
    cause = F::kKeyUnknown;
    call = f.AskSigned("Small", id, f.Sign(id, "Small", "k", tests::EdDsaKey('m')));
  }
  SECTION("a key of earlier days") {
    cause = F::kKeyNotToday;
    call = f.AskSigned("Small", id, f.Sign(id, "Small", "k", tests::EdDsaKey('p')));
  }
  SECTION("too late") {
    cause = F::kExpired;
    f.loop.Advance(absl::Minutes(6));
    call = f.AskSigned("Small", id, good);
  }
  SECTION("made in the future") {
    cause = F::kNotYet;
    call =
        f.AskSigned("Small", id, f.Sign(id, "Small", "k", tests::EdDsaKey('s'), absl::Minutes(2)));
  }
  SECTION("made as an answer") {
    cause = F::kType;
    call = f.AskSigned(
        "Small", id,
        crypto::SignExchange(SignedAs::kAnswer, {}, tests::EdDsaKey('s'), f.loop.clock().Now()));
  }
  SECTION("no signature at all") {
    cause = F::kForm;
    call = f.AskSigned("Small", id, "signature");
  }
  SECTION("alg none") {
    cause = F::kForm;
    call = f.AskSigned("Small", id, "eyJhbGciOiJub25lIn0..");
  }
  SECTION("asked for or not, it is looked at") { call = f.AskSigned("Read", id, good); }
  f.CheckRefused(*call, "SIGNATURE_INVALID");
  const auto text = f.TextsOf(*call);
  CHECK_THAT(text, Catch::Contains(std::string(crypto::FaultTextVi(cause))));
  CHECK_THAT(text, Catch::Contains(std::string(crypto::FaultTextEn(cause))));
}

TEST_CASE("a system without signing keys may send what it likes; it is kept and not believed") {
  ProofFixture f;
  FakeServerCall* call =
      f.Call("Read", {.metadata = {{"ndx-purpose", "tthc"}, {"ndx-signature-bin", "its own"}}});
  CHECK(call->status.ok());
  CHECK(f.journal.entries().back().consumer_signature == "its own");
  CHECK(f.last_leaf().signature_key_id().empty());
}

TEST_CASE("a captured request again: the recorded answer, and nothing else under its id") {
  ProofFixture f;
  const std::string id = f.NewId();
  const std::string signature = f.Sign(id, "Small");
  FakeServerCall* first = f.AskSigned("Small", id, signature);
  CHECK(first->status.ok());
  f.adapter->AnswerWith({"another"});
  FakeServerCall* again = f.AskSigned("Small", id, signature);
  CHECK(again->status.ok());
  CHECK(again->messages == first->messages);
  CHECK(f.adapter->count() == 1);
  // With another body the signature is none; with a new one over it the id is taken.
  f.CheckRefused(*f.AskSigned("Small", id, signature, "x"), "SIGNATURE_INVALID", 1);
  FakeServerCall* other = f.AskSigned("Small", id, f.Sign(id, "Small", "x"), "x");
  CHECK(f.Reason(*other) == "EXCHANGE_ID_REUSED");
  CHECK(other->status.code == static_cast<int>(absl::StatusCode::kAborted));
  // Later than it counts it is refused as any other.
  f.loop.Advance(absl::Minutes(7));
  f.CheckRefused(*f.AskSigned("Small", id, signature), "SIGNATURE_INVALID", 1);
  CHECK(f.AskSigned("Small", id, f.Sign(id, "Small"))->messages == first->messages);
}

TEST_CASE("an officer's token proves the officer, whether ndx-officer is sent or not") {
  ProofFixture f;
  const std::string token = f.Token(f.Claims());
  CHECK(f.Ask("Note", {{"ndx-officer-token", token}})->status.ok());
  const auto without = f.last_leaf();
  CHECK(f.Ask("Note", {{"ndx-officer-token", token}, {"ndx-officer", "CB-0001"}})->status.ok());
  for (const auto& leaf : {without, f.last_leaf()}) {
    CHECK(leaf.officer().proved());
    CHECK(leaf.officer().hmac() == f.last_leaf().officer().hmac());
    CHECK(leaf.decision().rule() == "proved");
  }
  // The provider hears who it is, and never gets the token.
  CHECK(f.adapter->call(0).Metadata("ndx-officer") == "CB-0001");
  CHECK(f.adapter->call(0).Metadata("ndx-officer-token").empty());
  // Stated only, where that is enough.
  CHECK(f.Ask("Read", {{"ndx-officer", "CB-0001"}})->status.ok());
  CHECK_FALSE(f.last_leaf().officer().proved());
  CHECK(f.last_leaf().officer().hmac() == without.officer().hmac());
}

TEST_CASE("where the officer has to be proved, stating is not enough") {
  ProofFixture f;
  f.CheckRefused(*f.Ask("Note", {{"ndx-officer", "CB-0001"}}), "OFFICER_NOT_PROVED");
  CHECK_FALSE(f.last_leaf().officer().proved());
  f.CheckRefused(*f.Ask("Note", {}), "OFFICER_MISSING");
}

TEST_CASE("a token that does not count is refused, asked for or not") {
  ProofFixture f;
  using F = crypto::SignatureFault;
  crypto::OfficerClaims claims = f.Claims();
  std::string token;
  F cause = F::kMismatch;
  transport::Metadata metadata;
  SECTION("another node") {
    claims.audience = "VN:GOV:G99:ndx";
    cause = F::kAudience;
  }
  SECTION("another member") {
    claims.member = "G24";
    cause = F::kIssuer;
  }
  SECTION("a member of nowhere") {
    claims.member = "X";
    cause = F::kIssuer;
  }
  SECTION("another officer") {
    metadata.Add("ndx-officer", "CB-0002");
    cause = F::kSubject;
  }
  SECTION("another member's key") {
    token = f.Token(claims, 'n');
    cause = F::kKeyUnknown;
  }
  SECTION("the system's own key") {
    token = f.Token(claims, 's');
    cause = F::kKeyUnknown;
  }
  SECTION("a key of earlier days") {
    token = f.Token(claims, 'o');
    cause = F::kKeyNotToday;
  }
  SECTION("yesterday's") {
    claims.issued -= absl::Hours(20);
    claims.expires = claims.issued + absl::Hours(8);
    cause = F::kExpired;
  }
  SECTION("for a day") {
    claims.expires = claims.issued + absl::Hours(24);
    cause = F::kLife;
  }
  SECTION("an officer whose code is too long") {
    claims.officer = std::string(core::kOfficerBytesMax + 1, 'c');
    cause = F::kClaims;
  }
  SECTION("altered") {
    token = f.Token(claims);
    const size_t end = token.rfind('.') + 1;
    token[end] = token[end] == 'A' ? 'B' : 'A';
  }
  SECTION("no token at all") {
    token = "token";
    cause = F::kForm;
  }
  metadata.Add("ndx-officer-token", token.empty() ? f.Token(claims) : token);
  for (const char* const method : {"Note", "Read"}) {
    FakeServerCall* call = f.Ask(method, metadata);
    f.CheckRefused(*call, "OFFICER_TOKEN_INVALID");
    CHECK_FALSE(f.last_leaf().officer().proved());
    CHECK_THAT(f.TextsOf(*call), Catch::Contains(std::string(crypto::FaultTextVi(cause))));
    CHECK_THAT(f.TextsOf(*call), Catch::Contains(std::string(crypto::FaultTextEn(cause))));
  }
}

TEST_CASE("a wrong token does not hide that there is no grant") {
  ProofFixture f;
  f.CheckRefused(*f.Ask("Apply", {{"ndx-officer-token", "token"}}), "NO_GRANT");
}

}  // namespace
}  // namespace ndx::broker

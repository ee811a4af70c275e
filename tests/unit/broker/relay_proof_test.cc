// Exchanges that a peer relays, on their whole way: every stage is real, the journal is in memory.
// The insurer's system is the peer, mot-cua the system that asked it.
#include "ndx/broker/relay_proof.h"

#include <catch2/catch.hpp>
#include <functional>

#include "absl/strings/str_format.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/officer_token.h"
#include "ndx/crypto/relay_assertion.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;
using tests::FakeServerCall;

constexpr char kRelayPeer[] = "VN:GOV:G24:bhxh";
constexpr char kRelayOrigin[] = "VN:GOV:H55:mot-cua";
constexpr char kLedger[] = "VN:GOV:G01:ledger";

std::string PeersYaml(const std::string& more = "") {
  return absl::StrFormat(R"(
members:
- {code: H20, name_vi: Tỉnh khác}
- {code: G24.1, name_vi: Khu vực, officer_token_keys: [{public_key: "%s"}]}
systems:
- {id: "VN:GOV:H20:mot-cua"}
- {id: "VN:GOV:H55:cu", valid_to: "2020-01-01"}
- {id: "VN:GOV:H55:nut"}
- {id: "VN:GOV:G24.1:ky-so", certificates: [{spki_sha256: "%s"}]}
peers:
- system: "VN:GOV:G24:bhxh"
  assertion_keys: [{public_key: "%s"}, {public_key: "%s", valid_to: "2020-01-01"}]
  may_speak_for: [H55, "G24.*"]
%s
- {system: "VN:GOV:H55:nut"}
grants:
- {name: proved, consumer: "VN:GOV:G24.1:ky-so", methods: ["ledger.v1.LedgerService/Note"], purposes: [tthc],
   required_references: [OFFICER], officer_proved: true, legal_basis: QD 1}
)",
                         tests::RegisteredKey(tests::EdDsaKey('m')), tests::SignerSpki(),
                         tests::RegisteredKey(tests::EdDsaKey('r')),
                         tests::RegisteredKey(tests::EdDsaKey('o')), more);
}

class RelayFixture : public BrokerFixture {
 public:
  explicit RelayFixture(const std::string& more = "") : BrokerFixture({}, PeersYaml(more)) {}

  crypto::RelayClaims Claims(const std::string& method = "Read") {
    const absl::Time now = loop.clock().Now();
    return {.exchange_id = core::ExchangeId::Generate(loop.clock(), random).ToString(),
            .method = tests::LedgerMethod(method),
            .origin = kRelayOrigin,
            .origin_certificate = crypto::Sha256Of({"origin"}),
            .ground = crypto::RelayGround{.purpose = "tthc", .dossier = "HS-1"}.Sha256(),
            .provider = kLedger,
            .body_sha256 = crypto::BodyDigest::Of(tests::AskBytes("k")),
            .path = {kRelayPeer},
            .audience = tests::LedgerNode(),
            .issued = now,
            .expires = now + absl::Minutes(5)};
  }

  struct Sent {
    std::string method = "Read";
    std::string dossier = "HS-1";
    std::string exchange_id;  // empty: that of the claims
    std::string signature;
    std::string officer_token;
    std::string key = "k";
    crypto::SigningPrivateKey signed_by = tests::EdDsaKey('r');
    std::string assertion;  // empty: of the claims
    std::shared_ptr<const transport::PeerIdentity> peer;
  };

  FakeServerCall* Relay(const crypto::RelayClaims& claims) { return Relay(claims, Sent()); }
  FakeServerCall* Relay(const crypto::RelayClaims& claims, const Sent& sent) {
    transport::Metadata metadata = {
        {"ndx-purpose", "tthc"},
        {"ndx-dossier", sent.dossier},
        {"ndx-provider", kLedger},
        {"ndx-exchange-id", sent.exchange_id.empty() ? claims.exchange_id : sent.exchange_id},
        {"ndx-relay-assertion-bin", sent.assertion.empty()
                                        ? crypto::SignRelayAssertion(claims, sent.signed_by)
                                        : sent.assertion}};
    if (!sent.signature.empty()) metadata.Add("ndx-signature-bin", sent.signature);
    if (!sent.officer_token.empty()) metadata.Add("ndx-officer-token", sent.officer_token);
    return Call(sent.method, {.peer = sent.peer == nullptr ? insurer : sent.peer,
                              .metadata = std::move(metadata),
                              .body = tests::AskBytes(sent.key)});
  }

  const std::shared_ptr<const transport::PeerIdentity> signer = Peer(tests::SignerCertificate(), 3);
};

TEST_CASE("who asked the peer is who asks, with its own grant and in its own name") {
  RelayFixture f;
  const auto claims = f.Claims();
  const auto* call = f.Relay(claims);
  CHECK(call->status.ok());
  CHECK(f.adapter->call(0).Metadata("ndx-consumer") == kRelayOrigin);
  const auto leaf = f.last_leaf();
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_ANSWERED);
  CHECK(leaf.consumer() == kRelayOrigin);
  CHECK(leaf.certificate_sha256() == crypto::AsBytes(crypto::Sha256Of({"origin"})));
  CHECK(leaf.relay_certificate_sha256().size() == 32);
  CHECK(leaf.relay_certificate_sha256() != leaf.certificate_sha256());
  CHECK(std::vector<std::string>(leaf.relay_path().begin(), leaf.relay_path().end()) ==
        std::vector<std::string>{kRelayPeer, tests::LedgerNode()});
  CHECK(leaf.relay_asserted_origin().empty());
  CHECK(leaf.decision().rule() == "one-stop");
  CHECK(leaf.purpose() == "tthc");
  CHECK(f.Idle());
}

TEST_CASE("without an assertion a peer asks in its own name, by its own grant") {
  RelayFixture f;
  const auto* call = f.Call("Read", {.peer = f.insurer, .metadata = {}});
  CHECK(call->status.ok());
  CHECK(f.last_leaf().consumer() == kRelayPeer);
  CHECK(f.last_leaf().relay_path().empty());
}

TEST_CASE("both identities count: the peer may relay it, and the origin has a grant") {
  RelayFixture f;
  auto claims = f.Claims("Read");
  claims.origin = "VN:GOV:G24.1:ky-so";  // which the peer may speak for, and has no grant
  CHECK(f.Reason(*f.Relay(claims)) == "NO_GRANT");
  CHECK(f.last_leaf().consumer() == "VN:GOV:G24.1:ky-so");
  RelayFixture limited("  methods: [\"ledger.v1.LedgerService/Small\"]");
  CHECK(limited.Relay(limited.Claims("Small"), {.method = "Small"})->status.ok());
  const auto* refused = limited.Relay(limited.Claims());
  CHECK(limited.Reason(*refused) == "RELAY_NOT_ALLOWED");
}

// One thing is wrong with it.
struct Wrong {
  const char* name;
  std::function<void(RelayFixture&, crypto::RelayClaims&, RelayFixture::Sent&)> change;
  const char* reason;
  int code;         // of gRPC
  bool peers_word;  // the signature counts, so that the leaf says for whom it spoke
};

using crypto::RelayClaims;
using Sent = RelayFixture::Sent;

std::vector<Wrong> CasesOfForm() {
  return {
      {"from no peer", [](RelayFixture& f, RelayClaims&, Sent& sent) { sent.peer = f.signer; },
       "RELAY_PEER_UNKNOWN", 7, false},
      {"no assertion in form",
       [](RelayFixture&, RelayClaims&, Sent& sent) { sent.assertion = "a.b.c"; },
       "RELAY_ASSERTION_INVALID", 16, false},
      {"by another key",
       [](RelayFixture&, RelayClaims&, Sent& sent) { sent.signed_by = tests::EdDsaKey('x'); },
       "RELAY_ASSERTION_INVALID", 16, false},
      {"by a key of other days",
       [](RelayFixture&, RelayClaims&, Sent& sent) { sent.signed_by = tests::EdDsaKey('o'); },
       "RELAY_ASSERTION_INVALID", 16, false},
      {"tampered with",
       [](RelayFixture&, RelayClaims& claims, Sent& sent) {
         const std::string good = crypto::SignRelayAssertion(claims, sent.signed_by);
         claims.origin = "VN:GOV:H20:mot-cua";
         const std::string other = crypto::SignRelayAssertion(claims, sent.signed_by);
         sent.assertion = other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'));
       },
       "RELAY_ASSERTION_INVALID", 16, false},
      {"expired",
       [](RelayFixture&, RelayClaims& claims, Sent&) {
         claims.issued -= absl::Minutes(7);
         claims.expires -= absl::Minutes(7);
       },
       "RELAY_ASSERTION_EXPIRED", 16, true},
      {"from the future",
       [](RelayFixture&, RelayClaims& claims, Sent&) {
         claims.issued += absl::Minutes(2);
         claims.expires += absl::Minutes(2);
       },
       "RELAY_ASSERTION_EXPIRED", 16, true},
      {"for another node",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.audience = "VN:GOV:G00:khac"; },
       "RELAY_ASSERTION_AUDIENCE", 16, true},
  };
}

std::vector<Wrong> CasesOfOtherCalls() {
  return {
      {"of another id",
       [](RelayFixture& f, RelayClaims&, Sent& sent) { sent.exchange_id = f.Claims().exchange_id; },
       "RELAY_ASSERTION_MISMATCH", 16, true},
      {"of another method",
       [](RelayFixture&, RelayClaims& claims, Sent&) {
         claims.method = tests::LedgerMethod("Change");
       },
       "RELAY_ASSERTION_MISMATCH", 16, true},
      {"for another provider",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.provider = kRelayPeer; },
       "RELAY_ASSERTION_MISMATCH", 16, true},
      {"of another dossier", [](RelayFixture&, RelayClaims&, Sent& sent) { sent.dossier = "HS-2"; },
       "RELAY_ASSERTION_MISMATCH", 16, true},
      {"with a signature that it does not name",
       [](RelayFixture&, RelayClaims&, Sent& sent) { sent.signature = "x"; },
       "RELAY_ASSERTION_MISMATCH", 16, true},
      {"whose signature is gone",
       [](RelayFixture&, RelayClaims& claims, Sent&) {
         claims.origin_signature = crypto::Sha256Of({"x"});
       },
       "RELAY_ASSERTION_MISMATCH", 16, true},
      {"by way of somebody else",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.path = {"VN:GOV:H55:nut"}; },
       "RELAY_ASSERTION_MISMATCH", 16, true},
  };
}

std::vector<Wrong> CasesOfWayAndOrigin() {
  return {
      {"that was here before",
       [](RelayFixture&, RelayClaims& claims, Sent&) {
         claims.path = {tests::LedgerNode(), kRelayPeer};
       },
       "RELAY_LOOP", 9, true},
      {"over five nodes",
       [](RelayFixture&, RelayClaims& claims, Sent&) {
         claims.path = {"VN:GOV:H55:a", "VN:GOV:H55:b", "VN:GOV:H55:c", "VN:GOV:H55:d", kRelayPeer};
       },
       "RELAY_TOO_MANY_HOPS", 9, true},
      {"for a system that nobody knows",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.origin = "VN:GOV:H55:la"; },
       "RELAY_ORIGIN_UNKNOWN", 16, true},
      {"for a system out of its days",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.origin = "VN:GOV:H55:cu"; },
       "SYSTEM_NOT_IN_USE", 16, true},
      {"for another's system",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.origin = "VN:GOV:H20:mot-cua"; },
       "RELAY_NOT_ALLOWED", 7, true},
      {"for the peer's own member, which is not below itself",
       [](RelayFixture&, RelayClaims& claims, Sent&) { claims.origin = kRelayPeer; },
       "RELAY_NOT_ALLOWED", 7, true},
  };
}

TEST_CASE("an assertion that does not count is refused with its own reason, and recorded") {
  std::vector<Wrong> cases = CasesOfForm();
  for (Wrong& each : CasesOfOtherCalls()) cases.push_back(std::move(each));
  for (Wrong& each : CasesOfWayAndOrigin()) cases.push_back(std::move(each));
  for (const Wrong& each : cases) {
    CAPTURE(each.name);
    RelayFixture f;
    auto claims = f.Claims();
    Sent sent;
    each.change(f, claims, sent);
    const auto* call = f.Relay(claims, sent);
    CHECK(f.Reason(*call) == each.reason);
    CHECK(call->status.code == each.code);
    CHECK(f.adapter->count() == 0);
    const auto leaf = f.last_leaf();
    CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED);
    CHECK(leaf.error_reason() == each.reason);
    CHECK(leaf.consumer() == (sent.peer == nullptr ? kRelayPeer : "VN:GOV:G24.1:ky-so"));
    CHECK(leaf.relay_asserted_origin() == (each.peers_word ? claims.origin : ""));
    CHECK(f.Idle());
  }
}

TEST_CASE("four hops are as many as there may be") {
  RelayFixture f;
  auto claims = f.Claims();
  claims.path = {"VN:GOV:H55:a", "VN:GOV:H55:b", "VN:GOV:H55:c", kRelayPeer};
  CHECK(f.Relay(claims)->status.ok());
  CHECK(f.last_leaf().relay_path_size() == 5);
}

TEST_CASE("another body than the asserted one never reaches the provider") {
  RelayFixture f;
  const auto* call = f.Relay(f.Claims(), {.key = "other"});
  CHECK(f.Reason(*call) == "RELAY_ASSERTION_MISMATCH");
  CHECK(f.adapter->count() == 0);
  CHECK(f.last_leaf().consumer() == kRelayOrigin);
  CHECK_FALSE(f.last_leaf().decision().allowed());
}

TEST_CASE("a captured assertion again gets the recorded answer, and nothing new") {
  RelayFixture f;
  const auto claims = f.Claims("Change");
  const auto* first = f.Relay(claims, {.method = "Change"});
  REQUIRE(first->status.ok());
  const auto* again = f.Relay(claims, {.method = "Change"});
  CHECK(again->status.ok());
  CHECK(again->messages == first->messages);
  CHECK(f.adapter->count() == 1);
  CHECK(f.Events() == "REQUEST_OPENED ANSWERED");
}

TEST_CASE(
    "an officer's token made out for a node on the way counts here; of a member without keys none "
    "is looked at") {
  const auto relay = [](RelayFixture& f, const std::string& origin, const std::string& method,
                        const std::string& audience) {
    auto claims = f.Claims(method);
    claims.origin = origin;
    const absl::Time now = f.loop.clock().Now();
    RelayFixture::Sent sent{.method = method};
    sent.officer_token =
        crypto::SignOfficerToken({.officer = "CB-1",
                                  .member = origin == kRelayOrigin ? "H55" : "G24.1",
                                  .audience = audience,
                                  .issued = now,
                                  .expires = now + absl::Hours(1)},
                                 tests::EdDsaKey('m'));
    claims.ground =
        crypto::RelayGround{
            .purpose = "tthc", .dossier = "HS-1", .officer_token = sent.officer_token}
            .Sha256();
    return f.Reason(*f.Relay(claims, sent));
  };
  RelayFixture f;
  CHECK(relay(f, "VN:GOV:G24.1:ky-so", "Note", kRelayPeer).empty());
  CHECK(f.last_leaf().officer().proved());
  CHECK(relay(f, "VN:GOV:G24.1:ky-so", "Note", "VN:GOV:H55:khac") == "OFFICER_TOKEN_INVALID");
  CHECK(relay(f, kRelayOrigin, "Read", kRelayPeer).empty());
  CHECK_FALSE(f.last_leaf().officer().proved());
}

}  // namespace
}  // namespace ndx::broker

#include "ndx/broker/relay_request.h"

#include <catch2/catch.hpp>

#include "ndx/crypto/exchange_signature.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::broker {
namespace {

// mot-cua's exchange with a provider behind the insurer's node.
class RelayRequestFixture : public tests::ExchangeFixture {
 public:
  explicit RelayRequestFixture(const std::string& method) : ExchangeFixture(method) {
    peer.system = registry->FindSystem("VN:GOV:G24:bhxh");
    provider.system = registry->FindSystem("VN:GOV:G01:ledger");
    provider.via = &peer;
    x->route.provider = &provider;
    x->relay_path = {tests::LedgerNode()};
  }

  transport::Metadata Make() {
    return RelayMetadata(
        *x,
        [this](const crypto::RelayClaims& made) {
          claims = made;
          return std::string("signed");
        },
        loop.clock().Now());
  }
  std::string Text(const transport::Metadata& metadata, absl::string_view key) {
    const std::string* const text = metadata.Find(key);
    return text == nullptr ? "" : *text;
  }

  registry::PeerEntry peer;
  registry::ProviderEntry provider;
  crypto::RelayClaims claims;
};

TEST_CASE("a question beside the exchanges is to the peer's node itself, in the consumer's name") {
  RelayRequestFixture f("Read");
  crypto::RelayClaims claims;
  const RelayWay way{.origin = "VN:GOV:H55:mot-cua",
                     .origin_certificate = std::string(32, 'c'),
                     .path = {"VN:GOV:H55:lgsp"},
                     .peer = "VN:GOV:G01:ndxp"};
  const auto sign = [&claims](const crypto::RelayClaims& made) {
    claims = made;
    return std::string("signed");
  };
  const auto metadata =
      QuestionMetadata(way, "/a.B/C", "asked", f.x->id, sign, f.loop.clock().Now());
  CHECK(f.Text(metadata, "ndx-exchange-id") == f.x->id.ToString());
  CHECK(f.Text(metadata, "ndx-provider") == "VN:GOV:G01:ndxp");
  CHECK(f.Text(metadata, "ndx-relay-assertion-bin") == "signed");
  CHECK(claims.origin == way.origin);
  CHECK(crypto::AsBytes(claims.origin_certificate) == way.origin_certificate);
  CHECK(claims.path == way.path);
  CHECK(claims.audience == way.peer);
  CHECK(claims.method == "/a.B/C");
  CHECK(claims.body_sha256 == crypto::BodyDigest::Of("asked"));
}

TEST_CASE("a peer hears who asks, on what ground, for which provider, and by what way") {
  RelayRequestFixture f("Read");
  f.x->context.dossier = "HS-1";
  f.x->context.procedure = "1.011442";
  f.x->context.officer = "CB-1";
  f.x->context.officer_token = "token";
  f.x->context.signature = "signature";
  f.x->metadata = {{"ndx-consumer", "somebody"}, {"x-own", "crosses"}, {"traceparent", "stays"}};
  const auto metadata = f.Make();
  CHECK(f.Text(metadata, "ndx-exchange-id") == f.x->id.ToString());
  CHECK(f.Text(metadata, "ndx-provider") == "VN:GOV:G01:ledger");
  CHECK(f.Text(metadata, "ndx-purpose") == "tthc");
  CHECK(f.Text(metadata, "ndx-dossier") == "HS-1");
  CHECK(f.Text(metadata, "ndx-procedure") == "1.011442");
  CHECK(f.Text(metadata, "ndx-officer") == "CB-1");
  CHECK(f.Text(metadata, "ndx-officer-token") == "token");
  CHECK(f.Text(metadata, "ndx-signature-bin") == "signature");
  CHECK(f.Text(metadata, "ndx-relay-assertion-bin") == "signed");
  CHECK(f.Text(metadata, "x-own") == "crosses");
  CHECK(f.Text(metadata, "ndx-consumer").empty());
  CHECK(f.Text(metadata, "traceparent").empty());
  CHECK(f.claims.exchange_id == f.x->id.ToString());
  CHECK(f.claims.method == tests::LedgerMethod("Read"));
  CHECK(f.claims.origin == "VN:GOV:H55:mot-cua");
  CHECK(crypto::AsBytes(f.claims.origin_certificate) == std::string(32, 's'));
  CHECK(f.claims.origin_signature == crypto::Sha256Of({"signature"}));
  CHECK(f.claims.ground == crypto::RelayGround{.purpose = "tthc",
                                               .dossier = "HS-1",
                                               .procedure = "1.011442",
                                               .officer = "CB-1",
                                               .officer_token = "token"}
                               .Sha256());
  CHECK(f.claims.provider == "VN:GOV:G01:ledger");
  CHECK(f.claims.body_sha256 == crypto::BodyDigest::Of(tests::AskBytes("k")));
  CHECK(f.claims.path == std::vector<std::string>{tests::LedgerNode()});
  CHECK(f.claims.audience == "VN:GOV:G24:bhxh");
  CHECK(f.claims.issued == f.loop.clock().Now());
  CHECK(f.claims.expires == f.loop.clock().Now() + absl::Minutes(5));
}

TEST_CASE("what was not given is not sent") {
  RelayRequestFixture f("Read");
  const auto metadata = f.Make();
  CHECK(metadata.Find("ndx-dossier") == nullptr);
  CHECK(metadata.Find("ndx-signature-bin") == nullptr);
  CHECK_FALSE(f.claims.origin_signature.has_value());
}

TEST_CASE("a change that operators make again keeps the id by which the peer knows it") {
  const auto first = core::ExchangeId::Parse("01968f4e-8f00-7abc-8def-000000000001").value();
  for (const auto* method : {"Change", "Read"}) {
    RelayRequestFixture f(method);
    f.x->replay = ReplayOrigin{.consumer = tests::OneStop(), .replay_of = first};
    f.x->principal->spki_sha256.clear();
    const auto metadata = f.Make();
    const auto& id = f.x->changes() ? first : f.x->id;
    CHECK(f.Text(metadata, "ndx-exchange-id") == id.ToString());
    CHECK(f.claims.exchange_id == id.ToString());
    CHECK(f.claims.origin_certificate == crypto::Digest{});
  }
}

}  // namespace
}  // namespace ndx::broker

// What the node signs of what it delivers, on the whole way of an exchange.
#include "ndx/broker/delivery.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_format.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;

std::string DeliveryYaml() {
  return absl::StrFormat(R"(
members:
- {code: G24.1, name_vi: Bảo hiểm xã hội khu vực}
systems:
- {id: "VN:GOV:G24.1:ky-so", certificates: [{spki_sha256: "%s"}], signing_keys: [{public_key: "%s"}]}
grants:
- name: signed
  consumer: "VN:GOV:G24.1:ky-so"
  methods: ["ledger.v1.LedgerService/*"]
  answer_fields: [key, code]
  signed_requests: true
  legal_basis: test
)",
                         tests::SignerSpki(), tests::RegisteredKey(tests::EdDsaKey('s')));
}

class DeliveryFixture : public BrokerFixture {
 public:
  DeliveryFixture() : BrokerFixture({}, DeliveryYaml()) {}

  FakeServerCall* Ask(const std::string& method) {
    const std::string signature =
        crypto::SignExchange(crypto::SignedAs::kRequest,
                             {.exchange_id = id,
                              .method = tests::LedgerMethod(method),
                              .body_sha256 = crypto::BodyDigest::Of(tests::AskBytes("k"))},
                             tests::EdDsaKey('s'), loop.clock().Now());
    return Call(method, {.peer = Peer(tests::SignerCertificate(), 3),
                         .metadata = {{"ndx-exchange-id", id}, {"ndx-signature-bin", signature}}});
  }

  // The node's signature is over just this.
  bool Signs(const FakeServerCall& call, const std::string& method, const crypto::Digest& body) {
    const std::string* const text = call.trailers.Find("ndx-signature-bin");
    REQUIRE(text != nullptr);
    const auto parsed = crypto::ExchangeSignature::Parse(*text, crypto::SignedAs::kDelivery);
    REQUIRE(std::holds_alternative<crypto::ExchangeSignature>(parsed));
    const auto& signature = std::get<crypto::ExchangeSignature>(parsed);
    CHECK(signature.key_id() == node_key.public_key().id());
    return signature.CheckTimes(loop.clock().Now()) == std::nullopt &&
           signature.Verify(
               {.exchange_id = id, .method = tests::LedgerMethod(method), .body_sha256 = body},
               node_key.public_key()) == std::nullopt;
  }

  const std::string id = core::ExchangeId::Generate(loop.clock(), random).ToString();
};

TEST_CASE("the node signs what it delivers, not what it got") {
  DeliveryFixture f;
  f.adapter->AnswerWith({EntryBytes("k", "secret", "050")});
  FakeServerCall* call = f.Ask("Read");
  const std::string delivered = EntryBytes("k", "", "050");
  REQUIRE(call->messages == std::vector<std::string>{delivered});
  CHECK(f.Signs(*call, "Read", crypto::BodyDigest::Of(delivered)));
  CHECK_FALSE(f.Signs(*call, "Read", crypto::BodyDigest::Of(EntryBytes("k", "secret", "050"))));
  CHECK(call->trailers.Find("ndx-receipt-bin") != nullptr);
  // From the record it is signed anew.
  f.loop.Advance(absl::Hours(1));
  FakeServerCall* again = f.Ask("Read");
  CHECK(f.adapter->count() == 1);
  CHECK(f.Signs(*again, "Read", crypto::BodyDigest::Of(delivered)));
  CHECK(f.Idle());
}

TEST_CASE("a stream is signed over all of its messages, from the provider and from the record") {
  DeliveryFixture f;
  f.adapter->AnswerWith({EntryBytes("a", "secret", ""), EntryBytes("b", "secret", "")});
  crypto::BodyDigest digest(crypto::BodyDigest::Kind::kStream);
  digest.Add(EntryBytes("a", "", "")).Add(EntryBytes("b", "", ""));
  const crypto::Digest delivered = digest.Finish();
  CHECK(f.Signs(*f.Ask("List"), "List", delivered));
  CHECK(f.Signs(*f.Ask("List"), "List", delivered));
  CHECK(f.adapter->count() == 1);
  CHECK(f.Idle());
}

TEST_CASE("an error is not signed, and nothing for those whose grant does not ask for it") {
  DeliveryFixture f;
  SECTION("a provider's error") {
    f.adapter->AnswerWith({}, absl::NotFoundError("no"));
    CHECK(f.Ask("Read")->trailers.Find("ndx-signature-bin") == nullptr);
  }
  SECTION("an empty stream is an answer") {
    f.adapter->AnswerWith({});
    CHECK(f.Signs(*f.Ask("List"), "List",
                  crypto::BodyDigest(crypto::BodyDigest::Kind::kStream).Finish()));
  }
  SECTION("another grant") {
    FakeServerCall* call = f.Call("Read");
    CHECK(call->status.ok());
    CHECK(call->trailers.Find("ndx-signature-bin") == nullptr);
  }
}

}  // namespace
}  // namespace ndx::broker

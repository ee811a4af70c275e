// Providers' signatures, on the whole way of an exchange.
#include "ndx/broker/provider_proof.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_format.h"
#include "ndx/adapters/sdk/answer_signer.h"
#include "ndx/tests/support/broker_fixture.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;
using tests::EntryBytes;
using tests::FakeServerCall;

std::string ProviderKeys() {
  return absl::StrFormat(R"([{public_key: "%s"}, {public_key: "%s", valid_to: "2020-01-01"}])",
                         tests::RegisteredKey(tests::EdDsaKey('p')),
                         tests::RegisteredKey(tests::EdDsaKey('o')));
}

class SigningProviderFixture : public BrokerFixture {
 public:
  SigningProviderFixture() : BrokerFixture({}, "", {}, ProviderKeys()) {
    SignWith(tests::EdDsaKey('p'));
  }

  // From now on the provider signs so, over what it answers.
  void SignWith(const crypto::SigningPrivateKey& key, absl::Duration ago = absl::ZeroDuration()) {
    Answer([this, key, ago](const sdk::AdapterCall& call, crypto::BodyDigest::Kind kind) {
      crypto::BodyDigest digest(kind);
      for (const std::string& message : messages) digest.Add(message);
      return crypto::SignExchange(
          crypto::SignedAs::kAnswer,
          {.exchange_id = call.exchange_id, .method = call.method, .body_sha256 = digest.Finish()},
          key, loop.clock().Now() - ago);
    });
  }
  using Signing = std::function<std::string(const sdk::AdapterCall&, crypto::BodyDigest::Kind)>;
  void Answer(Signing sign) {
    adapter->Do(
        [this, sign = std::move(sign)](const sdk::AdapterCall& call, sdk::AdapterReply& reply) {
          const bool stream = call.method == tests::LedgerMethod("List");
          for (const std::string& message : messages) {
            reply.SendMessage(std::make_shared<const std::string>(message));
          }
          reply.SetSignature(sign(call, stream ? crypto::BodyDigest::Kind::kStream
                                               : crypto::BodyDigest::Kind::kMessage));
          reply.Finish(absl::OkStatus());
        });
  }

  std::vector<std::string> messages = {EntryBytes("k", "secret", "050")};
};

TEST_CASE("a signed answer is delivered, minimised as any other") {
  SigningProviderFixture f;
  FakeServerCall* call =
      f.Call("Read", {.peer = f.insurer, .metadata = {}});  // who does not get the secret
  CHECK(call->status.ok());
  CHECK(call->messages == std::vector<std::string>{EntryBytes("k", "", "050")});
  // It is the provider's, for the node; nothing of it goes on.
  CHECK(call->trailers.Find("ndx-signature-bin") == nullptr);
  CHECK(f.Events() == "ANSWERED");
}

TEST_CASE("an answer that is not signed as it should be is withheld") {
  SigningProviderFixture f;
  using F = crypto::SignatureFault;
  F cause = F::kMismatch;
  SECTION("not at all") {
    cause = F::kMissing;
    f.Answer([](const auto&, auto) { return ""; });
  }
  SECTION("by another key") {
    cause = F::kKeyUnknown;
    f.SignWith(tests::EdDsaKey('x'));
  }
  SECTION("by a key of earlier days") {
    cause = F::kKeyNotToday;
    f.SignWith(tests::EdDsaKey('o'));
  }
  SECTION("long ago") {
    cause = F::kExpired;
    f.SignWith(tests::EdDsaKey('p'), absl::Minutes(10));
  }
  SECTION("over something else") {
    f.Answer([&f](const sdk::AdapterCall& call, auto) {
      return crypto::SignExchange(crypto::SignedAs::kAnswer,
                                  {.exchange_id = call.exchange_id,
                                   .method = call.method,
                                   .body_sha256 = crypto::BodyDigest::Of("another")},
                                  tests::EdDsaKey('p'), f.loop.clock().Now());
    });
  }
  SECTION("for another exchange") {
    f.Answer([&f](const sdk::AdapterCall& call, auto) {
      return crypto::SignExchange(crypto::SignedAs::kAnswer,
                                  {.exchange_id = "0197a0c8-0000-7000-8000-000000000001",
                                   .method = call.method,
                                   .body_sha256 = crypto::BodyDigest::Of(f.messages[0])},
                                  tests::EdDsaKey('p'), f.loop.clock().Now());
    });
  }
  SECTION("as a request") {
    cause = F::kType;
    f.Answer([&f](const sdk::AdapterCall& call, auto) {
      return crypto::SignExchange(crypto::SignedAs::kRequest,
                                  {.exchange_id = call.exchange_id,
                                   .method = call.method,
                                   .body_sha256 = crypto::BodyDigest::Of(f.messages[0])},
                                  tests::EdDsaKey('p'), f.loop.clock().Now());
    });
  }
  SECTION("with something that is no signature") {
    cause = F::kForm;
    f.Answer([](const auto&, auto) { return "signed"; });
  }
  FakeServerCall* call = f.Call("Read");
  CHECK(f.Reason(*call) == "PROVIDER_SIGNATURE_INVALID");
  CHECK(call->messages.empty());
  CHECK(f.Events() == "FAILED");
  CHECK(f.last_leaf().error_reason() == "PROVIDER_SIGNATURE_INVALID");
  CHECK(f.last_leaf().response().messages() == 0);
  CHECK(f.journal.entries().back().response.empty());
  const auto error = tests::ReadErrorOf(call->status);
  CHECK(error.fault() == "provider");
  CHECK_THAT(error.texts.at("vi"), Catch::Contains(std::string(crypto::FaultTextVi(cause))));
  CHECK_THAT(error.texts.at("en"), Catch::Contains(std::string(crypto::FaultTextEn(cause))));
  CHECK(f.Idle());
}

TEST_CASE("of a change whose answer is not signed nobody knows what became") {
  SigningProviderFixture f;
  f.Answer([](const auto&, auto) { return ""; });
  CHECK(f.Reason(*f.Call("Change")) == "PROVIDER_SIGNATURE_INVALID");
  CHECK(f.Events() == "REQUEST_OPENED IN_DOUBT");
}

TEST_CASE("a provider's error needs no signature") {
  SigningProviderFixture f;
  f.adapter->AnswerWith({}, absl::NotFoundError("no such entry"));
  CHECK(f.Reason(*f.Call("Read")) == "PROVIDER_ERROR");
  CHECK(f.Events() == "ANSWERED");
}

TEST_CASE("a stream's status says whether its messages count") {
  SigningProviderFixture f;
  f.messages = {EntryBytes("a", "", ""), EntryBytes("b", "", "")};
  SECTION("signed") { CHECK(f.Call("List")->status.ok()); }
  SECTION("signed as one message") {
    f.Answer([&f](const sdk::AdapterCall& call, auto) {
      return crypto::SignExchange(
          crypto::SignedAs::kAnswer,
          {.exchange_id = call.exchange_id,
           .method = call.method,
           .body_sha256 = crypto::BodyDigest::Of(f.messages[0] + f.messages[1])},
          tests::EdDsaKey('p'), f.loop.clock().Now());
    });
    CHECK(f.Reason(*f.Call("List")) == "PROVIDER_SIGNATURE_INVALID");
    CHECK(f.Events() == "REQUEST_OPENED FAILED");
  }
  CHECK(f.Idle());
}

TEST_CASE("an adapter that uses the SDK signs by itself") {
  SigningProviderFixture f;
  const auto signer =
      std::make_shared<const sdk::AnswerSigner>(tests::EdDsaKey('p'), f.loop.clock());
  f.adapter->Do([&](const sdk::AdapterCall& call, sdk::AdapterReply& reply) {
    const bool stream = call.method == tests::LedgerMethod("List");
    reply.SignWith(signer, call,
                   stream ? crypto::BodyDigest::Kind::kStream : crypto::BodyDigest::Kind::kMessage);
    for (const std::string& message : f.messages) {
      reply.SendMessage(std::make_shared<const std::string>(message));
    }
    reply.Finish(absl::OkStatus());
  });
  CHECK(f.Call("Read")->status.ok());
  f.messages.push_back(EntryBytes("b", "", ""));
  CHECK(f.Call("List")->status.ok());
  CHECK(f.Events() == "ANSWERED REQUEST_OPENED ANSWERED");
}

}  // namespace
}  // namespace ndx::broker

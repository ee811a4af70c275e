#include "ndx/adapters/sdk/answer_signer.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/adapters/sdk/adapter_reply.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::sdk {
namespace {

using Kind = crypto::BodyDigest::Kind;

AdapterCall SignedCall() {
  AdapterCall call;
  call.method = "/ledger.v1.LedgerService/Read";
  call.exchange_id = "0197a0c8-0000-7000-8000-000000000001";
  return call;
}

bool IsOver(const std::string& text, const crypto::Digest& body) {
  const auto parsed = crypto::ExchangeSignature::Parse(text, crypto::SignedAs::kAnswer);
  REQUIRE(std::holds_alternative<crypto::ExchangeSignature>(parsed));
  return std::get<crypto::ExchangeSignature>(parsed).Verify(
             {.exchange_id = SignedCall().exchange_id,
              .method = SignedCall().method,
              .body_sha256 = body},
             tests::EdDsaKey('p').public_key()) == std::nullopt;
}

class SeenReply final : public AdapterReply {
 public:
  std::string finished_with = "nothing";

 private:
  void DeliverMessage(MessageBytes) override {}
  void DeliverFinish(absl::Status) override { finished_with = signature(); }
};

struct SignerFixture {
  tests::FakeClock clock;
  std::shared_ptr<const AnswerSigner> signer =
      std::make_shared<const AnswerSigner>(tests::EdDsaKey('p'), clock);
};

TEST_CASE("an answer is signed for its exchange and method, one message or a stream") {
  const SignerFixture f;
  CHECK(IsOver(AnswerSignature(f.signer, SignedCall(), Kind::kMessage).Add("answer").Finish(),
               crypto::BodyDigest::Of("answer")));
  CHECK(IsOver(AnswerSignature(f.signer, SignedCall(), Kind::kStream).Add("a").Add("b").Finish(),
               crypto::BodyDigest(Kind::kStream).Add("a").Add("b").Finish()));
}

TEST_CASE("a reply that signs carries the signature with its end, if it ends well") {
  const SignerFixture f;
  SeenReply reply;
  reply.SignWith(f.signer, SignedCall(), Kind::kMessage);
  SECTION("well") {
    reply.SendMessage(std::make_shared<const std::string>("answer"));
    reply.Finish(absl::OkStatus());
    CHECK(IsOver(reply.finished_with, crypto::BodyDigest::Of("answer")));
  }
  SECTION("with an error") {
    reply.Finish(absl::NotFoundError("no"));
    CHECK(reply.finished_with.empty());
  }
}

TEST_CASE(
    "a call without exchange id is not signed, and a reply may carry a signature of its own") {
  const SignerFixture f;
  SeenReply reply;
  SECTION("no id") {
    reply.SignWith(f.signer, AdapterCall(), Kind::kMessage);
    reply.Finish(absl::OkStatus());
    CHECK(reply.finished_with.empty());
  }
  SECTION("its own") {
    reply.SetSignature("signature");
    reply.Finish(absl::OkStatus());
    CHECK(reply.finished_with == "signature");
  }
}

}  // namespace
}  // namespace ndx::sdk

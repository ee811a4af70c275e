#include "ndx/adapters/sdk/consumer_signature.h"

#include <catch2/catch.hpp>

#include "ndx/crypto/exchange_signature.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::sdk {
namespace {

const absl::Time kAskedAt = absl::FromUnixSeconds(1'767'600'000);
constexpr char kAskedId[] = "0197a0c8-0000-7000-8000-000000000001";
constexpr char kAskedMethod[] = "/ledger.v1.LedgerService/Read";

DeliveredExchange Delivery(std::vector<std::string> messages, bool streamed = false) {
  return {.exchange_id = kAskedId,
          .method = kAskedMethod,
          .streamed = streamed,
          .messages = std::move(messages)};
}

std::string SignedByNode(const crypto::Digest& body,
                         crypto::SignedAs signed_as = crypto::SignedAs::kDelivery) {
  return crypto::SignExchange(
      signed_as, {.exchange_id = kAskedId, .method = kAskedMethod, .body_sha256 = body},
      tests::EdDsaKey('n'), kAskedAt);
}

absl::Status VerifyNow(const DeliveredExchange& delivered, const std::string& signature,
                       absl::Time now = kAskedAt) {
  return VerifyDelivery(delivered, signature, tests::EdDsaKey('n').public_key(), now);
}

TEST_CASE("a request is signed as the node verifies it") {
  const auto key = tests::Es256Key('c');
  const auto parsed = crypto::ExchangeSignature::Parse(
      SignRequest({.exchange_id = kAskedId, .method = kAskedMethod, .request = "question"}, key,
                  kAskedAt),
      crypto::SignedAs::kRequest);
  REQUIRE(std::holds_alternative<crypto::ExchangeSignature>(parsed));
  CHECK(std::get<crypto::ExchangeSignature>(parsed).Verify(
            {.exchange_id = kAskedId,
             .method = kAskedMethod,
             .body_sha256 = crypto::BodyDigest::Of("question")},
            key.public_key()) == std::nullopt);
}

TEST_CASE("a delivery verifies as it was delivered, and as nothing else") {
  const std::string signature = SignedByNode(crypto::BodyDigest::Of("answer"));
  CHECK(VerifyNow(Delivery({"answer"}), signature).ok());
  CHECK(VerifyNow(Delivery({"answes"}), signature).code() == absl::StatusCode::kPermissionDenied);
  CHECK_FALSE(VerifyNow(Delivery({}), signature).ok());
  CHECK_FALSE(VerifyNow(Delivery({"answer"}, true), signature).ok());
  CHECK_FALSE(VerifyNow(Delivery({"answer"}), "").ok());
  CHECK_FALSE(VerifyNow(Delivery({"answer"}), "signature").ok());
  CHECK_FALSE(VerifyNow(Delivery({"answer"}), signature, kAskedAt + absl::Minutes(6)).ok());
  CHECK_FALSE(VerifyNow(Delivery({"answer"}), signature, kAskedAt - absl::Minutes(2)).ok());
  CHECK_FALSE(
      VerifyDelivery(Delivery({"answer"}), signature, tests::EdDsaKey('x').public_key(), kAskedAt)
          .ok());
  CHECK_FALSE(VerifyNow(Delivery({"answer"}),
                        SignedByNode(crypto::BodyDigest::Of("answer"), crypto::SignedAs::kAnswer))
                  .ok());
}

TEST_CASE("of a stream each message and their order count") {
  const std::string signature = SignedByNode(
      crypto::BodyDigest(crypto::BodyDigest::Kind::kStream).Add("a").Add("b").Finish());
  CHECK(VerifyNow(Delivery({"a", "b"}, true), signature).ok());
  CHECK_FALSE(VerifyNow(Delivery({"b", "a"}, true), signature).ok());
  CHECK_FALSE(VerifyNow(Delivery({"a"}, true), signature).ok());
  CHECK_FALSE(VerifyNow(Delivery({"ab"}, true), signature).ok());
}

}  // namespace
}  // namespace ndx::sdk

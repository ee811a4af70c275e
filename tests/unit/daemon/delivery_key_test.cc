#include "ndx/daemon/delivery_key.h"

#include <catch2/catch.hpp>
#include <utility>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/notification.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::daemon {
namespace {

const crypto::SignedExchange kDelivered{.exchange_id = "0197a0c8-0000-7000-8000-000000000001",
                                        .method = "/ledger.v1.LedgerService/Read",
                                        .body_sha256 = crypto::BodyDigest::Of("answer")};

bool IsSignedBy(const std::string& text, const crypto::Ed25519PrivateKey& key) {
  const auto public_key = crypto::SigningPublicKey::FromEd25519(key.public_key());
  const auto parsed = crypto::ExchangeSignature::Parse(text, crypto::SignedAs::kDelivery);
  REQUIRE(std::holds_alternative<crypto::ExchangeSignature>(parsed));
  const auto& signature = std::get<crypto::ExchangeSignature>(parsed);
  return signature.key_id() == public_key->id() &&
         signature.Verify(kDelivered, *public_key) == std::nullopt;
}

TEST_CASE("deliveries are signed by the key that signs the journal, through its rotation") {
  tests::TempDir directory;
  tests::FakeClock clock;
  tests::FakeRandom random(5);
  const auto first = crypto::Ed25519PrivateKey::Generate(random);
  const auto second = crypto::Ed25519PrivateKey::Generate(random);
  const auto keys = [&] {
    return journal::RocksJournalKeys{.signing = first,
                                     .master = crypto::SecretBytes(std::string(32, 'm')),
                                     .next_signing = second};
  };
  const DeliveryKey delivery(keys());
  const auto open = [&](journal::RocksJournalKeys with) {
    return journal::RocksJournal::Open(
        {.directory = directory.path() + "/journal", .node = "node.example", .version = "test"},
        std::move(with), clock, random);
  };
  {
    // A journal that begins with two keys begins with the second.
    journal::RocksJournalKeys alone = keys();
    alone.next_signing.reset();
    REQUIRE(open(std::move(alone)).ok());
  }
  auto journal = open(keys());
  REQUIRE(journal.ok());
  const broker::DeliverySigner sign = delivery.Signer(**journal, clock);
  CHECK(IsSignedBy(sign(kDelivered), first));
  tests::Notification rotated;
  (*journal)->RotateSigningKey(
      {.operator_name = "op", .operator_action = "RotateSigningKey", .operator_reason = "test"},
      [&](const absl::StatusOr<journal::Appended>& appended) {
        INFO(appended.status());
        CHECK(appended.ok());
        rotated.Notify();
      });
  rotated.WaitForNotification();
  CHECK(IsSignedBy(sign(kDelivered), second));
}

}  // namespace
}  // namespace ndx::daemon

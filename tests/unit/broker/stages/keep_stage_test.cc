#include "ndx/broker/stages/keep_stage.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

// Answers reservations as it was told, at once.
class FakeKept final : public KeptRequests {
 public:
  absl::Duration keep_default() const override { return absl::Hours(24); }
  absl::Duration keep_most() const override { return absl::Hours(168); }
  void Reserve(KeptRequest request, ReserveCallback done) override {
    reserved.push_back(request);
    if (reservation.ok()) reservation->expires = request.expires;
    done(reservation);
  }
  void Confirm(const KeptKey& key, uint64_t leaf) override {
    confirmed.emplace_back(key.consumer, leaf);
  }
  void Abandon(const KeptKey&) override { ++abandoned; }
  void AwaitOutcome(KeptKey, int64_t, OutcomeCallback) override {}

  absl::StatusOr<Reservation> reservation = Reservation();
  std::vector<KeptRequest> reserved;
  std::vector<std::pair<std::string, uint64_t>> confirmed;
  int abandoned = 0;
};

class KeepStageFixture : public tests::ExchangeFixture {
 public:
  KeepStageFixture() : ExchangeFixture("Change") {
    x->submission.emplace();
    x->submission->order_key = "D1";
    x->context.dossier = "H55-1";
    x->context.officer = "CB-1";
    x->context.signature = "signature";
    x->metadata.Add("x-app", "own");
    x->metadata.Add("ndx-purpose", "tthc");
  }
  void Keep(KeptRequests* with) {
    Enter(std::make_unique<KeepStage>(*pipeline, loop.clock(), journal, with, tests::kNodeContact));
  }
  exchange::v1::SubmitResponse Handle() const {
    exchange::v1::SubmitResponse handle;
    REQUIRE(handle.ParseFromString(*x->answer.at(0)));
    return handle;
  }

  FakeKept kept;
};

TEST_CASE("a submission is kept with one leaf, and answered with its handle and receipt") {
  KeepStageFixture f;
  f.Keep(&f.kept);
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kAnswered);
  CHECK(f.x->recalled);
  CHECK(f.x->receipt == tests::MemJournal::ReceiptText(0));
  CHECK(f.Handle().exchange_id() == f.x->id.ToString());
  CHECK(f.Handle().state() == exchange::v1::OUTCOME_STATE_KEPT);

  const auto entries = f.journal.entries();
  REQUIRE(entries.size() == 1);
  const auto& leaf = entries[0].leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_SUBMITTED);
  CHECK(leaf.method() == tests::LedgerMethod("Change"));
  CHECK_FALSE(leaf.order_key().hmac().empty());
  const absl::Time expires = f.loop.clock().Now() + absl::Hours(24);
  CHECK(leaf.expires_unix_ns() == absl::ToUnixNanos(expires));
  CHECK(f.Handle().expires().seconds() == absl::ToUnixSeconds(expires));
  CHECK(entries[0].request == std::vector<std::string>{tests::AskBytes("k")});
  CHECK(entries[0].recallable);
  journal::v1::SubmittedContext context;
  REQUIRE(context.ParseFromString(entries[0].consumer_signature));
  CHECK(context.dossier() == "H55-1");
  CHECK(context.officer() == "CB-1");
  CHECK(context.order_key() == "D1");
  CHECK(context.consumer_signature() == "signature");
  REQUIRE(context.metadata_size() == 1);
  CHECK(context.metadata(0).key() == "x-app");

  REQUIRE(f.kept.reserved.size() == 1);
  CHECK(f.kept.reserved[0].provider == "VN:GOV:G01:ledger");
  CHECK(f.kept.reserved[0].order_key.hmac() == leaf.order_key().hmac());
  CHECK(f.kept.reserved[0].bytes == tests::AskBytes("k").size());
  CHECK(f.kept.confirmed ==
        std::vector<std::pair<std::string, uint64_t>>{{tests::OneStop().text(), 0}});
}

TEST_CASE("nobody keeps longer than the node allows") {
  KeepStageFixture f;
  f.x->submission->keep_for = absl::Hours(1000);
  f.Keep(&f.kept);
  CHECK(f.kept.reserved.at(0).expires == f.loop.clock().Now() + absl::Hours(168));
}

TEST_CASE("what is kept already is told, without a leaf") {
  KeepStageFixture f;
  f.kept.reservation->existed = true;
  f.kept.reservation->state = exchange::v1::OUTCOME_STATE_DEAD;
  f.Keep(&f.kept);
  CHECK(f.x->outcome == Outcome::kAnswered);
  CHECK(f.Handle().state() == exchange::v1::OUTCOME_STATE_DEAD);
  CHECK(f.journal.entries().empty());
  CHECK(f.kept.confirmed.empty());
}

TEST_CASE("a refusal keeps nothing") {
  KeepStageFixture f;
  std::string expected;
  SECTION("no mailbox") {
    f.Keep(nullptr);
    expected = "MAILBOX_OFF";
  }
  SECTION("a provider whose requests are not kept") {
    registry::ProviderEntry other = *f.x->route.provider;
    other.keeps = false;
    f.x->route.provider = &other;
    f.Keep(&f.kept);
    CHECK(f.kept.reserved.empty());
    expected = "NOT_KEPT_FOR_PROVIDER";
    f.x->route.provider = nullptr;
  }
  SECTION("no room") {
    f.kept.reservation->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_MAILBOX_FULL};
    f.Keep(&f.kept);
    expected = "MAILBOX_FULL";
  }
  SECTION("a mailbox that cannot be written") {
    f.kept.reservation = absl::UnavailableError("disk");
    f.Keep(&f.kept);
    expected = "JOURNAL_UNAVAILABLE";
  }
  CHECK(f.reason() == expected);
  CHECK(f.journal.entries().empty());
  CHECK(f.kept.abandoned == 0);
}

TEST_CASE("a place whose leaf cannot be written is given back") {
  KeepStageFixture f;
  f.journal.Fail(absl::DataLossError("disk"));
  f.Keep(&f.kept);
  CHECK(f.reason() == "JOURNAL_UNAVAILABLE");
  CHECK(f.kept.abandoned == 1);
  CHECK(f.kept.confirmed.empty());
}

TEST_CASE("a direct call goes on") {
  KeepStageFixture f;
  f.x->submission.reset();
  f.Keep(&f.kept);
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
}

}  // namespace
}  // namespace ndx::broker

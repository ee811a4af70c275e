#include "ndx/registry/registry_ledger.h"

#include <catch2/catch.hpp>
#include <string>

#include "google/protobuf/text_format.h"
#include "ndx/core/big_endian.h"
#include "ndx/store/database.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

struct LedgerFixture {
  tests::TempDir dir;
  std::unique_ptr<RegistryLedger> ledger = Open().value();

  absl::StatusOr<std::unique_ptr<RegistryLedger>> Open() const {
    return RegistryLedger::Open(dir.File("ledger"));
  }

  static v1::RegistryChange Change(const std::string& grant, int64_t seconds = 0) {
    v1::RegistryChange change;
    change.set_time_unix_ns(seconds * 1'000'000'000);
    change.add_entries()->mutable_grant()->set_name(grant);
    return change;
  }

  void Keep(const std::string& grant, int64_t seconds = 0, uint64_t carried_out = 0) const {
    const auto prepared = ledger->Prepare(Change(grant, seconds));
    REQUIRE(prepared.ok());
    REQUIRE(ledger->Keep(*prepared, 100 + prepared->change.number(), carried_out).ok());
  }

  static std::string Grants(const EditableDocument& document) {
    std::string names;
    const v1::RegistryDocument made = document.Document();
    for (const auto& grant : made.grants()) names += grant.name();
    return names;
  }

  // Changes what is kept behind the ledger's back.
  void Rewrite(const std::string& key, const std::string& value) {
    ledger.reset();
    auto database = store::Database::Open({.directory = dir.File("ledger"),
                                           .families = {{.name = "changes", .compress = true},
                                                        {.name = "leaves"},
                                                        {.name = "proposals"},
                                                        {.name = "access_requests"},
                                                        {.name = "contracts", .compress = true}}},
                                          store::LogCheck::kPointInTime);
    REQUIRE(database.ok());
    store::Batch batch;
    if (value.empty()) {
      batch.Delete(1, key);
    } else {
      batch.Put(1, key, value);
    }
    REQUIRE((*database)->WriteSynced(batch).ok());
  }
};

TEST_CASE("changes are kept in order, and the registry after any of them can be had") {
  LedgerFixture fixture;
  CHECK(fixture.ledger->last_change() == 0);
  CHECK(fixture.ledger->newest()->entries().empty());
  fixture.Keep("a", 10);
  fixture.Keep("b", 20);
  fixture.Keep("c", 30);
  for (int run = 0; run < 2; ++run) {
    const RegistryLedger& ledger = *fixture.ledger;
    CHECK(ledger.last_change() == 3);
    CHECK(LedgerFixture::Grants(*ledger.newest()) == "abc");
    CHECK(LedgerFixture::Grants(*ledger.After(2)) == "ab");
    CHECK(LedgerFixture::Grants(*ledger.After(0)).empty());
    CHECK(ledger.After(4).status().code() == absl::StatusCode::kNotFound);
    CHECK(ledger.Change(2)->entries(0).grant().name() == "b");
    CHECK(ledger.Change(4).status().code() == absl::StatusCode::kNotFound);
    CHECK(*ledger.LeafOf(2) == 102);
    CHECK(*ledger.ChangeInForceAt(absl::FromUnixSeconds(9)) == 0);
    CHECK(*ledger.ChangeInForceAt(absl::FromUnixSeconds(20)) == 2);
    CHECK(*ledger.ChangeInForceAt(absl::FromUnixSeconds(29)) == 2);
    CHECK(*ledger.ChangeInForceAt(absl::InfiniteFuture()) == 3);
    fixture.ledger.reset();
    fixture.ledger = fixture.Open().value();
  }
}

TEST_CASE("a change without a leaf gets it later") {
  LedgerFixture fixture;
  const auto prepared = fixture.ledger->Prepare(LedgerFixture::Change("a"));
  REQUIRE(fixture.ledger->Keep(*prepared, std::nullopt, 0).ok());
  CHECK(fixture.ledger->LeafOf(1).status().code() == absl::StatusCode::kNotFound);
  REQUIRE(fixture.ledger->NoteLeaf(1, 7).ok());
  CHECK(*fixture.ledger->LeafOf(1) == 7);
}

TEST_CASE("of two changes prepared side by side only the first is kept") {
  LedgerFixture fixture;
  const auto first = fixture.ledger->Prepare(LedgerFixture::Change("a"));
  const auto second = fixture.ledger->Prepare(LedgerFixture::Change("b"));
  REQUIRE(fixture.ledger->Keep(*second, 1, 0).ok());
  CHECK(fixture.ledger->Keep(*first, 2, 0).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(LedgerFixture::Grants(*fixture.ledger->newest()) == "b");
}

TEST_CASE("what cannot be applied cannot be prepared") {
  LedgerFixture fixture;
  v1::RegistryChange change;
  change.add_entries()->mutable_removed()->set_kind(v1::ENTRY_KIND_GRANT);
  change.mutable_entries(0)->mutable_removed()->set_name("x");
  CHECK(fixture.ledger->Prepare(change).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a change that is missing, altered or exchanged is found when the ledger is opened") {
  LedgerFixture fixture;
  fixture.Keep("a");
  fixture.Keep("b");
  fixture.Keep("c");
  const v1::RegistryChange second = *fixture.ledger->Change(2);
  const v1::RegistryChange third = *fixture.ledger->Change(3);
  const std::string key = core::BigEndian(uint64_t{2});

  SECTION("missing") {
    fixture.Rewrite(key, "");
    CHECK(fixture.Open().status().message() ==
          "change 2 of the registry is missing; restore the registry's directory from a backup");
  }
  SECTION("altered, seen by the one that follows") {
    v1::RegistryChange altered = second;
    altered.mutable_entries(0)->mutable_grant()->set_name("x");
    fixture.Rewrite(key, altered.SerializeAsString());
    CHECK_THAT(std::string(fixture.Open().status().message()),
               Catch::StartsWith("change 3 of the registry does not follow the one before"));
  }
  SECTION("the last one altered") {
    v1::RegistryChange altered = third;
    altered.mutable_entries(0)->mutable_grant()->set_name("x");
    fixture.Rewrite(core::BigEndian(uint64_t{3}), altered.SerializeAsString());
    CHECK_THAT(std::string(fixture.Open().status().message()),
               Catch::StartsWith("change 3 of the registry gives another registry than it says"));
  }
  SECTION("unreadable") {
    fixture.Rewrite(key, "\xff");
    CHECK(fixture.Open().status().code() == absl::StatusCode::kDataLoss);
  }
}

TEST_CASE("proposals wait under numbers that are never used again, and go when carried out") {
  LedgerFixture fixture;
  v1::RegistryProposal proposal;
  proposal.set_reason("first");
  CHECK(*fixture.ledger->AddProposal(proposal) == 1);
  proposal.set_reason("second");
  CHECK(*fixture.ledger->AddProposal(proposal) == 2);
  REQUIRE(fixture.ledger->RemoveProposal(2).ok());
  fixture.ledger.reset();
  fixture.ledger = fixture.Open().value();
  CHECK(*fixture.ledger->AddProposal(proposal) == 3);
  CHECK(fixture.ledger->Proposal(1)->reason() == "first");
  CHECK(fixture.ledger->Proposal(2).status().code() == absl::StatusCode::kNotFound);
  fixture.Keep("a", 0, 1);
  REQUIRE(fixture.ledger->Proposals()->size() == 1);
  CHECK(fixture.ledger->Proposals()->front().number() == 3);
}

}  // namespace
}  // namespace ndx::registry

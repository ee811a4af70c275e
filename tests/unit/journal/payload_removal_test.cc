// What of a removed payload is left: commitments and removed fields, no key and no place.
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "retention_fixture.h"

namespace ndx::journal {
namespace {

TEST_CASE("keys and sealed bytes are in no file, commitments are") {
  RetentionFixture f;
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  const uint64_t other = f.AppendRead("079000000002");
  f.Settle();
  f.journal.reset();
  v1::MovedKeys moved;
  const auto keys_of = [&](uint64_t index) {
    auto database =
        store::Database::OpenReadOnly({.directory = f.Options().directory + "/epoch-0001/keys",
                                       .families = {{.name = "subjects", .filter = true},
                                                    {.name = "moved"},
                                                    {.name = "leaf_subjects"},
                                                    {.name = "holds"},
                                                    {.name = "erasures"}}},
                                      store::LogCheck::kWhole);
    REQUIRE(database.ok());
    v1::MovedKeys keys;
    std::string key(8, '\0');
    key[7] = static_cast<char>(index);
    REQUIRE(keys.ParseFromString((*database)->Get(2, key).value()));
    return keys;
  };
  const v1::MovedKeys before = keys_of(leaf);
  const std::string wrapped = before.groups(0).wrapped();
  REQUIRE(wrapped.size() >= 32);
  REQUIRE(AnyFileHolds(f.Options().directory, wrapped));
  f.Start();
  f.PassDays(32);
  REQUIRE(f.IsRemoved(leaf));
  REQUIRE(f.IsRemoved(other));
  f.journal.reset();
  CHECK_FALSE(AnyFileHolds(f.Options().directory, wrapped));
  const v1::MovedKeys after = keys_of(leaf);
  CHECK(after.subjects().empty());
  CHECK(after.groups().empty());
  CHECK(after.response(0).commitment() == before.response(0).commitment());
  CHECK(after.pruned_by_plus_one() > leaf + 1);
}

TEST_CASE("the list of fields removed from an answer stays with its leaf") {
  RetentionFixture f;
  f.Start();
  f.vkey = f.journal->vkey();
  Record record = f.ReadOf(f.NewId(), R"(number: "079000000001")", R"(head: "h")");
  for (int i = 0; i < 40; ++i) {
    record.leaf.mutable_decision()->add_fields_removed("people.name_" + std::to_string(i));
  }
  const uint64_t leaf = f.AppendRecord(std::move(record));
  REQUIRE_FALSE(f.journal->reader().Leaf(leaf)->leaf.decision().fields_removed_sha256().empty());
  f.PassDays(32);
  CHECK(f.IsRemoved(leaf));
  const VerifyReport report = f.VerifyAtRest();
  for (const VerifyProblem& problem : report.problems) UNSCOPED_INFO(problem.ToString());
  CHECK(report.ok());
}

TEST_CASE("the next node's receipt stays with its leaf, and in every receipt of it") {
  RetentionFixture f;
  f.Start();
  f.vkey = f.journal->vkey();
  const auto next = AppendAndWait(*f.journal, f.ReadOf(f.NewId(), R"(number: "079000000002")", ""));
  REQUIRE(next.ok());
  Record record = f.ReadOf(f.NewId(), R"(number: "079000000001")", R"(head: "h")");
  record.next_receipt = next->receipt;
  const uint64_t leaf = f.AppendRecord(std::move(record));
  const auto digest = crypto::Sha256Of({next->receipt});
  CHECK(f.journal->reader().Leaf(leaf)->leaf.relay_receipt_sha256() == crypto::AsBytes(digest));
  f.PassDays(32);
  CHECK(f.IsRemoved(leaf));
  const auto receipt = VerifyReceipt(*f.journal->reader().Receipt(leaf), {.vkey = f.vkey});
  REQUIRE(receipt.ok());
  CHECK(receipt->next_receipt == next->receipt);
  const VerifyReport report = f.VerifyAtRest();
  for (const VerifyProblem& problem : report.problems) UNSCOPED_INFO(problem.ToString());
  CHECK(report.ok());
}

TEST_CASE("who stands in a removed exchange can still be found") {
  // Indexes are told of subjects again when they are built again.
  struct Told final : LeafObserver {
    uint64_t NextLeaf() const override { return next; }
    absl::Status Observe(absl::Span<const FollowedLeaf> leaves) override {
      for (const FollowedLeaf& leaf : leaves) subjects[leaf.leaf.index] = leaf.subjects.size();
      next = leaves.back().leaf.index + 1;
      return absl::OkStatus();
    }
    uint64_t next = 0;
    std::map<uint64_t, size_t> subjects;
  };
  RetentionFixture f;
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.PassDays(32);
  REQUIRE(f.IsRemoved(leaf));
  f.journal.reset();
  Told told;
  FollowOptions options = f.Keeping();
  options.observers = {&told};
  f.journal = f.OpenFollowed(std::move(options));
  f.Settle();
  CHECK(told.subjects.at(leaf) == 1);
  f.journal.reset();
}

}  // namespace
}  // namespace ndx::journal

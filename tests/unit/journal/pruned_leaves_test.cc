// A payload may be missing only where a signed leaf says so: verification tells removal by the
// retention from removal by hand.
#include <filesystem>

#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "retention_fixture.h"

namespace ndx::journal {
namespace {

constexpr store::Family kPayloads = 6;

std::string KeyOf(uint64_t leaf) {
  std::string key;
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(leaf >> shift));
  return key;
}

// Whoever has the files, and no key.
void Tamper(const std::string& directory, const std::function<void(store::Database&)>& how) {
  auto database =
      store::Database::Open({.directory = directory + "/epoch-0001/db",
                             .families = {{.name = "leaves", .compress = true},
                                          {.name = "tiles"},
                                          {.name = "exchanges", .compress = true, .filter = true},
                                          {.name = "open"},
                                          {.name = "keys"},
                                          {.name = "payloads"}}},
                            store::LogCheck::kWhole);
  REQUIRE(database.ok());
  how(**database);
}

void Write(store::Database& database, const std::function<void(store::Batch&)>& fill) {
  store::Batch batch;
  fill(batch);
  REQUIRE(database.WriteSynced(batch).ok());
}

struct Tampering : RetentionFixture {
  Tampering() {
    Start();
    vkey = journal->vkey();
    old = AppendRead("079000000001");
    held = AppendRead("079000000009");
    REQUIRE(journal->payload_keeper()
                .AddHold("079000000009", {.order = "15/QD-CQDT", .operator_name = "lan"})
                .ok());
    PassDays(32);
    young = AppendRead("079000000002");
    Settle();
    retention_leaf = *journal->retention().status().last_leaf;
  }
  // Problems, one text each.
  std::vector<std::string> ProblemsAfter(const std::function<void(store::Database&)>& how) {
    journal.reset();
    if (how) Tamper(Options().directory, how);
    std::vector<std::string> texts;
    for (const VerifyProblem& problem : VerifyAtRest().problems)
      texts.push_back(problem.ToString());
    return texts;
  }
  std::string ListKey() const { return "pruned_" + KeyOf(retention_leaf); }

  uint64_t old = 0;
  uint64_t held = 0;
  uint64_t young = 0;
  uint64_t retention_leaf = 0;
};

TEST_CASE("what the retention removed is no problem; what a hold covers may not be missing") {
  Tampering t;
  REQUIRE(t.IsRemoved(t.old));
  REQUIRE(t.IsKept(t.held));
  CHECK(t.ProblemsAfter(nullptr).empty());
  for (const uint64_t leaf : {t.held, t.young}) {
    Tampering other;
    const auto problems = other.ProblemsAfter([&](store::Database& database) {
      Write(database, [&](store::Batch& batch) { batch.Delete(kPayloads, KeyOf(leaf)); });
    });
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("record " + std::to_string(leaf)) == 0);
    CHECK(problems[0].find("payload is missing") != std::string::npos);
  }
}

TEST_CASE("a list that names more than its leaf vouches for is found out") {
  Tampering t;
  const auto problems = t.ProblemsAfter([&](store::Database& database) {
    v1::PrunedLeaves list;
    REQUIRE(list.ParseFromString(database.Get(store::kDefaultFamily, t.ListKey()).value()));
    list.mutable_groups(0)->set_runs(1, list.groups(0).runs(1) + 1);  // the held one, too
    Write(database, [&](store::Batch& batch) {
      batch.Put(store::kDefaultFamily, t.ListKey(), list.SerializeAsString());
      batch.Delete(kPayloads, KeyOf(t.held));
    });
  });
  // The list, and both payloads for which nothing vouches now.
  CHECK(problems.size() == 3);
}

TEST_CASE("a list that is gone, or was never recorded, vouches for nothing") {
  Tampering gone;
  CHECK(gone.ProblemsAfter([&](store::Database& database) {
              Write(database, [&](store::Batch& batch) {
                batch.Delete(store::kDefaultFamily, gone.ListKey());
              });
            })
            .size() == 2);
  Tampering added;
  const auto problems = added.ProblemsAfter([&](store::Database& database) {
    v1::PrunedLeaves list;
    auto& group = *list.add_groups();
    group.set_keep_days(1);
    group.add_runs(added.young);
    group.add_runs(1);
    Write(database, [&](store::Batch& batch) {
      batch.Put(store::kDefaultFamily, "pruned_" + KeyOf(added.young), list.SerializeAsString());
      batch.Delete(kPayloads, KeyOf(added.young));
    });
  });
  CHECK(problems.size() == 2);
}

TEST_CASE("a running journal verifies, and reads, what was removed") {
  Tampering t;
  VerifyOptions options;
  options.vkeys = {t.vkey};
  const auto report = VerifyJournal(*t.journal, options);
  REQUIRE(report.ok());
  CHECK(report->ok());
  CHECK(report->payloads_pruned == 1);
}

}  // namespace
}  // namespace ndx::journal

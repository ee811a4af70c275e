// Journals of earlier programs are read and go on; those of later layouts are refused, with words.
#include "layout_fixture.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

// The kept journal, copied to where it may be written to.
class KeptJournal : public FollowFixture {
 public:
  KeptJournal() : directory(dir.File("kept/journal")), vkey(VkeyOf()) {
    fs::copy(tests::VectorPath(kKeptJournal), dir.File("kept"), fs::copy_options::recursive);
  }

  VerifyReport Verify() const {
    const auto report = VerifyJournal(directory, {.vkeys = {vkey}, .progress = {}});
    REQUIRE(report.ok());
    for (const VerifyProblem& problem : report->problems) UNSCOPED_INFO(problem.ToString());
    return *report;
  }

  // Changes the header of the store, and adds a family that is not known here.
  void SetLayout(uint32_t layout, const std::string& version, bool new_family) const {
    store::DatabaseOptions options{.directory = directory + "/epoch-0001/db"};
    for (const char* name : {"leaves", "tiles", "exchanges", "open", "keys", "payloads"}) {
      options.families.push_back({.name = name});
    }
    if (new_family) options.families.push_back({.name = "later"});
    const auto database = store::Database::Open(options, store::LogCheck::kWhole);
    REQUIRE(database.ok());
    v1::StoreHeader header;
    REQUIRE(header.ParseFromString((*database)->Get(store::kDefaultFamily, "header").value()));
    header.set_layout(layout);
    header.set_program_version(version);
    store::Batch batch;
    batch.Put(store::kDefaultFamily, "header", header.SerializeAsString());
    REQUIRE((*database)->WriteSynced(batch).ok());
  }

  const std::string directory;
  const std::string vkey;

 private:
  static std::string VkeyOf() {
    std::string vkey = tests::ReadVector(std::string(kKeptJournal) + "/node.vkey");
    vkey.pop_back();
    return vkey;
  }
};

TEST_CASE("a journal of the first program of this layout verifies, and its receipt") {
  const KeptJournal kept;
  const VerifyReport report = kept.Verify();
  CHECK(report.problems.empty());
  CHECK(report.leaves == kKeptSize);
  CHECK(report.checkpoint_size == kKeptSize);
  CHECK(report.payloads == 5);
  const auto receipt = VerifyReceipt(tests::ReadVector(std::string(kKeptJournal) + "/read.receipt"),
                                     {.vkey = kept.vkey});
  INFO(receipt.status());
  REQUIRE(receipt.ok());
  CHECK(receipt->index == kKeptRead);
}

TEST_CASE("it is opened, read, appended to, and verifies again") {
  KeptJournal kept;
  kept.clock.Advance(absl::Hours(24 * 400));
  {
    const auto journal = kept.OpenFollowedIn(kept.directory);
    CHECK(journal->findings().leaves == kKeptSize);
    CHECK(journal->findings().in_doubt == 1);
    CHECK(journal->findings().clean_stop);
    FollowFixture::Follow(*journal);
    const auto large = journal->reader().OpenPayload(kKeptLarge);
    REQUIRE(large.ok());
    CHECK(large->whole());
    CHECK(large->response ==
          std::vector<std::string>{kept.Answer("head: \"" + KeptLargeText() + "\"")});
    const auto both = journal->reader().OpenPayload(kKeptRead);
    REQUIRE(both.ok());
    CHECK(both->response_parts_erased == 1);
    CHECK_THAT(both->response.at(0), Catch::Contains("Second") && !Catch::Contains("First"));
    CHECK(journal->payload_keeper().Holds()->size() == 1);
    CHECK(absl::IsFailedPrecondition(
        journal->payload_keeper()
            .AddErasureOrder(kKeptOther, {.order = "3", .operator_name = "an"})
            .status()));
    const auto more = AppendAndWait(
        *journal, kept.ReadOf(kept.NewId(), R"(number: "999000000003")", R"(head: "new")"));
    REQUIRE(more.ok());
    CHECK(VerifyReceipt(more->receipt, {.vkey = journal->vkey()}).ok());
    CHECK(journal->vkey() == kept.vkey);
    const auto proof = journal->reader().ConsistencyProof(kKeptSize, journal->reader().size());
    CHECK(proof.ok());
  }
  const VerifyReport report = kept.Verify();
  CHECK(report.problems.empty());
  CHECK(report.leaves == kKeptSize + 3);  // the start, the doubt, the read
}

TEST_CASE("a journal of a later layout is refused, with the program that is needed") {
  for (const bool new_family : {false, true}) {
    KeptJournal kept;
    kept.SetLayout(2, "7.1.0", new_family);
    const auto opened = kept.Open(kept.OptionsFor(kept.directory));
    INFO(opened.status());
    REQUIRE(absl::IsFailedPrecondition(opened.status()));
    CHECK_THAT(std::string(opened.status().message()),
               Catch::Contains("has layout 2, written by version 7.1.0") &&
                   Catch::Contains("reads layout 1. Start that version or a later one"));
    kept.SetLayout(1, "", new_family);
    CHECK(kept.Open(kept.OptionsFor(kept.directory)).ok() == !new_family);
  }
}

TEST_CASE("a layout that was never written is refused") {
  KeptJournal kept;
  kept.SetLayout(0, "", false);
  const auto opened = kept.Open(kept.OptionsFor(kept.directory));
  REQUIRE(absl::IsFailedPrecondition(opened.status()));
  CHECK_THAT(std::string(opened.status().message()),
             Catch::Contains("no program has ever written"));
}

TEST_CASE("a new journal says which program wrote its layout") {
  JournalFixture f;
  f.Open().reset();
  store::DatabaseOptions options{.directory = f.Options().directory + "/epoch-0001/db"};
  const auto database = store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime);
  REQUIRE(database.ok());
  v1::StoreHeader header;
  REQUIRE(header.ParseFromString((*database)->Get(store::kDefaultFamily, "header").value()));
  CHECK(header.layout() == 1);
  CHECK(header.program_version() == f.Options().version);
}

}  // namespace
}  // namespace ndx::journal

// Journals of earlier programs are read and go on; those of later layouts are refused, with words.
#include "layout_fixture.h"
#include "ndx/core/big_endian.h"
#include "ndx/crypto/key_derivation.h"
#include "ndx/crypto/key_wrap.h"
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

// The store of subject keys, whose layout is counted by itself.
class KeyStore {
 public:
  explicit KeyStore(const std::string& journal)
      : database_(store::Database::Open({.directory = journal + "/epoch-0001/keys",
                                         .families = {{.name = "subjects", .filter = true},
                                                      {.name = "moved"},
                                                      {.name = "leaf_subjects"},
                                                      {.name = "holds"},
                                                      {.name = "erasures"}}},
                                        store::LogCheck::kWhole)
                      .value()) {}

  uint32_t Layout() const { return Read<v1::KeyStoreHeader>(0, "header").layout(); }
  void SetLayout(uint32_t layout) const {
    auto header = Read<v1::KeyStoreHeader>(0, "header");
    header.set_layout(layout);
    Write(0, "header", header);
  }

  // What layout 1 kept of a leaf: each part's key by itself, under the exchange's own key. The
  // leaf's payload concerns nobody.
  void Ungroup(uint64_t leaf, const std::string& master) const {
    const std::string key = core::BigEndian(leaf);
    auto moved = Read<v1::MovedKeys>(kMoved, key);
    REQUIRE(moved.subjects().empty());
    REQUIRE(moved.groups_size() == 1);
    const auto house =
        crypto::UnwrapKey(master, database_->Get(store::kDefaultFamily, "house_key").value());
    const auto keys = crypto::UnwrapKey(Derived(house->view()), moved.groups(0).wrapped());
    const std::string own(32, 'o');
    moved.set_own_key(crypto::WrapKey(house->view(), own).value());
    size_t at = 0;
    for (auto* part : {moved.mutable_request(0), moved.mutable_response(0)}) {
      part->set_wrapped(crypto::WrapKey(Derived(own), keys->view().substr(at, 32)).value());
      part->clear_group_plus_one();
      at += 32;
    }
    REQUIRE(at == keys->size());
    moved.clear_groups();
    Write(kMoved, key, moved);
  }

 private:
  static constexpr store::Family kMoved = 2;

  static std::string Derived(absl::string_view key) {
    return std::string(
        crypto::HkdfSha256({.key = key, .salt = {}, .info = "ndx part wrap v1"}, 32).view());
  }
  template <typename Message>
  Message Read(store::Family family, const std::string& key) const {
    Message message;
    REQUIRE(message.ParseFromString(database_->Get(family, key).value()));
    return message;
  }
  void Write(store::Family family, const std::string& key,
             const google::protobuf::Message& message) const {
    store::Batch batch;
    batch.Put(family, key, message.SerializeAsString());
    REQUIRE(database_->WriteSynced(batch).ok());
  }

  const std::unique_ptr<store::Database> database_;
};

TEST_CASE("keys of parts that were moved by a program of the first layout of subject keys open") {
  FollowFixture f;
  auto journal = f.OpenFollowed();
  const auto leaf =
      AppendAndWait(*journal, f.ReadOf(f.NewId(), R"(text: "nobody")", R"(head: "h")"))->index;
  FollowFixture::Follow(*journal);
  journal.reset();
  const std::string directory = f.Options().directory;
  KeyStore(directory).Ungroup(leaf, std::string(TestKeys().master.view()));
  KeyStore(directory).SetLayout(1);
  journal = f.OpenFollowed();
  const auto opened = journal->reader().OpenPayload(leaf);
  REQUIRE(opened.ok());
  CHECK(opened->request == std::vector<std::string>{f.Ask(R"(text: "nobody")")});
  CHECK(opened->response == std::vector<std::string>{f.Answer(R"(head: "h")")});
  CHECK(VerifyReceipt(journal->reader().Receipt(leaf).value(), {.vkey = journal->vkey()}).ok());
}

TEST_CASE("a store of subject keys takes the present layout before anything is written to it") {
  KeptJournal kept;
  CHECK(KeyStore(kept.directory).Layout() == 1);
  kept.Open(kept.OptionsFor(kept.directory))->reset();
  CHECK(KeyStore(kept.directory).Layout() == 2);
  KeyStore(kept.directory).SetLayout(3);
  CHECK(absl::IsDataLoss(kept.Open(kept.OptionsFor(kept.directory)).status()));
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

// The follower: keys go from under exchange keys to their subjects', reading goes on, intake keys
// end.
#include <map>
#include <set>

#include "follow_fixture.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/store/database.h"

namespace ndx::journal {
namespace {

// Of the journal's database, opened beside: exchange keys' wraps and intake keys.
struct KeysKept {
  size_t wraps = 0;
  size_t intake = 0;
};

KeysKept KeysIn(const std::string& copy) {
  auto database = store::Database::OpenReadOnly(
      {.directory = copy + "/epoch-0001/db",
       .families = {{.name = "leaves", .compress = true},
                    {.name = "tiles"},
                    {.name = "exchanges", .compress = true, .filter = true},
                    {.name = "open"},
                    {.name = "keys"},
                    {.name = "payloads"}}},
      store::LogCheck::kPointInTime);
  REQUIRE(database.ok());
  KeysKept kept;
  const auto cursor = (*database)->NewCursor(5);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    if (cursor->key()[0] == 'X') ++kept.wraps;
    if (cursor->key()[0] == 'I') ++kept.intake;
  }
  return kept;
}

TEST_CASE("moved payloads open, recall and prove as before, also after a restart") {
  FollowFixture fixture;
  auto journal = fixture.OpenFollowed();
  const auto id = fixture.NewId();
  Record read =
      fixture.ReadOf(id, R"(number: "079" text: "why")",
                     R"(head: "h" people { number: "1" name: "An" } people { number: "2" })");
  read.consumer_signature = "signed";
  const std::string ask = *read.request->messages[0];
  const std::string answer = *read.response->messages[0];
  const auto appended = AppendAndWait(*journal, std::move(read));
  REQUIRE(appended.ok());
  FollowFixture::Follow(*journal);
  CHECK(KeysIn(fixture.CopyDirectory("moved")).wraps == 0);
  for (int run = 0; run < 2; ++run) {
    const auto opened = journal->reader().OpenPayload(appended->index);
    REQUIRE(opened.ok());
    CHECK(opened->request == std::vector<std::string>{ask});
    CHECK(opened->response == std::vector<std::string>{answer});
    CHECK(opened->consumer_signature == "signed");
    CHECK(opened->whole());
    const auto receipt = journal->reader().Receipt(appended->index);
    REQUIRE(receipt.ok());
    for (const std::string& text : {*receipt, appended->receipt}) {
      ReceiptChecks checks{.vkey = journal->vkey()};
      checks.request =
          ReceiptMessages{.messages = {ask}, .descriptor = &fixture.source.Type("t.Ask")};
      checks.response =
          ReceiptMessages{.messages = {answer}, .descriptor = &fixture.source.Type("t.Answer")};
      checks.consumer_signature = "signed";
      const auto verified = VerifyReceipt(text, checks);
      INFO(verified.status());
      CHECK(verified.ok());
    }
    const auto recalled = RecallAndWait(*journal, {.consumer = kTestConsumer,
                                                   .exchange_id = id,
                                                   .method = kTestMethod,
                                                   .request = Shared({ask})});
    REQUIRE(recalled.ok());
    CHECK(recalled->verdict == RecallVerdict::kAnswered);
    CHECK(recalled->response == std::vector<std::string>{answer});
    journal.reset();
    journal = fixture.OpenFollowed();
  }
}

TEST_CASE(
    "an exchange keeps its key while it is open, and gives it up when it is closed or in doubt") {
  FollowFixture fixture;
  auto journal = fixture.OpenFollowed();
  const auto answered = fixture.NewId();
  const auto lost = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, fixture.OpeningOf(answered, R"(number: "1")")).ok());
  REQUIRE(AppendAndWait(*journal, fixture.OpeningOf(lost, R"(number: "2" text: "t")")).ok());
  FollowFixture::Follow(*journal);
  CHECK(journal->payload_keeper().progress().next_leaf == journal->reader().size());
  CHECK(KeysIn(fixture.CopyDirectory("open")).wraps == 2);
  const auto closed = AppendAndWait(
      *journal,
      fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, answered, R"(people { number: "3" })"));
  const auto doubt =
      AppendAndWait(*journal, JournalFixture::MakeRecord(v1::JOURNAL_EVENT_IN_DOUBT, lost));
  REQUIRE(doubt.ok());
  FollowFixture::Follow(*journal);
  CHECK(KeysIn(fixture.CopyDirectory("closed")).wraps == 0);
  CHECK(journal->reader().OpenPayload(closed->index)->response ==
        std::vector<std::string>{fixture.Answer(R"(people { number: "3" })")});
  // What becomes known later is moved too, and its receipt proves the request as well.
  const auto resolved = AppendAndWait(
      *journal, fixture.ClosingOf(v1::JOURNAL_EVENT_RESOLVED, lost, R"(head: "late")"));
  REQUIRE(resolved.ok());
  FollowFixture::Follow(*journal);
  CHECK(KeysIn(fixture.CopyDirectory("resolved")).wraps == 0);
  const auto opened = journal->reader().OpenPayload(resolved->index);
  CHECK(opened->request.front() == fixture.Ask(R"(number: "2" text: "t")"));
  CHECK(opened->response.front() == fixture.Answer(R"(head: "late")"));
  ReceiptChecks checks{.vkey = journal->vkey()};
  checks.request = ReceiptMessages{.messages = {fixture.Ask(R"(number: "2" text: "t")")},
                                   .descriptor = &fixture.source.Type("t.Ask")};
  CHECK(VerifyReceipt(journal->reader().Receipt(resolved->index).value(), checks).ok());
  CHECK(VerifyReceipt(resolved->receipt, checks).ok());
}

TEST_CASE("intake keys are gone from every file within a day; open exchanges outlive theirs") {
  FollowFixture fixture;
  auto journal = fixture.OpenFollowed();
  const auto open = fixture.NewId();
  const auto closed = fixture.NewId();
  REQUIRE(
      AppendAndWait(*journal, fixture.OpeningOf(open, R"(number: "1" text: "still open")")).ok());
  REQUIRE(AppendAndWait(*journal, fixture.ReadOf(closed, R"(number: "2")", R"(head: "h")")).ok());
  FollowFixture::Follow(*journal);
  CHECK(journal->payload_keeper().progress().intake_keys >= 1);
  const auto oldest = journal->payload_keeper().progress().oldest_intake_key;
  fixture.clock.Advance(absl::Hours(22));
  FollowFixture::Follow(*journal);
  CHECK(journal->payload_keeper().progress().oldest_intake_key == oldest);
  fixture.clock.Advance(absl::Hours(1) + absl::Minutes(11));
  FollowFixture::Follow(*journal);
  CHECK(journal->payload_keeper().progress().oldest_intake_key > oldest);
  // The open exchange was wrapped again, and is answered and moved like any other.
  const auto answered = AppendAndWait(
      *journal, fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, open, R"(head: "at last")"));
  REQUIRE(answered.ok());
  FollowFixture::Follow(*journal);
  CHECK(journal->reader().OpenPayload(answered->index)->request.front() ==
        fixture.Ask(R"(number: "1" text: "still open")"));
  // A repeated id can no longer be compared with the first.
  const auto recalled =
      RecallAndWait(*journal, {.consumer = kTestConsumer,
                               .exchange_id = closed,
                               .method = kTestMethod,
                               .request = Shared({fixture.Ask(R"(number: "2")")})});
  CHECK(recalled->verdict == RecallVerdict::kAnswerNotKept);
}

TEST_CASE("the follower goes on where it was, and catches up with what was written without it") {
  FollowFixture fixture;
  {
    auto journal = fixture.Open();
    for (int i = 0; i < 70; ++i) {
      REQUIRE(
          AppendAndWait(*journal, fixture.ReadOf(fixture.NewId(), R"(number: "1")", R"(head: "h")"))
              .ok());
    }
  }
  FollowOptions options = fixture.Following();
  // A leaf a round is more than one pass.
  options.leaves_per_round = GENERATE(size_t{1}, size_t{7});
  auto journal = fixture.OpenFollowed(std::move(options));
  FollowFixture::Follow(*journal);
  const FollowProgress progress = journal->payload_keeper().progress();
  CHECK(progress.next_leaf == journal->reader().size());
  CHECK(progress.lag == absl::ZeroDuration());
  CHECK(KeysIn(fixture.CopyDirectory("moved")).wraps == 0);
  for (uint64_t leaf = 1; leaf <= 70; ++leaf) CHECK(journal->reader().OpenPayload(leaf).ok());
}

class Recorder final : public LeafObserver {
 public:
  uint64_t NextLeaf() const override { return next; }
  absl::Status Observe(absl::Span<const FollowedLeaf> leaves) override {
    for (const FollowedLeaf& leaf : leaves) {
      if (leaf.leaf.index != next) return absl::InternalError("not in order");
      std::set<std::string>& references = seen[next++];
      for (const auto& reference : leaf.subjects) references.insert(reference.hmac());
    }
    return absl::OkStatus();
  }
  uint64_t next = 0;
  std::map<uint64_t, std::set<std::string>> seen;
};

TEST_CASE("what was just sealed is moved from memory, to the same subjects as from the store") {
  FollowFixture fixture;
  Recorder observer;
  int types_asked = 0;
  const auto following = [&] {
    FollowOptions options = fixture.Following();
    // Only when somebody waits for it: an exchange opened in one round and closed in a later one
    // has its request read from the store.
    options.interval = absl::Hours(1);
    options.observers = {&observer};
    options.types = [&, types = options.types](const std::string& method) {
      ++types_asked;
      return types(method);
    };
    return options;
  };
  const auto write = [&](RocksJournal& journal, std::vector<uint64_t>* leaves) {
    Record read = fixture.ReadOf(fixture.NewId(), R"(number: "079")",
                                 R"(people { number: "1" } people { number: "2" })");
    read.consumer_signature = "signed";
    leaves->push_back(AppendAndWait(journal, std::move(read)).value().index);
    const auto id = fixture.NewId();
    leaves->push_back(
        AppendAndWait(journal, fixture.OpeningOf(id, R"(number: "3")")).value().index);
    leaves->push_back(AppendAndWait(journal, fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, id,
                                                               R"(people { number: "4" })"))
                          .value()
                          .index);
  };
  std::vector<uint64_t> from_store;
  {
    auto journal = fixture.Open();
    write(*journal, &from_store);
  }
  auto journal = fixture.OpenFollowed(following());
  FollowFixture::Follow(*journal);
  CHECK(types_asked > 0);
  types_asked = 0;
  std::vector<uint64_t> from_memory;
  write(*journal, &from_memory);
  FollowFixture::Follow(*journal);
  CHECK(types_asked == 0);
  CHECK(KeysIn(fixture.CopyDirectory("moved")).wraps == 0);
  for (size_t i = 0; i < from_memory.size(); ++i) {
    CHECK(observer.seen[from_memory[i]] == observer.seen[from_store[i]]);
    const auto stored = journal->reader().OpenPayload(from_store[i]);
    const auto memory = journal->reader().OpenPayload(from_memory[i]);
    REQUIRE(memory.ok());
    CHECK(memory->request == stored->request);
    CHECK(memory->response == stored->response);
    CHECK(memory->consumer_signature == stored->consumer_signature);
    CHECK(memory->whole());
  }
  CHECK(observer.seen[from_memory[0]].size() == 3);
  CHECK(observer.seen[from_memory[2]].size() == 2);
}

TEST_CASE(
    "observers get every leaf in order with its exchange's subjects, and again from the start") {
  FollowFixture fixture;
  Recorder observer;
  FollowOptions options = fixture.Following();
  options.observers = {&observer};
  auto journal = fixture.OpenFollowed(std::move(options));
  const auto id = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, fixture.OpeningOf(id, R"(number: "1")")).ok());
  REQUIRE(AppendAndWait(*journal, fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, id,
                                                    R"(people { number: "2" })"))
              .ok());
  FollowFixture::Follow(*journal);
  const auto reference = [&](const std::string& subject) {
    return journal->Reference(ReferenceKind::kSubject, subject)->hmac();
  };
  const std::map<uint64_t, std::set<std::string>> expected = {
      {0, {}}, {1, {reference("1")}}, {2, {reference("1"), reference("2")}}};
  CHECK(observer.seen == expected);
  const uint32_t year = journal->Reference(ReferenceKind::kSubject, "1")->key_year();
  CHECK(journal->payload_keeper().ReferenceOfYear(ReferenceKind::kSubject, "1", year)->hmac() ==
        reference("1"));
  CHECK(absl::IsNotFound(
      journal->payload_keeper().ReferenceOfYear(ReferenceKind::kSubject, "1", year - 1).status()));
  journal.reset();
  // A rebuilt index asks again from the start; the payloads are not needed for it.
  Recorder rebuilt;
  FollowOptions again = fixture.Following();
  again.types = nullptr;
  again.observers = {&rebuilt};
  journal = fixture.OpenFollowed(std::move(again));
  FollowFixture::Follow(*journal);
  rebuilt.seen.erase(3);  // NODE_STARTED of the second run
  CHECK(rebuilt.seen == expected);
}

TEST_CASE("after a crash between any two steps nothing is lost and nothing is left") {
  FollowFixture fixture;
  std::vector<std::string> copies;
  std::vector<std::string> steps;
  FollowOptions options = fixture.Following();
  options.at_step = [&](absl::string_view step) {
    copies.push_back(fixture.CopyDirectory("copy" + std::to_string(copies.size())));
    steps.emplace_back(step);
  };
  auto journal = fixture.Open();
  const auto id = fixture.NewId();
  REQUIRE(
      AppendAndWait(*journal, fixture.ReadOf(fixture.NewId(), R"(number: "1")", R"(head: "h1")"))
          .ok());
  REQUIRE(AppendAndWait(*journal, fixture.OpeningOf(id, R"(number: "2")")).ok());
  REQUIRE(
      AppendAndWait(*journal, fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, id, R"(head: "h2")"))
          .ok());
  fixture.clock.Advance(absl::Hours(25));
  REQUIRE(journal->StartFollowing(std::move(options)).ok());
  FollowFixture::Follow(*journal);
  journal.reset();
  REQUIRE(steps.size() >= 6);
  for (size_t i = 0; i < copies.size(); ++i) {
    INFO(steps[i]);
    auto recovered = fixture.OpenFollowedIn(copies[i]);
    FollowFixture::Follow(*recovered);
    CHECK(recovered->reader().OpenPayload(1)->response.front() == fixture.Answer(R"(head: "h1")"));
    CHECK(recovered->reader().OpenPayload(3)->request.front() == fixture.Ask(R"(number: "2")"));
    CHECK(recovered->reader().OpenPayload(3)->response.front() == fixture.Answer(R"(head: "h2")"));
    CHECK(recovered->payload_keeper().progress().intake_keys == 0);
    recovered.reset();
    CHECK(KeysIn(copies[i]).wraps == 0);
  }
}

TEST_CASE("a store of subject keys that does not go with the journal is refused") {
  FollowFixture fixture;
  {
    auto journal = fixture.OpenFollowed();
    FollowFixture::Follow(*journal);
  }
  const std::string before = fixture.CopyDirectory("before");
  {
    auto journal = fixture.OpenFollowed();
    REQUIRE(
        AppendAndWait(*journal, fixture.ReadOf(fixture.NewId(), R"(number: "1")", R"(head: "h")"))
            .ok());
    FollowFixture::Follow(*journal);
  }
  namespace fs = std::filesystem;
  const auto replace = [&](const std::string& into, const std::string& from) {
    fs::remove_all(into + "/epoch-0001/keys");
    if (!from.empty()) {
      fs::copy(from + "/epoch-0001/keys", into + "/epoch-0001/keys", fs::copy_options::recursive);
    }
  };
  const std::string now = fixture.CopyDirectory("now");
  replace(now, before);
  CHECK(absl::IsDataLoss(fixture.Open(fixture.OptionsFor(now)).status()));
  replace(now, "");
  CHECK(absl::IsDataLoss(fixture.Open(fixture.OptionsFor(now)).status()));
  replace(before, fixture.Options().directory);
  CHECK(absl::IsDataLoss(fixture.Open(fixture.OptionsFor(before)).status()));
}

}  // namespace
}  // namespace ndx::journal

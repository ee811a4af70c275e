#include "ndx/search/searcher.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "ndx/search/leaf_match.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/temp_dir.h"
#include "told_index.h"

namespace ndx::search {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_FAILED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
using journal::v1::JOURNAL_EVENT_RESOLVED;

bool EveryRow(const journal::StoredLeaf&) { return true; }

struct SearcherFixture {
  SearcherFixture() : index(SearchIndex::Open({.directory = dir.File("index")}, leaves).value()) {}

  void Index() { TellAll(*index, leaves, 8192); }
  Filter Parse(const std::string& text) {
    auto filter = Filter::Parse(text, leaves.now);
    REQUIRE(filter.ok());
    return *std::move(filter);
  }
  // Leaves of all pages in sequence, newest first.
  std::vector<uint64_t> Find(const std::string& text, size_t page_rows = 50) {
    SearchRequest request{.filter = Parse(text), .rows = "test", .page_rows = page_rows};
    std::vector<uint64_t> found;
    do {
      const auto page = searcher.Search(request, EveryRow);
      REQUIRE(page.ok());
      CHECK(page->leaves.size() <= page_rows);
      for (const auto& leaf : page->leaves) found.push_back(leaf.index);
      request.page_token = page->next_token;
    } while (!request.page_token.empty());
    return found;
  }
  // The same by looking at every leaf.
  std::vector<uint64_t> Expect(const std::string& text) {
    const Filter filter = Parse(text);
    std::vector<uint64_t> found;
    for (uint64_t i = leaves.size(); i-- > 0;) {
      const auto leaf = leaves.Leaf(i)->leaf;
      const absl::Time time = absl::FromUnixNanos(leaf.time_unix_ns());
      if (time < filter.time().from || time >= filter.time().to) continue;
      if (Matches(filter.root(), leaf, [](const Condition&) { return false; })) found.push_back(i);
    }
    return found;
  }

  tests::TempDir dir;
  tests::FakeClock clock{kTestStart};
  LeafList leaves;
  std::unique_ptr<SearchIndex> index;
  Searcher searcher{leaves, index.get(), clock};
};

using Leaves = std::vector<uint64_t>;

// Leaves of every kind, with values of every index.
void PutRandom(LeafList& leaves, int count, std::mt19937& random) {
  const auto pick = [&](uint32_t below) { return static_cast<uint32_t>(random() % below); };
  for (int i = 0; i < count; ++i) {
    const auto event = static_cast<journal::v1::JournalEvent>(1 + pick(5));
    auto leaf = TestLeaf(event, pick(1000), "VN:GOV:H" + std::to_string(pick(30)) + ":mot-cua");
    leaf.set_method("/ndx.a.v1.S" + std::to_string(pick(3)) + "/M" + std::to_string(pick(9)));
    leaf.set_purpose(pick(3) == 0 ? "" : "P" + std::to_string(pick(4)));
    leaf.set_duration_us(uint64_t{1} << pick(30));
    leaf.mutable_request()->set_bytes(pick(100'000));
    leaf.mutable_decision()->set_rule("grant-" + std::to_string(pick(200)));
    if (pick(4) == 0) leaf.set_replay_of(std::string(TestId(pick(5)).bytes()));
    leaves.Put(leaf);
  }
}

TEST_CASE("whatever is asked, the index finds what reading every leaf would, page by page") {
  SearcherFixture f;
  std::mt19937 random(17);
  PutRandom(f.leaves, 3000, random);
  f.Index();
  PutRandom(f.leaves, 200, random);  // not indexed yet
  for (const std::string text : {
           "",
           "consumer = VN:GOV:H7:mot-cua",
           "consumer = VN:GOV:H1* AND method = M3",
           "consumer = VN:GOV:H1* OR grant = grant-17",
           "NOT consumer = VN:GOV:H7:mot-cua AND service = S1",
           "purpose = P1 AND purpose = P2",
           "purpose = \"\" AND method = S2/M*",
           "duration > 1s AND duration <= 70s",
           "duration >= 1024us duration < 2049us",
           "request_size < 100 OR request_size > 99kB",
           "request_size = 0",
           "event = refused AND grant = grant-1*",
           "outcome = failed AND NOT (service = S0 OR service = S1)",
           "grant = nobody",
           "consumer = nobody AND duration > 1s",
       }) {
    CAPTURE(text);
    CHECK(f.Find(text, 1000) == f.Expect(text));
    CHECK(f.Find(text, 7) == f.Expect(text));
  }
  const std::string replay = "replay_of = " + TestId(3).ToString();
  CHECK(f.Find(replay) == f.Expect(replay));
  const std::string exchange = "exchange = " + TestId(33).ToString();
  CHECK(f.Find(exchange) == f.Expect(exchange));
}

TEST_CASE("an indexed search reads few leaves") {
  SearcherFixture f;
  for (uint32_t i = 0; i < 5000; ++i) {
    auto leaf = TestLeaf(JOURNAL_EVENT_ANSWERED, i);
    leaf.mutable_decision()->set_rule("grant-" + std::to_string(i % 100));
    if (i == 1234) leaf.mutable_dossier()->set_hmac(std::string(16, 'd'));
    f.leaves.Put(leaf);
  }
  f.Index();
  f.leaves.reads = 0;
  CHECK(f.Find("grant = grant-5 AND consumer = VN:GOV:H55:mot-cua", 1000).size() == 50);
  CHECK(f.leaves.reads <= 51);
  auto filter = f.Parse("dossier = X");
  REQUIRE(filter
              .Resolve([](Condition& condition) {
                condition.keys = {std::string(16, 'x'), std::string(16, 'd')};
                return absl::OkStatus();
              })
              .ok());
  f.leaves.reads = 0;
  const auto page = f.searcher.Search({.filter = filter, .rows = "test"}, EveryRow);
  REQUIRE(page.ok());
  REQUIRE(page->leaves.size() == 1);
  CHECK(page->leaves[0].index == 1234);
  CHECK(page->next_token.empty());
  CHECK(f.leaves.reads <= 2);
}

TEST_CASE("a time bound is kept to the nanosecond, also where the clock jumped") {
  SearcherFixture f;
  for (uint32_t i = 0; i < 3000; ++i) f.leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, i));
  f.leaves.now -= absl::Hours(20);
  for (uint32_t i = 0; i < 3000; ++i) f.leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, i));
  f.leaves.now += absl::Hours(30);
  for (uint32_t i = 0; i < 3000; ++i) f.leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, i));
  f.Index();
  const auto stamp = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
  };
  // The first 3000 leaves and none of those before or after.
  const std::string first = "time >= " + stamp(kTestStart) + " AND time < " +
                            stamp(kTestStart + absl::Milliseconds(100) * 2500);
  const Leaves found = f.Find(first, 1000);
  CHECK(found.size() == 2500);
  CHECK(found == f.Expect(first));
  CHECK(found.front() == 2499);
  f.leaves.reads = 0;
  CHECK(f.Find("consumer = VN:GOV:H55* AND " + first, 5000) == found);
  // Only blocks that may have to do with it.
  CHECK(f.leaves.reads <= 4096);
}

TEST_CASE("a page ends in time, says how far it got, and the next goes on there") {
  // A clock that every look moves on.
  class BusyClock final : public core::Clock {
   public:
    absl::Time Now() const override { return kTestStart; }
    int64_t MonotonicNanos() const override { return now_ += 1'000'000; }

   private:
    mutable int64_t now_ = 0;
  };
  SearcherFixture f;
  for (uint32_t i = 0; i < 2000; ++i) f.leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, i));
  f.Index();
  const BusyClock clock;
  const Searcher searcher(f.leaves, f.index.get(), clock);
  for (const std::string text : {"purpose = \"\"", "consumer = VN:GOV:H55* AND code = \"x\"",
                                 "consumer = VN:GOV:H55* AND duration = 1s"}) {
    CAPTURE(text);
    SearchRequest request{.filter = f.Parse(text), .rows = "test"};
    request.budget = absl::ZeroDuration();
    absl::Time before = absl::InfiniteFuture();
    uint64_t read = 0;
    int pages = 0;
    do {
      const auto page = searcher.Search(request, EveryRow);
      REQUIRE(page.ok());
      CHECK(page->leaves.empty());
      CHECK(page->scanned_to < before);
      CHECK(page->partial != page->next_token.empty());
      before = page->scanned_to;
      read += page->leaves_read;
      request.page_token = page->next_token;
      ++pages;
    } while (!request.page_token.empty());
    CHECK(read <= 2000);
    CHECK(pages <= 2001);
    CHECK(before == request.filter.time().from);
  }
}

TEST_CASE("a page token is bound to its filter, its kind of rows and its time") {
  SearcherFixture f;
  for (uint32_t i = 0; i < 10; ++i) f.leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, i));
  SearchRequest request{.filter = f.Parse("consumer = VN:GOV:H55*"), .rows = "test"};
  request.page_rows = 3;
  const auto first = f.searcher.Search(request, EveryRow);
  REQUIRE(first.ok());
  CHECK(first->leaves.size() == 3);
  CHECK_FALSE(first->partial);
  request.page_token = first->next_token;
  // Parsed later: the same day back as on the first page.
  f.leaves.now += absl::Hours(100);
  request.filter = f.Parse("consumer = VN:GOV:H55*");
  const auto second = f.searcher.Search(request, EveryRow);
  REQUIRE(second.ok());
  CHECK(second->leaves.at(0).index == 6);
  CHECK(second->time.from == first->time.from);
  const auto refused = [&](const std::string& text, absl::string_view rows,
                           const std::string& token) {
    return absl::IsInvalidArgument(
        f.searcher.Search({.filter = f.Parse(text), .rows = rows, .page_token = token}, EveryRow)
            .status());
  };
  CHECK(refused("consumer = VN:GOV:H20*", "test", first->next_token));
  CHECK(refused("consumer = VN:GOV:H55*", "other", first->next_token));
  CHECK(refused("consumer = VN:GOV:H55*", "test", "7"));
  CHECK(refused("consumer = VN:GOV:H55*", "test", "B" + first->next_token.substr(1)));
}

TEST_CASE("open exchanges and those in doubt are listed until they are settled") {
  SearcherFixture f;
  const auto settle = [&](journal::v1::JournalEvent event, uint32_t number, uint64_t earlier) {
    auto leaf = TestLeaf(event, number);
    if (event == JOURNAL_EVENT_RESOLVED) leaf.clear_purpose();
    leaf.set_caused_by_plus_one(earlier + 1);
    return f.leaves.Put(leaf);
  };
  const uint64_t first = f.leaves.Put(TestLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1));
  const uint64_t second = f.leaves.Put(TestLeaf(JOURNAL_EVENT_REQUEST_OPENED, 2));
  const uint64_t third = f.leaves.Put(TestLeaf(JOURNAL_EVENT_REQUEST_OPENED, 3));
  settle(JOURNAL_EVENT_ANSWERED, 3, third);  // in the same batch
  f.Index();
  CHECK(f.Find("outcome = open") == Leaves{second, first});
  const uint64_t doubt = settle(JOURNAL_EVENT_IN_DOUBT, 1, first);
  f.Index();
  CHECK(f.Find("outcome = open") == Leaves{second});
  CHECK(f.Find("outcome = in_doubt") == Leaves{doubt});
  const uint64_t resolved = settle(JOURNAL_EVENT_RESOLVED, 1, doubt);
  settle(JOURNAL_EVENT_FAILED, 2, second);
  f.Index();
  CHECK(f.Find("outcome = open").empty());
  CHECK(f.Find("outcome = in_doubt").empty());
  CHECK(f.Find("event = request_opened").size() == 3);
  // It is found by what only the leaf before it says.
  CHECK(f.Find("outcome = resolved AND purpose = TTHC") == Leaves{resolved});
}

TEST_CASE("rows that are not wanted do not fill a page") {
  SearcherFixture f;
  for (uint32_t i = 0; i < 20; ++i) f.leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, i));
  const auto page =
      f.searcher.Search({.filter = f.Parse(""), .rows = "test", .page_rows = 5},
                        [](const journal::StoredLeaf& leaf) { return leaf.index % 2 == 0; });
  REQUIRE(page.ok());
  CHECK(page->leaves.size() == 5);
  CHECK(page->leaves.back().index == 10);
  CHECK(page->leaves_read == 10);
}

TEST_CASE("without an index every leaf in the bound is read, with the same result") {
  SearcherFixture f;
  std::mt19937 random(5);
  PutRandom(f.leaves, 500, random);
  const Searcher searcher(f.leaves, nullptr, f.clock);
  const std::string text = "consumer = VN:GOV:H1* AND duration > 1ms";
  const auto page =
      searcher.Search({.filter = f.Parse(text), .rows = "test", .page_rows = 1000}, EveryRow);
  REQUIRE(page.ok());
  Leaves found;
  for (const auto& leaf : page->leaves) found.push_back(leaf.index);
  CHECK(found == f.Expect(text));
  CHECK(page->next_token.empty());
}

}  // namespace
}  // namespace ndx::search

#include "ndx/search/search_index.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <string>

#include "ndx/search/searcher.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/temp_dir.h"
#include "told_index.h"

namespace ndx::search {
namespace {

namespace fs = std::filesystem;
using journal::v1::JOURNAL_EVENT_ANSWERED;

struct SearchIndexFixture {
  std::unique_ptr<SearchIndex> Open() {
    SearchIndexOptions options{.directory = dir.File("index")};
    options.on_trouble = [this](const absl::Status&) { ++troubles; };
    return SearchIndex::Open(options, leaves).value();
  }
  void Put(int count) {
    for (int i = 0; i < count; ++i) {
      leaves.Put(TestLeaf(JOURNAL_EVENT_ANSWERED, static_cast<uint32_t>(leaves.size())));
    }
  }
  void IndexAll(SearchIndex& index) { TellAll(index, leaves, 100); }
  size_t Found(const SearchIndex& index, const std::string& filter) {
    return Searcher(leaves, &index, clock)
        .Search({.filter = *Filter::Parse(filter, clock.Now()), .page_rows = 10'000},
                [](const auto&) { return true; })
        ->leaves.size();
  }

  tests::TempDir dir;
  tests::FakeClock clock{kTestStart};
  LeafList leaves;
  int troubles = 0;
};

TEST_CASE("the index follows the journal in batches and goes on where it stopped") {
  SearchIndexFixture f;
  f.Put(250);
  {
    const auto index = f.Open();
    CHECK(index->lag() == 250);
    REQUIRE(Tell(*index, f.leaves, 0, 100).ok());
    CHECK(index->indexed() == 100);
    f.IndexAll(*index);
    CHECK(index->indexed() == 250);
    CHECK(index->lag() == 0);
  }
  f.Put(10);
  const auto index = f.Open();
  CHECK(index->indexed() == 250);
  CHECK(index->lag() == 10);
  f.IndexAll(*index);
  CHECK(f.Found(*index, "consumer = VN:GOV:H55*") == 260);
  CHECK(f.troubles == 0);
}

TEST_CASE("what a crash leaves is an index of fewer leaves") {
  SearchIndexFixture f;
  f.Put(100);
  const auto index = f.Open();
  f.IndexAll(*index);
  fs::copy(f.dir.File("index"), f.dir.File("copy"), fs::copy_options::recursive);
  f.Put(100);
  f.IndexAll(*index);
  SearchIndexOptions options{.directory = f.dir.File("copy")};
  const auto earlier = SearchIndex::Open(options, f.leaves).value();
  CHECK(earlier->indexed() == 100);
  CHECK(f.Found(*earlier, "purpose = TTHC") == 200);
  f.IndexAll(*earlier);
  CHECK(f.Found(*earlier, "purpose = TTHC") == 200);
}

TEST_CASE("an index of another journal, a longer one or a broken one is begun anew") {
  SearchIndexFixture f;
  f.Put(50);
  f.IndexAll(*f.Open());
  f.leaves.Clear();
  SECTION("shorter journal") { f.Put(20); }
  SECTION("other leaves") {
    f.leaves.now += absl::Seconds(1);
    f.Put(50);
  }
  SECTION("broken files") {
    f.leaves.now = kTestStart;
    f.Put(50);
    for (const auto& entry : fs::recursive_directory_iterator(f.dir.File("index"))) {
      if (entry.path().filename() == "CURRENT") fs::resize_file(entry.path(), 3);
    }
  }
  const auto index = f.Open();
  CHECK(index->indexed() == 0);
  CHECK(f.troubles == 1);
  f.IndexAll(*index);
  CHECK(f.Found(*index, "consumer = VN:GOV:H55:mot-cua") == f.leaves.size());
}

TEST_CASE("rebuilding starts at the first leaf; a search loses nothing meanwhile") {
  SearchIndexFixture f;
  f.Put(150);
  const auto index = f.Open();
  f.IndexAll(*index);
  const auto held = index->store();
  REQUIRE(index->Rebuild().ok());
  CHECK(index->indexed() == 0);
  CHECK(f.Found(*index, "consumer = VN:GOV:H55:mot-cua") == 150);
  REQUIRE(Tell(*index, f.leaves, 0, 100).ok());
  CHECK(f.Found(*index, "consumer = VN:GOV:H55:mot-cua") == 150);
  f.IndexAll(*index);
  CHECK(f.Found(*index, "consumer = VN:GOV:H55:mot-cua") == 150);
}

TEST_CASE("a directory given up goes with its last reader") {
  SearchIndexFixture f;
  f.Put(1);
  const auto index = f.Open();
  auto held = index->store();
  REQUIRE(index->Rebuild().ok());
  CHECK(fs::exists(f.dir.File("index/0001")));
  held.reset();
  CHECK_FALSE(fs::exists(f.dir.File("index/0001")));
  CHECK(fs::exists(f.dir.File("index/0002")));
}

TEST_CASE("whom a leaf concerns is found once the follower has told it") {
  SearchIndexFixture f;
  f.Put(5);
  const std::string somebody(16, 's');
  const std::map<uint64_t, std::string> subjects = {{1, somebody}, {4, somebody}};
  const auto index = f.Open();
  CHECK(index->NextLeaf() == 0);
  REQUIRE(Tell(*index, f.leaves, 0, 4, subjects).ok());
  CHECK(index->NextLeaf() == 4);
  const auto search = [&](const std::string& text) {
    auto filter = *Filter::Parse(text, f.clock.Now());
    REQUIRE(filter
                .Resolve([&](Condition& condition) {
                  condition.keys = {somebody};
                  return absl::OkStatus();
                })
                .ok());
    return Searcher(f.leaves, index.get(), f.clock)
        .Search({.filter = filter}, [](const auto&) { return true; })
        .value();
  };
  CHECK(search("subject = 001088012345").leaves.size() == 1);
  CHECK(search("subject = 001088012345").subjects_to == 4);
  CHECK(search("NOT subject = 001088012345").leaves.size() == 3);
  REQUIRE(Tell(*index, f.leaves, 4, 5, subjects).ok());
  CHECK(search("subject = 001088012345").leaves.size() == 2);
  CHECK(search("subject = 001088012345 AND purpose = TTHC").leaves.at(0).index == 4);
}

TEST_CASE("a delivery that does not begin where the index ends changes nothing") {
  SearchIndexFixture f;
  f.Put(5);
  const auto index = f.Open();
  REQUIRE(Tell(*index, f.leaves, 0, 3).ok());
  CHECK(absl::IsAborted(Tell(*index, f.leaves, 4, 5)));
  CHECK(absl::IsAborted(Tell(*index, f.leaves, 0, 5)));
  CHECK(index->NextLeaf() == 3);
  CHECK(index->trouble().ok());
  REQUIRE(Tell(*index, f.leaves, 3, 5).ok());
  CHECK(f.Found(*index, "purpose = TTHC") == 5);
}

}  // namespace
}  // namespace ndx::search

// Segment files go when half of what is in them is of removed payloads; what is needed is copied.
#include <atomic>
#include <filesystem>
#include <set>

#include "retention_fixture.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLarge = 8000;

struct Segments : RetentionFixture {
  // An exchange whose answer alone lies in a segment.
  uint64_t AppendLarge(const std::string& number, size_t bytes = kLarge) {
    return AppendRecord(
        ReadOf(NewId(), "number: \"" + number + "\"", "head: \"" + std::string(bytes, 'x') + "\""));
  }
  std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(Options().directory + "/epoch-0001/segments")) {
      names.insert(entry.path().filename());
    }
    return names;
  }
  uint64_t Bytes() const {
    uint64_t bytes = 0;
    for (const std::string& name : Files()) {
      bytes += fs::file_size(Options().directory + "/epoch-0001/segments/" + name);
    }
    return bytes;
  }
  void HoldSubject(const std::string& number) {
    REQUIRE(journal->payload_keeper()
                .AddHold(number, {.order = "15/QD-CQDT", .operator_name = "lan"})
                .ok());
  }
  bool Verifies() {
    vkey = journal->vkey();
    const VerifyReport report = VerifyAtRest();
    for (const VerifyProblem& problem : report.problems) UNSCOPED_INFO(problem.ToString());
    return report.ok();
  }
};

using Names = std::set<std::string>;

TEST_CASE("a file whose payloads are all removed is removed, the one being written ends first") {
  Segments f;
  f.Start();
  const uint64_t old = f.AppendLarge("079000000001");
  const uint64_t before = f.Bytes();
  f.PassDays(20);
  const uint64_t young = f.AppendLarge("079000000002");
  REQUIRE(f.Files() == Names{"00000001.seg"});
  f.PassDays(12);
  // Half of it is removed, but there is no newer file yet to keep its number.
  CHECK(f.IsRemoved(old));
  const uint64_t later = f.AppendLarge("079000000003");
  f.Settle();
  CHECK(f.Files() == Names{"00000002.seg"});
  CHECK(f.IsKept(young));
  CHECK(f.IsKept(later));
  CHECK(f.journal->retention().status().segment_bytes_freed >= before - 100);
  CHECK(f.Verifies());
}

TEST_CASE("what a file is still needed for is moved, and read from its new place") {
  Segments f;
  f.Start();
  std::vector<uint64_t> held;
  for (int i = 0; i < 4; ++i) {
    f.AppendLarge("079000000001");
    if (i % 2 == 0) held.push_back(f.AppendLarge("079000000009"));
  }
  f.HoldSubject("079000000009");
  f.PassDays(32);
  f.AppendLarge("079000000002", 2000);
  f.Settle();
  CHECK(f.Files() == Names{"00000002.seg"});
  for (const uint64_t leaf : held) {
    const auto opened = f.journal->reader().OpenPayload(leaf);
    REQUIRE(opened.ok());
    CHECK(opened->response.at(0) == f.Answer("head: \"" + std::string(kLarge, 'x') + "\""));
  }
  CHECK(f.Bytes() < 3 * (kLarge + 200));
  CHECK(f.Verifies());
}

TEST_CASE("below half nothing is moved") {
  Segments f;
  f.Start();
  f.AppendLarge("079000000001", kLarge - 200);
  const uint64_t held = f.AppendLarge("079000000009", kLarge);
  f.HoldSubject("079000000009");
  f.PassDays(32);
  f.Restart();  // begins another file
  f.AppendLarge("079000000002");
  f.Settle();
  CHECK(f.Files() == Names{"00000001.seg", "00000002.seg"});
  CHECK(f.IsKept(held));
  CHECK(f.Verifies());
}

TEST_CASE("a file to which an open exchange has spilled stays") {
  Segments f;
  f.Start();
  const auto id = f.NewId();
  f.AppendRecord(f.OpeningOf(id, R"(number: "079000000005")"));
  auto spill = f.journal->StartSpill(kTestConsumer, id, &f.source.Type("t.Answer"), nullptr);
  REQUIRE(spill.ok());
  const std::string message = f.Answer("head: \"spilled\"");
  REQUIRE((*spill)->Add(message).ok());
  f.AppendLarge("079000000001");
  f.PassDays(32);
  f.AppendLarge("079000000002");
  f.PassDays(1);
  CHECK(f.Files() == Names{"00000001.seg", "00000002.seg"});
  Record closing = f.MakeRecord(v1::JOURNAL_EVENT_ANSWERED, id);
  closing.response_spill = *std::move(spill);
  const uint64_t closed = f.AppendRecord(std::move(closing));
  f.PassDays(1);
  // Now it is known what of it is needed.
  CHECK(f.Files() == Names{"00000002.seg"});
  CHECK(f.journal->reader().OpenPayload(closed)->response == std::vector<std::string>{message});
  CHECK(f.Verifies());
}

TEST_CASE("on a disk that is nearly full files are removed, and none is copied") {
  Segments f;
  std::atomic<uint64_t> free_bytes{uint64_t{1} << 40};
  RocksJournalOptions options = f.Options();
  options.free_bytes = [&] { return free_bytes.load(); };
  options.free_bytes_min = uint64_t{1} << 20;
  options.segment_bytes_max = kLarge;  // one payload each
  auto opened = f.Open(std::move(options));
  REQUIRE(opened.ok());
  f.journal = *std::move(opened);
  REQUIRE(f.journal->StartFollowing(f.Keeping()).ok());
  f.AppendLarge("079000000001");
  f.AppendLarge("079000000001");
  f.AppendLarge("079000000002");
  f.Settle();
  REQUIRE(f.Files().size() == 3);
  free_bytes = uint64_t{1} << 19;
  f.clock.Advance(32 * absl::Hours(24));
  // The follower says that the disk is full; the retention goes on.
  for (int pass = 0; pass < 4; ++pass) {
    CHECK(absl::IsResourceExhausted(f.journal->payload_keeper().AwaitFollowed(absl::Minutes(1))));
  }
  CHECK(f.Files() == Names{"00000003.seg"});
  CHECK(f.journal->retention().status().exchanges_pruned == 3);
  free_bytes = uint64_t{1} << 40;
  f.clock.Advance(absl::Seconds(1));
  f.Settle();
  CHECK(f.Verifies());
}

TEST_CASE("a crash while files are reclaimed loses nothing") {
  for (const std::string step :
       {"what is needed of the segment is copied", "the segment is removed"}) {
    Segments f;
    std::string copy;
    f.at_step = [&](absl::string_view at) {
      if (copy.empty() && at == step) copy = f.CopyDirectory("copy");
    };
    f.Start();
    const std::string vkey = f.journal->vkey();
    f.AppendLarge("079000000001");
    const uint64_t held = f.AppendLarge("079000000009", kLarge - 500);
    f.HoldSubject("079000000009");
    f.PassDays(32);
    f.AppendLarge("079000000002");
    f.Settle();
    REQUIRE_FALSE(copy.empty());
    f.at_step = nullptr;
    f.journal.reset();
    f.StartIn(copy);
    f.PassDays(1);
    CHECK(f.IsKept(held));
    CHECK_FALSE(fs::exists(copy + "/epoch-0001/segments/00000001.seg"));
    f.journal.reset();
    VerifyOptions options;
    options.vkeys = {vkey};
    const auto report = VerifyJournal(copy, options);
    REQUIRE(report.ok());
    for (const VerifyProblem& problem : report->problems) UNSCOPED_INFO(problem.ToString());
    CHECK(report->ok());
  }
}

}  // namespace
}  // namespace ndx::journal

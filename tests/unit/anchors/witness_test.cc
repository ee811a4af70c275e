#include "ndx/anchors/witness.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "log_of_leaves.h"
#include "ndx/store/whole_file.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

std::string SlotsPath(const WitnessFixture& fixture) {
  for (const auto& entry : std::filesystem::directory_iterator(fixture.dir.File("witness"))) {
    if (entry.path().extension() == ".slots") return entry.path().string();
  }
  return "";
}

TEST_CASE("a checkpoint that continues the last one is cosigned with the time") {
  const LogOfLeaves log = LogOfLeaves::OfSize(9);
  WitnessFixture fixture({log.signer().verifier()});
  fixture.Open();
  for (const auto& [from, to] : {std::pair<uint64_t, uint64_t>{0, 3}, {3, 3}, {3, 9}}) {
    fixture.clock.Advance(absl::Seconds(60));
    const auto answer = fixture.witness->AddCheckpoint(log.Request(from, to));
    REQUIRE(answer.status == 200);
    const auto lines = journal::ParseSignatureLines(answer.body);
    REQUIRE(lines->size() == 1);
    const auto note = journal::ParseNote(log.Checkpoint(to)).value();
    CHECK(WitnessFixture::Signer().verifier().Verify(note.text, lines->front()) ==
          static_cast<uint64_t>(absl::ToUnixSeconds(fixture.clock.Now())));
  }
  CHECK(fixture.witness->Newest("node/journal/1")->size == 9);
}

TEST_CASE("what was cosigned is remembered by the next start, wherever the last one was killed") {
  const LogOfLeaves log = LogOfLeaves::OfSize(9);
  WitnessFixture fixture({log.signer().verifier()});
  fixture.Open();
  REQUIRE(fixture.witness->AddCheckpoint(log.Request(0, 3)).status == 200);
  fixture.Open();
  const auto conflict = fixture.witness->AddCheckpoint(log.Request(0, 9));
  CHECK(conflict.status == 409);
  CHECK(conflict.body == "3\n");
  CHECK(conflict.content_type == journal::kWitnessSizeType);
  // Killed after the write and before the answer: the log asks again, from what it knew.
  REQUIRE(fixture.witness->AddCheckpoint(log.Request(3, 9)).status == 200);
  fixture.Open();
  CHECK(fixture.witness->AddCheckpoint(log.Request(3, 9)).body == "9\n");
  CHECK(fixture.witness->AddCheckpoint(log.Request(9, 9)).status == 200);
  // Killed within the write: the slot being written is torn, its cosignature never left.
  fixture.witness.reset();
  const auto slots = store::ReadSlots(SlotsPath(fixture)).value();
  const size_t newest = store::NewestSlot(slots) == &slots[0] ? 0 : 1;
  {
    std::fstream file(SlotsPath(fixture), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(newest * store::kSlotBytes + 30));
    file << "torn";
  }
  fixture.Open();
  CHECK(fixture.witness->AddCheckpoint(log.Request(9, 9)).body == "3\n");
}

TEST_CASE("a witness whose memory is unreadable does not start anew") {
  const LogOfLeaves log = LogOfLeaves::OfSize(9);
  WitnessFixture fixture({log.signer().verifier()});
  fixture.Open();
  REQUIRE(fixture.witness->AddCheckpoint(log.Request(0, 3)).status == 200);
  fixture.witness.reset();
  std::ofstream(SlotsPath(fixture), std::ios::binary) << std::string(2 * store::kSlotBytes, 'x');
  CHECK(fixture.TryOpen().status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("nothing is cosigned that is not on the disk, and after a failed write nothing at all") {
  const LogOfLeaves log = LogOfLeaves::OfSize(9);
  WitnessFixture fixture({log.signer().verifier()});
  fixture.Open();
  REQUIRE(fixture.witness->AddCheckpoint(log.Request(0, 3)).status == 200);
  fixture.faults.FailSyncs(".slots");
  CHECK(fixture.witness->AddCheckpoint(log.Request(3, 9)).status == 500);
  fixture.faults.FailSyncs("");
  CHECK(fixture.witness->AddCheckpoint(log.Request(3, 9)).status == 500);
  CHECK(fixture.log.CountOf(telemetry::LogEvent::kWitnessWriteFailed) == 1);
  fixture.Open();
  const auto answer = fixture.witness->AddCheckpoint(log.Request(3, 9));
  CHECK((answer.status == 200 || answer.body == "9\n"));
}

TEST_CASE("a contradiction is refused, logged, and kept as evidence once") {
  const LogOfLeaves log = LogOfLeaves::OfSize(9);
  auto leaves = log.leaves();
  leaves[1] = "another";
  const LogOfLeaves forged(leaves);
  WitnessFixture fixture({log.signer().verifier()});
  fixture.Open();
  REQUIRE(fixture.witness->AddCheckpoint(log.Request(0, 3)).status == 200);
  for (int i = 0; i < 2; ++i) {
    CHECK(fixture.witness->AddCheckpoint(forged.Request(3, 9)).status == 422);
  }
  CHECK(fixture.log.CountOf(telemetry::LogEvent::kWitnessSawContradiction) == 2);
  size_t kept = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(fixture.dir.File("witness") + "/contradictions")) {
    CHECK(store::ReadWholeFile(entry.path(), 10'000).value() == forged.Request(3, 9));
    ++kept;
  }
  CHECK(kept == 1);
  CHECK(fixture.witness->AddCheckpoint(log.Request(3, 9)).status == 200);
}

TEST_CASE("logs are told apart, strangers are not witnessed") {
  const LogOfLeaves one = LogOfLeaves::OfSize(5);
  const LogOfLeaves other(one.leaves(), "other/journal/1");
  WitnessFixture fixture({one.signer().verifier(), other.signer().verifier()});
  fixture.Open();
  CHECK(fixture.witness->AddCheckpoint(one.Request(0, 5)).status == 200);
  CHECK(fixture.witness->AddCheckpoint(other.Request(0, 2)).status == 200);
  const LogOfLeaves stranger(one.leaves(), "stranger/journal/1");
  CHECK(fixture.witness->AddCheckpoint(stranger.Request(0, 2)).status == 404);
  CHECK(fixture.witness->AddCheckpoint("nonsense").status == 400);
  CHECK(fixture.TryOpen().status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("the longest origin fits the memory, a longer one is refused at start") {
  for (const size_t more : {0U, 1U}) {
    const LogOfLeaves log({"leaf"}, std::string(kOriginBytesMax + more, 'o'));
    WitnessFixture fixture({log.signer().verifier()});
    auto opened = fixture.TryOpen();
    CHECK(opened.ok() == (more == 0));
    if (opened.ok()) CHECK((*opened)->AddCheckpoint(log.Request(0, 1)).status == 200);
  }
}

TEST_CASE("a site serves one path and one method") {
  const LogOfLeaves log = LogOfLeaves::OfSize(2);
  WitnessFixture fixture({log.signer().verifier()});
  fixture.Open();
  WitnessSite site(*fixture.witness, "/witness");
  const auto ask = [&](const std::string& method, const std::string& path) {
    return site.Answer({.method = method, .path = path, .body = log.Request(0, 2)}).status;
  };
  CHECK(ask("POST", "/add-checkpoint") == 404);
  CHECK(ask("GET", "/witness/add-checkpoint") == 405);
  CHECK(ask("POST", "/witness/add-checkpoint") == 200);
}

}  // namespace
}  // namespace ndx::anchors

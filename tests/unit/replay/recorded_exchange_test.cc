#include "ndx/replay/recorded_exchange.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/mem_journal_reader.h"
#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::replay {
namespace {

using tests::ReplayFixture;

// A journal of which some payloads are gone.
class ErasedReader final : public journal::JournalReader {
 public:
  explicit ErasedReader(const journal::JournalReader& reader) : reader_(reader) {}
  uint64_t size() const override { return reader_.size(); }
  absl::StatusOr<journal::StoredLeaf> Leaf(uint64_t index) const override {
    return reader_.Leaf(index);
  }
  absl::StatusOr<std::vector<journal::StoredLeaf>> LeavesOf(
      core::ExchangeId id, const std::string& consumer) const override {
    return reader_.LeavesOf(id, consumer);
  }
  absl::Status Scan(const journal::ScanRange& range,
                    absl::FunctionRef<bool(const journal::StoredLeaf&)> see) const override {
    return reader_.Scan(range, see);
  }
  absl::StatusOr<std::map<journal::v1::JournalEvent, uint64_t>> Count(
      const journal::ScanRange& range) const override {
    return reader_.Count(range);
  }
  absl::StatusOr<journal::OpenedPayload> OpenPayload(uint64_t) const override {
    if (gone) return absl::NotFoundError("gone");
    return journal::OpenedPayload{.request_parts_erased = 1};
  }
  absl::StatusOr<std::string> Receipt(uint64_t index) const override {
    return reader_.Receipt(index);
  }
  std::string Checkpoint() const override { return reader_.Checkpoint(); }
  absl::StatusOr<std::vector<journal::TreeHash>> ConsistencyProof(uint64_t from,
                                                                  uint64_t to) const override {
    return reader_.ConsistencyProof(from, to);
  }
  bool gone = false;

 private:
  const journal::JournalReader& reader_;
};

std::string ReasonFor(const journal::JournalReader& reader, core::ExchangeId id) {
  const auto read = ReadRecorded(reader, id, "VN:GOV:H55:mot-cua");
  const auto* const refusal = std::get_if<core::Refusal>(&read);
  return refusal == nullptr ? "" : core::ReasonName(refusal->reason);
}

TEST_CASE("an exchange is read with its request and what became of it") {
  ReplayFixture f;
  const auto id = f.Made("Send");
  const auto read = ReadRecorded(f.reader, id, "VN:GOV:H55:mot-cua");
  REQUIRE(std::holds_alternative<RecordedExchange>(read));
  const auto& recorded = std::get<RecordedExchange>(read);
  CHECK(recorded.payload.request == std::vector<std::string>{tests::AskBytes("k")});
  CHECK(recorded.leaves.size() == 2);
  CHECK(recorded.closing.leaf.event() == journal::v1::JOURNAL_EVENT_ANSWERED);
  CHECK(recorded.sending.answered_well());
}

TEST_CASE("why an exchange cannot be made again from the journal") {
  ReplayFixture f;
  const auto id = f.Made("Read");
  ErasedReader erased(f.reader);
  CHECK(ReasonFor(erased, id) == "REPLAY_REQUEST_ERASED");
  erased.gone = true;
  CHECK(ReasonFor(erased, id) == "PAYLOAD_NOT_KEPT");
  CHECK(ReasonFor(f.reader, core::ExchangeId::Generate(f.clock, f.random)) == "EXCHANGE_UNKNOWN");
  f.reader.Fail(absl::DataLossError("damaged"));
  CHECK(ReasonFor(f.reader, id) == "INTERNAL");
}

}  // namespace
}  // namespace ndx::replay

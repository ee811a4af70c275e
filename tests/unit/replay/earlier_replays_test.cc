#include "ndx/replay/earlier_replays.h"

#include <catch2/catch.hpp>

#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::replay {
namespace {

using tests::ReplayFixture;

core::ExchangeId PutReplay(ReplayFixture& f, core::ExchangeId of, journal::v1::JournalEvent event,
                           uint32_t status = 0) {
  const auto id = core::ExchangeId::Generate(f.clock, f.random);
  journal::Record record{.leaf = ReplayFixture::ExchangeLeaf(event, id, "Send")};
  record.leaf.set_replay_of(std::string(of.bytes()));
  record.leaf.set_grpc_status(status);
  f.journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  return id;
}

TEST_CASE("what became of an exchange's earlier replays") {
  ReplayFixture f;
  const search::Searcher searcher(f.reader, f.index.get(), f.clock);
  const auto id = f.Failed("Send");
  const auto other = f.Failed("Send");
  const auto found = [&] { return FindReplaysOf(searcher, f.reader, id).value(); };
  CHECK_FALSE(found().answered_well);
  PutReplay(f, other, journal::v1::JOURNAL_EVENT_ANSWERED);
  PutReplay(f, id, journal::v1::JOURNAL_EVENT_ANSWERED, 13);
  PutReplay(f, id, journal::v1::JOURNAL_EVENT_REFUSED, 7);
  CHECK_FALSE(found().answered_well);
  CHECK_FALSE(found().in_doubt.has_value());
  const auto doubt = PutReplay(f, id, journal::v1::JOURNAL_EVENT_IN_DOUBT);
  CHECK(found().in_doubt == doubt);
  PutReplay(f, id, journal::v1::JOURNAL_EVENT_ANSWERED);
  CHECK(found().answered_well);
}

TEST_CASE("all that were executed again well, for a preview") {
  ReplayFixture f;
  const search::Searcher searcher(f.reader, f.index.get(), f.clock);
  f.Failed("Send");
  const auto task = f.RunToEnd(f.Planned(v1::REPLAY_MODE_EXECUTE));
  f.Failed("Send");
  f.adapter->AnswerWith({}, absl::InternalError("x"));
  f.RunToEnd(f.Planned(v1::REPLAY_MODE_EXECUTE));
  CHECK(FindReplayedWell(searcher, absl::UnixEpoch()).value() ==
        std::set<std::string>{f.Item(task.number(), 1).exchange_id()});
  CHECK(FindReplayedWell(searcher, f.clock.Now()).value().empty());
}

}  // namespace
}  // namespace ndx::replay

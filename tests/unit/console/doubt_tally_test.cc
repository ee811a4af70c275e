#include "ndx/console/doubt_tally.h"

#include <catch2/catch.hpp>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_RESOLVED;
using tests::ExchangeLeaf;

TEST_CASE("doubts are counted as they come and go") {
  tests::FakeClock clock;
  tests::LeafJournal journal(clock);
  DoubtTally tally;
  CHECK(tally.Update(journal).in_doubt == 0);
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 3));
  CHECK(tally.Update(journal).in_doubt == 2);
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_RESOLVED, 1));
  const auto count = tally.Update(journal);
  CHECK(count.in_doubt == 1);
  CHECK(count.counted_to == 4);
  CHECK(tally.Update(journal).counted_to == 4);
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 3));  // carried out again, with the same end
  CHECK(tally.Update(journal).in_doubt == 1);
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 3));
  CHECK(tally.Update(journal).in_doubt == 0);
}

TEST_CASE("one look reads its number of leaves and no more") {
  tests::FakeClock clock;
  tests::LeafJournal journal(clock);
  for (int i = 0; i < 5; ++i) journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, i));
  DoubtTally tally(/*leaves_per_look=*/3);
  CHECK(tally.Update(journal).counted_to == 3);
  const auto count = tally.Update(journal);
  CHECK(count.counted_to == 5);
  CHECK(count.in_doubt == 5);
}

}  // namespace
}  // namespace ndx::console

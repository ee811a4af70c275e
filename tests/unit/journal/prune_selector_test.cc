// Which exchanges are found due, with several retentions and bounded rounds.
#include "retention_fixture.h"

namespace ndx::journal {
namespace {

constexpr char kOtherMethod[] = "/ndx.land.v1.LandService/Find";

struct Selecting : RetentionFixture {
  uint64_t AppendOther() {
    Record record = ReadOf(NewId(), R"(number: "079000000001")", R"(head: "h")");
    record.leaf.set_method(kOtherMethod);
    return AppendRecord(std::move(record));
  }
};

TEST_CASE("each method is kept as long as its own rule says") {
  Selecting f;
  f.rules = RetentionRules::Make(2, {{.name = "ndx.land.v1.LandService", .keep_days = 60}}).value();
  f.Start();
  const uint64_t longer = f.AppendOther();
  const uint64_t shorter = f.AppendRead("079000000001");
  f.PassDays(32);
  CHECK(f.IsKept(longer));
  CHECK(f.IsRemoved(shorter));
  f.PassDays(29);
  CHECK(f.IsRemoved(longer));
  const auto history = f.journal->retention().History(UINT64_MAX, 10);
  REQUIRE(history->size() == 2);
  CHECK(history->at(0).groups.at(0).keep_days == 60);
  CHECK(history->at(1).groups.at(0).keep_days == 31);
  CHECK(f.journal->retention().History(history->at(0).leaf_index, 10)->size() == 1);
  CHECK(f.journal->retention().History(UINT64_MAX, 1)->size() == 1);
}

TEST_CASE("an exchange recorded by a clock that was behind does not go before those before it") {
  Selecting f;
  f.Start();
  const uint64_t first = f.AppendRead("079000000001");
  f.PassDays(5);
  f.clock.Jump(-20 * absl::Hours(24));
  const uint64_t behind = f.AppendRead("079000000002");
  f.clock.Jump(20 * absl::Hours(24));
  f.PassDays(20);
  // By its own time it would be due.
  CHECK(f.IsKept(behind));
  CHECK(f.IsKept(first));
  f.PassDays(7);
  CHECK(f.IsRemoved(first));
  CHECK(f.IsRemoved(behind));
}

TEST_CASE("what is refused or has no payload is passed over") {
  Selecting f;
  f.Start();
  f.AppendRecord(f.MakeRecord(v1::JOURNAL_EVENT_REFUSED, f.NewId()));
  f.AppendRecord(f.MakeRecord(v1::JOURNAL_EVENT_FAILED, f.NewId()));
  const auto before = f.journal->reader().size();
  f.PassDays(32);
  CHECK(f.journal->reader().size() == before);  // no leaf about nothing
  CHECK(f.journal->retention().status().lag == absl::ZeroDuration());
}

TEST_CASE("a round is bounded, and the rest is due in the next") {
  Selecting f;
  f.Start();
  for (int i = 0; i < 4100; ++i) {
    f.journal->Append(f.ReadOf(f.NewId(), R"(number: "079000000001")", ""),
                      [](const absl::StatusOr<Appended>&) {});
  }
  const uint64_t last = f.AppendRead("079000000001");
  f.Settle();
  f.clock.Advance(32 * absl::Hours(24));
  // However many passes there were meanwhile, no leaf records more than a round may.
  while (f.IsKept(last)) f.Follow(*f.journal);
  const auto history = f.journal->retention().History(UINT64_MAX, 10);
  REQUIRE(history->size() == 2);
  CHECK(history->at(1).groups.at(0).exchanges == 4096);
  CHECK(history->at(0).groups.at(0).exchanges == 5);
  CHECK(f.journal->retention().status().exchanges_pruned == 4101);
}

}  // namespace
}  // namespace ndx::journal

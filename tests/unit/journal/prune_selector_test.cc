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

TEST_CASE("what another node has answered goes at the next look, and nothing else does") {
  Selecting f;
  f.rules =
      RetentionRules::Make(2, {{.name = "ndx.land.v1.LandService", .keep_days = 60}}, true).value();
  f.Start();
  f.vkey = f.journal->vkey();
  const auto relayed = [&f](v1::JournalEvent event, const char* method = kTestMethod) {
    Record record = f.ReadOf(f.NewId(), R"(number: "079000000001")", R"(head: "h")");
    record.leaf.set_event(event);
    record.leaf.set_method(method);
    record.leaf.set_relayed_to("VN:GOV:G01:ndxp");
    return f.AppendRecord(std::move(record));
  };
  const auto opened = f.NewId();
  REQUIRE(AppendAndWait(*f.journal, f.Opening(opened, "change")).ok());
  Record closing = f.Closing(v1::JOURNAL_EVENT_ANSWERED, opened, "made");
  closing.leaf.set_relayed_to("VN:GOV:G01:ndxp");
  const uint64_t change = f.AppendRecord(std::move(closing));
  const uint64_t read = relayed(v1::JOURNAL_EVENT_ANSWERED);
  const uint64_t failed = relayed(v1::JOURNAL_EVENT_FAILED);
  const uint64_t asked_for = relayed(v1::JOURNAL_EVENT_ANSWERED, kOtherMethod);
  const uint64_t own = f.AppendRead("079000000001");
  f.Pass(absl::Minutes(11));
  CHECK(f.IsRemoved(read));
  CHECK(f.IsRemoved(change));
  CHECK(f.IsRemoved(change - 1));  // its request
  CHECK(f.IsKept(failed));
  CHECK(f.IsKept(asked_for));
  CHECK(f.IsKept(own));
  const VerifyReport report = f.VerifyAtRest();
  for (const VerifyProblem& problem : report.problems) UNSCOPED_INFO(problem.ToString());
  CHECK(report.ok());
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

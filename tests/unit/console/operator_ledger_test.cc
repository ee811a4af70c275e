#include "ndx/console/operator_ledger.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using Need = OperatorLedger::ReasonNeed;

TEST_CASE("an act is a leaf with the operator's name, the method and the reason") {
  tests::FakeClock clock;
  tests::LeafJournal journal(clock);
  const uint64_t answered =
      journal.Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  OperatorLedger ledger(journal);
  const auto index = ledger.Record({.operator_name = "lan",
                                    .action = "GetExchange",
                                    .reason = "complaint 17",
                                    .exchange = Summarise(*journal.Leaf(answered))});
  REQUIRE(index.ok());
  const auto leaf = journal.Leaf(*index)->leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_OPERATOR_READ);
  CHECK(leaf.operator_name() == "lan");
  CHECK(leaf.operator_action() == "GetExchange");
  CHECK(leaf.operator_reason() == "complaint 17");
  CHECK(leaf.exchange_id() == journal.Leaf(answered)->leaf.exchange_id());
  CHECK(leaf.consumer() == "VN:GOV:H55:mot-cua");
}

TEST_CASE("when the leaf cannot be written the act is refused") {
  tests::FakeClock clock;
  tests::LeafJournal journal(clock);
  journal.FailAppends(absl::DataLossError("disk"));
  const auto index = OperatorLedger(journal).Record({.operator_name = "lan"});
  CHECK(absl::IsUnavailable(index.status()));
  CHECK(journal.size() == 0);
}

TEST_CASE("a reason is one line of bounded length without a long number") {
  struct Case {
    const char* name;
    std::string reason;
    bool required;
    bool optional;
  };
  const Case cases[] = {
      {"a case number", "khiếu nại 17/KN-2026", true, true},
      {"empty", "", false, true},
      {"at the limit", std::string(kOperatorReasonBytesMax, 'a'), true, true},
      {"one past it", std::string(kOperatorReasonBytesMax + 1, 'a'), false, false},
      {"a dossier code", "H55.242-20260302-0000001", true, true},
      {"eight digits", "12345678", true, true},
      {"nine digits", "số 123456789", false, false},
      {"two lines", "a\nb", false, false},
      {"no UTF-8", "a\xff", false, false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(OperatorLedger::CheckReason(c.reason, Need::kRequired).ok() == c.required);
    CHECK(OperatorLedger::CheckReason(c.reason, Need::kOptional).ok() == c.optional);
  }
}

}  // namespace
}  // namespace ndx::console

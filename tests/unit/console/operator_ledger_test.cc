#include "ndx/console/operator_ledger.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/journal/leaf_codec.h"
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

TEST_CASE("a case number stands before the reason, and can be told from it") {
  struct Case {
    const char* name;
    std::string number;
    bool right;
  };
  const Case cases[] = {
      {"a number", "45/2026/VV-ATTT", true},
      {"Vietnamese letters", "12/QĐ-XM", true},
      {"at the limit", std::string(kCaseNumberBytesMax, 'a'), true},
      {"one past it", std::string(kCaseNumberBytesMax + 1, 'a'), false},
      {"empty", "", false},
      {"two words", "case 17", false},
      {"a colon", "17:", false},
      {"two lines", "17\n18", false},
      {"nine digits", "123456789", false},
      {"no UTF-8", "17\xff", false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(OperatorLedger::CaseReason(c.number, "complaint").ok() == c.right);
  }
  CHECK(OperatorLedger::CaseReason("45/VV", "khiếu nại: 2").value() == "case 45/VV: khiếu nại: 2");
  CHECK_FALSE(OperatorLedger::CaseReason("45/VV", "").ok());
  // The longest of both fits into a leaf.
  tests::FakeClock clock;
  tests::LeafJournal journal(clock);
  const auto longest = OperatorLedger::CaseReason(std::string(kCaseNumberBytesMax, 'a'),
                                                  std::string(kOperatorReasonBytesMax, 'b'));
  REQUIRE(longest.ok());
  CHECK(longest->size() <= journal::kLeafOperatorReasonBytesMax);
}

}  // namespace
}  // namespace ndx::console

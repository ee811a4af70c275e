#include "ndx/replay/sending.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ndx::replay {
namespace {

using journal::v1::JournalEvent;

journal::StoredLeaf Leaf(JournalEvent event, const std::string& reason = "", uint32_t status = 0) {
  journal::StoredLeaf stored;
  stored.leaf.set_event(event);
  stored.leaf.set_error_reason(reason);
  stored.leaf.set_grpc_status(status);
  return stored;
}

TEST_CASE("what leaves say of a sending: not sent, answer unknown, answered") {
  constexpr auto kOpened = journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
  constexpr auto kAnswered = journal::v1::JOURNAL_EVENT_ANSWERED;
  constexpr auto kFailed = journal::v1::JOURNAL_EVENT_FAILED;
  constexpr auto kRefused = journal::v1::JOURNAL_EVENT_REFUSED;
  constexpr auto kInDoubt = journal::v1::JOURNAL_EVENT_IN_DOUBT;
  constexpr auto kResolved = journal::v1::JOURNAL_EVENT_RESOLVED;
  constexpr auto kRead = journal::v1::JOURNAL_EVENT_OPERATOR_READ;
  struct Case {
    std::string name;
    std::vector<journal::StoredLeaf> leaves;
    v1::SendingOutcome outcome;
    bool open = false;
    bool in_doubt = false;
    bool done = false;
  };
  const std::vector<Case> cases = {
      {"a read", {Leaf(kAnswered)}, v1::SENDING_OUTCOME_ANSWERED},
      {"a change", {Leaf(kOpened), Leaf(kAnswered)}, v1::SENDING_OUTCOME_ANSWERED},
      {"open", {Leaf(kOpened)}, v1::SENDING_OUTCOME_ANSWER_UNKNOWN, true},
      {"an error of the provider's",
       {Leaf(kAnswered, "PROVIDER_ERROR", 13)},
       v1::SENDING_OUTCOME_ANSWERED},
      {"down", {Leaf(kOpened), Leaf(kFailed, "PROVIDER_DOWN", 14)}, v1::SENDING_OUTCOME_NOT_SENT},
      {"no answer in time",
       {Leaf(kFailed, "READ_TIMED_OUT", 4)},
       v1::SENDING_OUTCOME_ANSWER_UNKNOWN},
      {"refused", {Leaf(kRefused, "NO_GRANT", 7)}, v1::SENDING_OUTCOME_NOT_SENT},
      {"refused, then asked again",
       {Leaf(kRefused), Leaf(kAnswered)},
       v1::SENDING_OUTCOME_ANSWERED},
      {"asked again, and refused", {Leaf(kAnswered), Leaf(kRefused)}, v1::SENDING_OUTCOME_ANSWERED},
      {"in doubt",
       {Leaf(kOpened), Leaf(kInDoubt)},
       v1::SENDING_OUTCOME_ANSWER_UNKNOWN,
       false,
       true},
      {"found done",
       {Leaf(kInDoubt), Leaf(kResolved)},
       v1::SENDING_OUTCOME_ANSWERED,
       false,
       false,
       true},
      {"found not done", {Leaf(kInDoubt), Leaf(kResolved, "", 2)}, v1::SENDING_OUTCOME_NOT_SENT},
      {"read by an operator", {Leaf(kAnswered), Leaf(kRead)}, v1::SENDING_OUTCOME_ANSWERED},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    const auto sending = SendingOf(one.leaves);
    REQUIRE(sending.has_value());
    CHECK(sending->outcome == one.outcome);
    CHECK(sending->open == one.open);
    CHECK(sending->in_doubt == one.in_doubt);
    CHECK(sending->resolved_done == one.done);
  }
  CHECK_FALSE(SendingOf({Leaf(kRead)}).has_value());
  CHECK_FALSE(SendingOf({}).has_value());
  CHECK(SendingOf({Leaf(kAnswered)})->answered_well());
  CHECK_FALSE(SendingOf({Leaf(kAnswered, "PROVIDER_ERROR", 13)})->answered_well());
}

}  // namespace
}  // namespace ndx::replay

#include "ndx/replay/replay_rules.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/core/refusal.h"
#include "ndx/tests/support/ledger_registry.h"

namespace ndx::replay {
namespace {

std::string NameOf(const std::optional<exchange::v1::ErrorReason>& reason) {
  return reason.has_value() ? core::ReasonName(*reason) : "";
}

TEST_CASE("which methods a task may send, by mode") {
  const auto registry = tests::BuildLedgerRegistry("", "");
  struct Case {
    std::string method;
    std::string verify;
    std::string execute;
    bool verify_approved;
  };
  for (const Case& one :
       {Case{"Read", "", "", false}, Case{"Note", "", "", true},
        Case{"Small", "REPLAY_METHOD_NEVER", "REPLAY_METHOD_NEVER", false},
        Case{"ChangeOnce", "REPLAY_METHOD_NEVER", "REPLAY_METHOD_NEVER", false},
        Case{"Change", "REPLAY_METHOD_CHANGES", "REPLAY_METHOD_NOT_IDEMPOTENT", false},
        Case{"Send", "REPLAY_METHOD_CHANGES", "", true}}) {
    INFO(one.method);
    const registry::MethodEntry* const method =
        registry->FindMethod(tests::LedgerMethod(one.method));
    REQUIRE(method != nullptr);
    CHECK(NameOf(ReasonAgainstMethod(*method, v1::REPLAY_MODE_VERIFY)) == one.verify);
    CHECK(NameOf(ReasonAgainstMethod(*method, v1::REPLAY_MODE_EXECUTE)) == one.execute);
    CHECK(NameOf(ReasonAgainstMethod(*method, v1::REPLAY_MODE_DRY_RUN)) == one.execute);
    CHECK(NeedsApproval(*method, v1::REPLAY_MODE_VERIFY) == one.verify_approved);
    CHECK(NeedsApproval(*method, v1::REPLAY_MODE_EXECUTE));
    CHECK_FALSE(NeedsApproval(*method, v1::REPLAY_MODE_DRY_RUN));
  }
}

TEST_CASE("which histories a task may send again") {
  const auto registry = tests::BuildLedgerRegistry("", "");
  const auto& read = *registry->FindMethod(tests::LedgerMethod("Read"));
  const auto& send = *registry->FindMethod(tests::LedgerMethod("Send"));
  const Sending answered{.outcome = v1::SENDING_OUTCOME_ANSWERED};
  const Sending error{.outcome = v1::SENDING_OUTCOME_ANSWERED, .grpc_status = 13};
  const Sending open{.outcome = v1::SENDING_OUTCOME_ANSWER_UNKNOWN, .open = true};
  const Sending not_sent{.outcome = v1::SENDING_OUTCOME_NOT_SENT};
  const Sending found_done{.outcome = v1::SENDING_OUTCOME_ANSWERED, .resolved_done = true};
  const auto execute = [&](const registry::MethodEntry& method, const Sending& sending,
                           bool include_answered = false) {
    return NameOf(ReasonAgainstHistory(method, sending, v1::REPLAY_MODE_EXECUTE, include_answered));
  };
  CHECK(execute(send, answered) == "REPLAY_ALREADY_ANSWERED");
  CHECK(execute(send, found_done) == "REPLAY_ALREADY_ANSWERED");
  CHECK(execute(send, answered, true).empty());
  CHECK(execute(send, error).empty());
  CHECK(execute(send, not_sent).empty());
  CHECK(execute(send, open) == "REPLAY_STILL_OPEN");
  CHECK(execute(read, answered).empty());
  const auto verify = [&](const Sending& sending) {
    return NameOf(ReasonAgainstHistory(read, sending, v1::REPLAY_MODE_VERIFY, false));
  };
  CHECK(verify(answered).empty());
  CHECK(verify(error) == "PAYLOAD_NOT_KEPT");
  CHECK(verify(found_done) == "PAYLOAD_NOT_KEPT");
  CHECK(verify(not_sent) == "PAYLOAD_NOT_KEPT");
  CHECK(verify(open) == "REPLAY_STILL_OPEN");
}

TEST_CASE("modes have words") {
  CHECK(std::string(ModeWord(v1::REPLAY_MODE_DRY_RUN)) == "dry-run");
  CHECK(std::string(ModeWord(v1::REPLAY_MODE_VERIFY)) == "verify");
  CHECK(std::string(ModeWord(v1::REPLAY_MODE_EXECUTE)) == "execute");
  CHECK(std::string(ModeWord(v1::REPLAY_MODE_UNSPECIFIED)).empty());
}

}  // namespace
}  // namespace ndx::replay

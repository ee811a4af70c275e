#include "ndx/broker/stages/recall_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

using journal::Recalled;
using journal::RecallVerdict;

class RecallStageFixture : public tests::ExchangeFixture {
 public:
  explicit RecallStageFixture(const std::string& method, AdmissionOptions options = {})
      : ExchangeFixture(method), admission(options, watch) {
    ChooseId();
  }

  void Recall(Recalled recalled) {
    journal.AnswerNextRecall(std::move(recalled));
    Recall();
  }
  void Recall() {
    Enter(std::make_unique<RecallStage>(*pipeline, admission, journal, tests::kNodeContact));
  }

  Admission admission;
};

Recalled Failed(exchange::v1::ErrorReason reason) {
  Recalled recalled{.verdict = RecallVerdict::kFailed, .receipt = "old"};
  recalled.leaf.set_event(journal::v1::JOURNAL_EVENT_FAILED);
  recalled.leaf.set_error_reason(core::ReasonName(reason));
  recalled.leaf.set_duration_us(2'500'000);
  return recalled;
}

TEST_CASE("an id that the node made itself is not looked for") {
  RecallStageFixture f("Read");
  f.x->context.exchange_id.reset();
  f.journal.AnswerNextRecall({.verdict = RecallVerdict::kDifferent});
  f.Recall();
  CHECK(f.passed == 1);
  CHECK(f.reason().empty());
  CHECK_FALSE(f.x->holds_id);
}

TEST_CASE("a new id is taken, and runs once at a time") {
  RecallStageFixture f("Read");
  f.Recall();
  CHECK(f.x->holds_id);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK_FALSE(f.admission.TryTakeId(tests::OneStop(), f.x->id));
}

TEST_CASE("an id that runs on this node is refused, and not given back by the refused one") {
  RecallStageFixture f("Read");
  CHECK(f.admission.TryTakeId(tests::OneStop(), f.x->id));
  f.Recall();
  CHECK(f.reason() == "EXCHANGE_IN_PROGRESS");
  CHECK(f.x->refusal->retry_after.has_value());
  CHECK_FALSE(f.x->holds_id);
}

struct VerdictCase {
  RecallVerdict verdict;
  std::string read;  // reason; empty: carried out
  std::string change;
};

TEST_CASE("what the journal says of an id decides, for reads and changes") {
  const VerdictCase cases[] = {
      {RecallVerdict::kUnknown, "", ""},
      {RecallVerdict::kInProgress, "EXCHANGE_IN_PROGRESS", "EXCHANGE_IN_PROGRESS"},
      {RecallVerdict::kDifferent, "EXCHANGE_ID_REUSED", "EXCHANGE_ID_REUSED"},
      {RecallVerdict::kInDoubt, "", "OUTCOME_UNKNOWN"},
      {RecallVerdict::kAnswerNotKept, "ANSWER_NOT_KEPT", "ANSWER_NOT_KEPT"},
  };
  for (const VerdictCase& each : cases) {
    CAPTURE(static_cast<int>(each.verdict));
    RecallStageFixture read("Read");
    read.Recall({.verdict = each.verdict});
    CHECK(read.reason() == each.read);
    RecallStageFixture change("Change");
    change.Recall({.verdict = each.verdict});
    CHECK(change.reason() == each.change);
    CHECK_FALSE(change.x->recalled);
  }
}

TEST_CASE("an idempotent change in doubt is carried out again: its provider knows it by its id") {
  RecallStageFixture f("ChangeOnce");
  f.Recall({.verdict = RecallVerdict::kInDoubt});
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK_FALSE(f.x->recalled);
  CHECK(f.x->doubted);
}

TEST_CASE("an answer that is not kept here is asked for again where a peer has it") {
  for (const auto* method : {"Read", "ChangeOnce", "Change"}) {
    CAPTURE(method);
    RecallStageFixture f(method);
    registry::PeerEntry peer{.system = f.registry->FindSystem("VN:GOV:G24:bhxh")};
    registry::ProviderEntry provider = *f.x->route.provider;
    provider.via = &peer;
    f.x->route.provider = &provider;
    f.Recall({.verdict = RecallVerdict::kAnswerNotKept});
    // A change that its provider does not know by its id is not sent twice.
    CHECK(f.reason() == (method == std::string("Change") ? "ANSWER_NOT_KEPT" : ""));
    CHECK_FALSE(f.x->recalled);
  }
}

TEST_CASE("a failure is given again, unless carrying the request out can harm nobody") {
  const std::pair<exchange::v1::ErrorReason, bool> cases[] = {
      {exchange::v1::ERROR_REASON_PROVIDER_DOWN, true},
      {exchange::v1::ERROR_REASON_PROVIDER_BUSY, true},
      {exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING, true},
      {exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE, true},
      {exchange::v1::ERROR_REASON_CANCELLED, true},
      {exchange::v1::ERROR_REASON_PROVIDER_ANSWER_MALFORMED, false},
      {exchange::v1::ERROR_REASON_INTERNAL, false},
  };
  for (const auto& [reason, again] : cases) {
    CAPTURE(core::ReasonName(reason));
    RecallStageFixture change("Change");
    change.Recall(Failed(reason));
    CHECK(change.x->recalled != again);
    CHECK(change.reason() == (again ? "" : core::ReasonName(reason)));
    RecallStageFixture read("Read");
    read.Recall(Failed(reason));
    CHECK(read.reason().empty());
  }
}

TEST_CASE("a failure given again has its receipt and whole texts") {
  RecallStageFixture f("Change");
  f.Recall(Failed(exchange::v1::ERROR_REASON_PROVIDER_ANSWER_TOO_LARGE));
  CHECK(f.x->outcome == Outcome::kFailed);
  CHECK(f.x->receipt == "old");
  CHECK(f.x->refusal->parameters.at("provider") == "VN:GOV:G01:ledger");
  CHECK(f.x->refusal->parameters.at("elapsed") == "2.5s");
  RecallStageFixture nameless("Change");
  nameless.Recall(Failed(exchange::v1::ERROR_REASON_UNSPECIFIED));
  CHECK(nameless.reason() == "ANSWER_NOT_KEPT");
}

TEST_CASE("an exchange in doubt that was resolved") {
  Recalled recalled;
  recalled.leaf.set_event(journal::v1::JOURNAL_EVENT_RESOLVED);
  SECTION("made after all: its answer was never seen") {
    recalled.verdict = RecallVerdict::kAnswered;
    for (const char* method : {"Change", "Apply"}) {
      RecallStageFixture f(method);
      f.Recall(recalled);
      CHECK(f.reason() == "ANSWER_NOT_KEPT");
      CHECK(f.x->outcome == Outcome::kRefused);
    }
  }
  SECTION("not made: it may be made now") {
    recalled.verdict = RecallVerdict::kFailed;
    recalled.leaf.set_grpc_status(4);
    RecallStageFixture f("Change");
    f.Recall(recalled);
    CHECK(f.reason().empty());
    CHECK(f.x->outcome == Outcome::kUndecided);
  }
}

TEST_CASE("a provider that said 'not now' is asked again, unless that could make a change twice") {
  for (const auto* method : {"Read", "ChangeOnce", "Change"}) {
    CAPTURE(method);
    for (const uint32_t status : {8, 14, 9}) {
      CAPTURE(status);
      RecallStageFixture f(method);
      Recalled recalled{.verdict = RecallVerdict::kAnswered};
      recalled.leaf.set_grpc_status(status);
      f.Recall(std::move(recalled));
      CHECK(f.x->recalled == (status == 9 || method == std::string("Change")));
      CHECK(f.x->doubted == (status != 9 && method == std::string("ChangeOnce")));
      CHECK(f.reason().empty());
    }
  }
}

TEST_CASE("an answer is given again with its receipt, and counts as memory") {
  Recalled recalled{
      .verdict = RecallVerdict::kAnswered, .response = {"1234", "5678"}, .receipt = "old"};
  SECTION("it fits") {
    RecallStageFixture f("List", {.memory_bytes_max = 8});
    f.Recall(recalled);
    CHECK(f.x->recalled);
    CHECK(f.x->outcome == Outcome::kAnswered);
    CHECK(f.x->answer.size() == 2);
    CHECK(f.x->receipt == "old");
    CHECK(f.x->memory_taken == 8);
  }
  SECTION("it does not") {
    RecallStageFixture f("List", {.memory_bytes_max = 7});
    f.Recall(recalled);
    CHECK(f.reason() == "NODE_OVERLOADED");
    CHECK(f.x->answer.empty());
    CHECK(f.admission.memory_bytes() == 0);
  }
  SECTION("it is gone") {
    recalled.response.clear();
    RecallStageFixture f("Read");
    f.Recall(recalled);
    CHECK(f.reason() == "ANSWER_NOT_KEPT");
  }
  SECTION("it was the provider's error") {
    recalled.response.clear();
    recalled.leaf.set_grpc_status(5);
    RecallStageFixture f("Read");
    f.Recall(recalled);
    CHECK(f.x->recalled);
    CHECK(f.x->status.code == 5);
  }
  SECTION("it was an empty stream") {
    recalled.response.clear();
    RecallStageFixture f("List");
    f.Recall(recalled);
    CHECK(f.x->recalled);
    CHECK(f.x->answer.empty());
  }
}

TEST_CASE("a direct call of a request that is kept is told to ask") {
  RecallStageFixture f("Change");
  SECTION("not sent yet") { f.Recall({.verdict = RecallVerdict::kSubmitted}); }
  SECTION("not delivered at first") {
    Recalled recalled = Failed(exchange::v1::ERROR_REASON_PROVIDER_DOWN);
    recalled.leaf.set_submitted_plus_one(1);
    f.Recall(std::move(recalled));
  }
  CHECK(f.reason() == "EXCHANGE_KEPT");
}

TEST_CASE("a submission goes on to be kept, or to be told where it stands") {
  RecallStageFixture f("Change");
  f.x->submission.emplace();
  SECTION("a new id") {
    f.Recall();
    CHECK_FALSE(f.x->submission->id_used_before);
  }
  SECTION("kept") { f.Recall({.verdict = RecallVerdict::kSubmitted}); }
  SECTION("answered") { f.Recall({.verdict = RecallVerdict::kAnswered}); }
  SECTION("in doubt") { f.Recall({.verdict = RecallVerdict::kInDoubt}); }
  SECTION("failed in a direct call, not sent") {
    f.Recall(Failed(exchange::v1::ERROR_REASON_PROVIDER_DOWN));
    CHECK(f.x->submission->id_used_before);
  }
  SECTION("being delivered") {
    CHECK(f.admission.TryTakeId(tests::OneStop(), f.x->id));
    Recalled recalled{.verdict = RecallVerdict::kInProgress};
    recalled.leaf.set_submitted_plus_one(1);
    f.Recall(std::move(recalled));
    CHECK(f.x->submission->id_used_before);
    CHECK_FALSE(f.x->holds_id);
  }
  CHECK(f.x->outcome == Outcome::kUndecided);
}

TEST_CASE("a submission under an id of something else is refused") {
  RecallStageFixture f("Change");
  f.x->submission.emplace();
  SECTION("another request's") {
    f.Recall({.verdict = RecallVerdict::kDifferent});
    CHECK(f.reason() == "EXCHANGE_ID_REUSED");
  }
  SECTION("a direct call that runs") {
    f.Recall({.verdict = RecallVerdict::kInProgress});
    CHECK(f.reason() == "EXCHANGE_IN_PROGRESS");
  }
  SECTION("one that is being taken in") {
    CHECK(f.admission.TryTakeId(tests::OneStop(), f.x->id));
    f.Recall();
    CHECK(f.reason() == "EXCHANGE_IN_PROGRESS");
  }
}

TEST_CASE("what is delivered was looked up before") {
  RecallStageFixture f("Change");
  f.x->delivery.emplace();
  f.Recall({.verdict = RecallVerdict::kDifferent});
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.x->holds_id);
}

}  // namespace
}  // namespace ndx::broker

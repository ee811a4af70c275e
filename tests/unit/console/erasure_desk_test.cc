// Erasures by two persons on a real journal: who may do what, what stands in leaves, and what a
// crash between any two steps leaves to do.
#include "ndx/console/erasure_desk.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ndx/tests/support/people_journal.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED;
using journal::v1::JOURNAL_EVENT_PAYLOAD_ERASED;

constexpr char kPerson[] = "999088000001";
constexpr char kOther[] = "999088000002";
// Longer than any step of these tests takes.
constexpr absl::Duration kWait = absl::Minutes(1);

class ErasureDeskScene {
 public:
  ErasureDeskScene() { Start(); }
  ~ErasureDeskScene() {
    desk_.reset();
    people.journal().Close();
  }

  // As a new start of the node after a crash.
  void Restart() {
    Stop();
    people.Reopen();
    Start();
  }
  void Stop() { desk_.reset(); }
  void Start() {
    REQUIRE(people.journal()
                .StartFollowing({.types = people.types(), .interval = absl::Milliseconds(5)})
                .ok());
    desk_ = std::make_unique<ErasureDesk>(
        ErasureDesk::Parts{people.keeper(), people.journal(), people.journal().reader(),
                           people.clock, log},
        ErasureDesk::Options{.attempt = absl::Seconds(1), .pause = absl::Milliseconds(5)});
  }

  ErasureDesk& desk() { return *desk_; }
  uint64_t Asked(const std::string& who = "lan") {
    return desk().Ask(who, kPerson, "12/QD").value().number;
  }
  // Approves, once the desk has looked at what was left by the last run.
  absl::StatusOr<ErasureDesk::Outcome> Approve(const std::string& who, uint64_t number,
                                               absl::string_view subject = "",
                                               absl::Duration wait = kWait) {
    while (true) {
      auto outcome = desk().Approve(who, number, subject, wait);
      if (!absl::IsUnavailable(outcome.status())) return outcome;
    }
  }
  absl::Status Withdraw(const std::string& who, bool may_refuse, uint64_t number) {
    while (true) {
      const absl::Status status = desk().Withdraw(who, may_refuse, number, "a mistake");
      if (!absl::IsUnavailable(status)) return status;
    }
  }

  bool Readable(uint64_t leaf) {
    const auto payload = people.journal().reader().OpenPayload(leaf);
    return payload.ok() && payload->whole();
  }
  // Leaves of operators' orders and erasures, as "action by operator: note".
  std::vector<std::string> Orders() {
    std::vector<std::string> orders;
    REQUIRE(people.journal()
                .reader()
                .Scan({},
                      [&](const journal::StoredLeaf& stored) {
                        const auto& leaf = stored.leaf;
                        if (leaf.event() != JOURNAL_EVENT_OPERATOR_ORDERED &&
                            leaf.event() != JOURNAL_EVENT_PAYLOAD_ERASED) {
                          return true;
                        }
                        CHECK(stored.bytes.find(kPerson) == std::string::npos);
                        const bool erased = leaf.event() == JOURNAL_EVENT_PAYLOAD_ERASED;
                        orders.push_back((erased ? "ERASED" : leaf.operator_action()) + " by " +
                                         leaf.operator_name() + ": " + leaf.note());
                        return true;
                      })
                .ok());
    return orders;
  }

  tests::PeopleJournal people{absl::FromUnixSeconds(1'750'000'000)};
  tests::RecordedLog log;

 private:
  std::unique_ptr<ErasureDesk> desk_;
};

TEST_CASE("one asks, another approves, and nothing of the person can be read any more") {
  ErasureDeskScene scene;
  const uint64_t about = scene.people.Ask(kPerson);
  const uint64_t other = scene.people.Ask(kOther);
  const uint64_t number = scene.Asked();
  CHECK(scene.Readable(about));
  const auto open = scene.desk().Open().value();
  REQUIRE(open.size() == 1);
  CHECK(open[0].order.operator_name == "lan");
  CHECK(open[0].approver.empty());
  const auto outcome = scene.Approve("minh", number, kPerson);
  REQUIRE(outcome.ok());
  CHECK(outcome->carried_out);
  CHECK(outcome->was_kept);
  CHECK_FALSE(scene.Readable(about));
  CHECK(scene.Readable(other));
  CHECK(scene.desk().Open()->empty());
  CHECK(scene.Orders() ==
        std::vector<std::string>{"RequestErasure by lan: ", "ApproveErasure by minh: erasure 1",
                                 "ERASED by minh: erasure 1"});
  const auto erased = scene.people.journal().reader().Leaf(outcome->leaf_index)->leaf;
  CHECK(erased.event() == JOURNAL_EVENT_PAYLOAD_ERASED);
  CHECK(erased.operator_reason() == "12/QD");
  CHECK(scene.log.CountOf(telemetry::LogEvent::kPayloadErased) == 1);
  CHECK_FALSE(scene.log.Contains(kPerson));
}

TEST_CASE("nobody approves what he asked for, nor what is about somebody else than he says") {
  ErasureDeskScene scene;
  const uint64_t about = scene.people.Ask(kPerson);
  const uint64_t number = scene.Asked();
  const auto same = scene.Approve("lan", number);
  CHECK(absl::IsPermissionDenied(same.status()));
  CHECK_THAT(std::string(same.status().message()), Catch::Contains("somebody else"));
  const auto mistaken = scene.Approve("minh", number, kOther);
  CHECK(absl::IsFailedPrecondition(mistaken.status()));
  CHECK_THAT(std::string(mistaken.status().message()), !Catch::Contains(kOther));
  CHECK(absl::IsNotFound(scene.Approve("minh", number + 1).status()));
  CHECK(scene.Readable(about));
  CHECK(scene.Orders().size() == 1);
}

TEST_CASE("an order is withdrawn by whoever asked, or by who may approve, and by nobody else") {
  ErasureDeskScene scene;
  const uint64_t about = scene.people.Ask(kPerson);
  const uint64_t first = scene.Asked();
  const uint64_t second = scene.Asked();
  CHECK(absl::IsPermissionDenied(scene.Withdraw("hoa", false, first)));
  CHECK(scene.Withdraw("lan", false, first).ok());
  CHECK(scene.Withdraw("minh", true, second).ok());
  CHECK(absl::IsNotFound(scene.Withdraw("minh", true, second)));
  CHECK(absl::IsNotFound(scene.Approve("minh", first).status()));
  CHECK(scene.Orders().back() == "WithdrawErasure by minh: erasure 2");
  CHECK(scene.Readable(about));
}

TEST_CASE("a hold refuses asking and approving, and holds up what was approved before it") {
  ErasureDeskScene scene;
  const uint64_t about = scene.people.Ask(kPerson);
  const uint64_t open = scene.people.Ask(kOther, "", journal::v1::JOURNAL_EVENT_REQUEST_OPENED);
  const uint64_t number = scene.Asked();
  // It waits for the exchange that is open.
  CHECK_FALSE(scene.Approve("minh", number, "", absl::ZeroDuration())->carried_out);
  const uint64_t hold = scene.people.keeper().AddHold(kPerson, {.order = "5/VKS"}).value().number;
  const auto refused = scene.desk().Ask("lan", kPerson, "13/QD");
  CHECK(absl::IsFailedPrecondition(refused.status()));
  CHECK_THAT(std::string(refused.status().message()), Catch::Contains("5/VKS"));
  scene.people.Close(open);
  while (scene.desk().Open()->at(0).waits_for.find("5/VKS") == std::string::npos) {
    scene.people.clock.Advance(absl::Seconds(2));
  }
  CHECK(scene.Readable(about));
  CHECK(scene.log.CountOf(telemetry::LogEvent::kErasureWaits) >= 1);
  // Carried out by itself once it is released, also after a restart.
  scene.Restart();
  CHECK(scene.Readable(about));
  REQUIRE(scene.people.keeper().ReleaseHold(hold).ok());
  while (!scene.desk().Open()->empty()) continue;
  CHECK_FALSE(scene.Readable(about));
  CHECK(scene.Orders().back() == "ERASED by minh: erasure 1");
}

TEST_CASE("leaves decide what a crash left undone: approved is carried out, withdrawn forgotten") {
  ErasureDeskScene scene;
  const uint64_t about = scene.people.Ask(kPerson);
  const auto order = scene.desk().Ask("lan", kPerson, "12/QD").value();
  // The crash came right behind the leaf.
  scene.Stop();
  journal::v1::JournalLeaf leaf;
  leaf.set_event(JOURNAL_EVENT_OPERATOR_ORDERED);
  leaf.set_operator_name("minh");
  leaf.set_caused_by_plus_one(order.leaf_index + 1);
  const bool withdrawn = GENERATE(false, true);
  leaf.set_operator_action(withdrawn ? "WithdrawErasure" : "ApproveErasure");
  scene.people.Append(leaf);
  scene.Restart();
  while (!scene.desk().Open()->empty()) continue;
  CHECK(scene.Readable(about) == withdrawn);
  CHECK(scene.Orders().back() ==
        (withdrawn ? "WithdrawErasure by minh: " : "ERASED by minh: erasure 1"));
}

TEST_CASE("an erasure that is carried out and recorded is not recorded again after a crash") {
  ErasureDeskScene scene;
  scene.people.Ask(kPerson);
  const auto order = scene.desk().Ask("lan", kPerson, "12/QD").value();
  scene.Stop();
  journal::v1::JournalLeaf leaf;
  leaf.set_operator_name("minh");
  leaf.set_operator_action("ApproveErasure");
  leaf.set_caused_by_plus_one(order.leaf_index + 1);
  for (const auto event : {JOURNAL_EVENT_OPERATOR_ORDERED, JOURNAL_EVENT_PAYLOAD_ERASED}) {
    leaf.set_event(event);
    scene.people.Append(leaf);
  }
  scene.Restart();
  while (!scene.desk().Open()->empty()) continue;
  CHECK(scene.Orders().size() == 3);
}

TEST_CASE("a journal that takes no leaf lets nobody ask or approve") {
  ErasureDeskScene scene;
  const uint64_t number = scene.Asked();
  scene.people.free_bytes = 0;
  CHECK(absl::IsUnavailable(scene.desk().Ask("lan", kPerson, "12/QD").status()));
  CHECK(absl::IsUnavailable(scene.desk().Approve("minh", number, "", kWait).status()));
  CHECK(scene.desk().Open()->size() == 1);
}

}  // namespace
}  // namespace ndx::console

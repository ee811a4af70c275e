#include "ndx/daemon/quota_memory.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/people_journal.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::daemon {
namespace {

using journal::v1::JournalEvent;

constexpr char kGrantsOfMemory[] = R"(
consumer_groups: [{name: xa, systems: ["VN:GOV:H55:mot-cua", "VN:GOV:G09.20:ho-so"]}]
grants:
- {name: daily, consumer: "VN:GOV:H55:mot-cua", methods: [probe.v1.PeopleService/Verify],
   quota: {per_day: 5, subjects_per_day: 2}, legal_basis: q}
- {name: by-group, consumer_group: xa, methods: [probe.v1.PeopleService/Watch],
   quota: {per_day: 5}, legal_basis: q}
- {name: doi-soat, consumer: "VN:GOV:H55:mot-cua", methods: [probe.v1.PeopleService/Verify],
   campaign: {total: 10, per_second: 1000}, valid_from: 2026-11-01, valid_to: 2026-12-31,
   legal_basis: q}
)";

const absl::Time kMorning =
    absl::FromCivil(absl::CivilSecond(2026, 11, 23, 8), registry::VietnamTimeZone());

class MemoryScene {
 public:
  void Append(const std::string& grant, bool allowed = true,
              JournalEvent event = journal::v1::JOURNAL_EVENT_ANSWERED,
              const std::string& consumer = "VN:GOV:H55:mot-cua") {
    journal::v1::JournalLeaf leaf;
    leaf.set_event(event);
    leaf.set_exchange_id(std::string(core::ExchangeId::Generate(people.clock, random).bytes()));
    leaf.set_consumer(consumer);
    leaf.mutable_decision()->set_allowed(allowed);
    leaf.mutable_decision()->set_rule(grant);
    people.Append(std::move(leaf));
  }

  // As after a start.
  std::unique_ptr<QuotaMemory> Open() {
    limiter = std::make_unique<routing::RateLimiter>();
    auto memory = QuotaMemory::Open({.reader = people.journal().reader(),
                                     .registry = registry,
                                     .limiter = *limiter,
                                     .campaign_file = file()},
                                    people.clock.Now());
    REQUIRE(memory.ok());
    return *std::move(memory);
  }

  // How many exchanges more the grant allows at once.
  int Left(const std::string& grant, const std::string& consumer = "VN:GOV:H55:mot-cua") {
    const auto* const entry = registry.Current()->FindGrant(grant);
    int taken = 0;
    while (!limiter->Take(*entry, consumer, people.clock.Now(), 0, {}).has_value()) ++taken;
    return taken;
  }

  // As the follower does.
  void Follow(QuotaMemory& memory) {
    std::vector<journal::FollowedLeaf> leaves;
    for (uint64_t i = memory.NextLeaf(); i < people.journal().reader().size(); ++i) {
      leaves.push_back({.leaf = people.journal().reader().Leaf(i).value()});
    }
    REQUIRE(memory.Observe(leaves).ok());
  }

  std::string file() const { return directory.File("campaigns"); }

  tests::PeopleJournal people{kMorning};
  tests::FakeRandom random{7};
  tests::TempDir directory;
  registry::Registry registry{*tests::BuildProbeRegistry(kGrantsOfMemory)};
  std::unique_ptr<routing::RateLimiter> limiter;
};

TEST_CASE("today's exchanges that were let through are given back, a group's to each system") {
  MemoryScene scene;
  scene.people.clock.Advance(-absl::Hours(24));
  scene.Append("daily");  // yesterday's
  scene.people.clock.Advance(absl::Hours(24));
  for (const JournalEvent event :
       {journal::v1::JOURNAL_EVENT_ANSWERED, journal::v1::JOURNAL_EVENT_FAILED,
        journal::v1::JOURNAL_EVENT_REFUSED, journal::v1::JOURNAL_EVENT_REQUEST_OPENED}) {
    scene.Append("daily", true, event);
  }
  scene.Append("daily", false);
  scene.Append("by-group");
  scene.Append("by-group", true, journal::v1::JOURNAL_EVENT_ANSWERED, "VN:GOV:G09.20:ho-so");
  scene.Append("by-group", true, journal::v1::JOURNAL_EVENT_ANSWERED, "VN:GOV:G09.20:ho-so");
  const auto memory = scene.Open();
  CHECK(scene.Left("daily") == 3);
  CHECK(scene.Left("by-group") == 4);
  CHECK(scene.Left("by-group", "VN:GOV:G09.20:ho-so") == 3);
}

TEST_CASE("a campaign's total survives restarts, whatever became of its file") {
  MemoryScene scene;
  scene.people.clock.Advance(-absl::Hours(24 * 30));  // in October: before the campaign
  scene.Append("doi-soat");
  scene.people.clock.Advance(absl::Hours(24 * 20));
  for (int i = 0; i < 3; ++i) scene.Append("doi-soat");
  scene.people.clock.Advance(absl::Hours(24 * 10));
  scene.Append("doi-soat", false);
  auto memory = scene.Open();
  CHECK(scene.Left("doi-soat") == 7);

  scene.Append("doi-soat");
  scene.Follow(*memory);
  scene.Append("doi-soat");  // the follower has not come to it
  memory.reset();            // writes the file
  memory = scene.Open();
  CHECK(scene.Left("doi-soat") == 5);

  SECTION("no file") { REQUIRE(std::remove(scene.file().c_str()) == 0); }
  SECTION("no such text") { std::ofstream(scene.file()) << "ndx campaigns 1\n2\ndoi-soat x\n"; }
  SECTION("beyond the journal") { std::ofstream(scene.file()) << "ndx campaigns 1\n999\n"; }
  // The file that stands there counts again what it does not hold.
  SECTION("an older one") { std::ofstream(scene.file()) << "ndx campaigns 1\n3\ndoi-soat 1\n"; }
  auto damaged = scene.Open();
  CHECK(scene.Left("doi-soat") == 5);
}

TEST_CASE("persons of today's exchanges that were let through are given back by the follower") {
  MemoryScene scene;
  scene.Append("daily");
  const auto memory = scene.Open();
  const auto leaf = [&](uint64_t index, absl::Time time, bool allowed, const std::string& person) {
    journal::FollowedLeaf followed;
    followed.leaf.index = index;
    followed.leaf.leaf.set_time_unix_ns(absl::ToUnixNanos(time));
    followed.leaf.leaf.mutable_decision()->set_allowed(allowed);
    followed.leaf.leaf.mutable_decision()->set_rule("daily");
    if (!person.empty()) {
      followed.subjects.emplace_back().set_hmac(person + std::string(16 - person.size(), 'x'));
    }
    return followed;
  };
  const uint64_t first = memory->NextLeaf();
  REQUIRE(memory
              ->Observe({leaf(first, kMorning, true, "personA"),
                         leaf(first + 1, kMorning, false, "personB"),
                         leaf(first + 2, kMorning - absl::Hours(24), true, "personC"),
                         leaf(first + 3, kMorning, true, ""),
                         leaf(first + 4, kMorning, true, "personD")})
              .ok());
  CHECK(memory->NextLeaf() == first + 5);
  const auto take = [&](std::string person) {
    person.resize(16, 'x');
    return !scene.limiter
                ->Take(*scene.registry.Current()->FindGrant("daily"), "VN:GOV:H55:mot-cua",
                       kMorning, 0, {person})
                .has_value();
  };
  CHECK(take("personA"));
  CHECK(take("personD"));
  CHECK_FALSE(take("personB"));
}

}  // namespace
}  // namespace ndx::daemon

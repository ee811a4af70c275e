// The follower as a node has it: types of the registry, the search index told, people found over
// New Year, trouble and progress where operators look.
#include "ndx/daemon/following.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ndx/search/searcher.h"
#include "ndx/tests/support/people_journal.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::daemon {
namespace {

constexpr char kPerson[] = "999088000001";
constexpr char kDossier[] = "000.00.01.H55-251231-0001";

class FollowingScene {
 public:
  FollowingScene() {
    settings_.mutable_follow_interval()->set_nanos(5'000'000);
    settings_.mutable_intake_keys_kept()->set_seconds(23 * 3600);
    quotas_ = QuotaMemory::Open({.reader = people.journal().reader(),
                                 .registry = people.registry(),
                                 .limiter = limiter,
                                 .campaign_file = people.directory().File("campaigns")},
                                people.clock.Now())
                  .value();
    index_ = search::SearchIndex::Open({.directory = people.directory().File("index")},
                                       people.journal().reader())
                 .value();
    REQUIRE(FollowJournal({.settings = settings_,
                           .journal = people.journal(),
                           .registry = people.registry(),
                           .index = *index_,
                           .quotas = *quotas_,
                           .log = log})
                .ok());
  }
  ~FollowingScene() { people.journal().Close(); }

  std::vector<uint64_t> Find(const std::string& text, journal::ReferenceKind kind,
                             absl::string_view value) {
    auto filter = search::Filter::Parse(text, people.clock.Now()).value();
    const search::TimeBound bound = filter.time();
    REQUIRE(filter
                .Resolve([&](search::Condition& condition) -> absl::Status {
                  condition.keys =
                      ReferencesInTime(people.journal(), kind, value, bound, people.clock.Now())
                          .value();
                  return absl::OkStatus();
                })
                .ok());
    const auto page = search::Searcher(people.journal().reader(), index_.get(), people.clock)
                          .Search({.filter = std::move(filter)}, [](const auto&) { return true; })
                          .value();
    std::vector<uint64_t> found;
    for (const auto& leaf : page.leaves) found.push_back(leaf.index);
    return found;
  }

  // 23:00 of the year's last day in Viet Nam.
  tests::PeopleJournal people{absl::FromUnixSeconds(1'767'196'800)};
  tests::RecordedLog log;
  routing::RateLimiter limiter;

 private:
  settings::v1::JournalSettings settings_;
  std::unique_ptr<QuotaMemory> quotas_;
  std::unique_ptr<search::SearchIndex> index_;
};

TEST_CASE("whoever a request names is found by number and dossier, on both sides of New Year") {
  FollowingScene scene;
  const uint64_t old_year = scene.people.Ask(kPerson, kDossier);
  scene.people.clock.Advance(absl::Hours(2));
  const uint64_t new_year = scene.people.Ask(kPerson, kDossier);
  REQUIRE(scene.people.keeper().AwaitFollowed(absl::Minutes(1)).ok());
  using journal::ReferenceKind;
  const std::vector<uint64_t> both = {new_year, old_year};
  CHECK(scene.Find("subject = 1", ReferenceKind::kSubject, kPerson) == both);
  CHECK(scene.Find("dossier = 1", ReferenceKind::kDossier, kDossier) == both);
  CHECK(scene.Find("subject = 1 time >= 2001-01-01", ReferenceKind::kSubject, kPerson) == both);
  CHECK(scene.Find("subject = 1 time >= 2026-01-01", ReferenceKind::kSubject, kPerson) ==
        std::vector<uint64_t>{new_year});
  CHECK(scene.Find("subject = 1 time < 2026-01-01 time >= 2025-12-01", ReferenceKind::kSubject,
                   kPerson) == std::vector<uint64_t>{old_year});
  CHECK(scene.Find("subject = 1", ReferenceKind::kSubject, "999088000002").empty());
  // A dossier referred to before midnight may stand in a leaf written after it.
  CHECK(ReferencesInTime(scene.people.journal(), ReferenceKind::kDossier, kDossier,
                         {.from = scene.people.clock.Now(), .to = absl::InfiniteFuture()},
                         scene.people.clock.Now())
            ->size() == 2);
}

TEST_CASE("what keeps the follower from going on is logged once, and so is that it goes on") {
  FollowingScene scene;
  telemetry::MetricRegistry metrics;
  AddFollowerMetrics(scene.people.keeper(), scene.people.clock, metrics);
  scene.people.Ask(kPerson, kDossier);
  REQUIRE(scene.people.keeper().AwaitFollowed(absl::Minutes(1)).ok());
  CHECK_THAT(metrics.Exposition(), Catch::Contains("ndx_follower_lag_leaves 0") &&
                                       Catch::Contains("ndx_follower_working 1") &&
                                       Catch::Contains("ndx_intake_keys 1"));
  scene.people.Ask(kPerson, kDossier);
  scene.people.free_bytes = 1024;
  for (int i = 0; i < 2; ++i)
    CHECK_FALSE(scene.people.keeper().AwaitFollowed(absl::Minutes(1)).ok());
  CHECK_THAT(metrics.Exposition(), Catch::Contains("ndx_follower_working 0"));
  CHECK(scene.log.CountOf(telemetry::LogEvent::kFollowerTrouble) == 1);
  scene.people.free_bytes = uint64_t{1} << 40;
  REQUIRE(scene.people.keeper().AwaitFollowed(absl::Minutes(1)).ok());
  CHECK(scene.log.CountOf(telemetry::LogEvent::kFollowerRecovered) == 1);
  CHECK_FALSE(scene.log.Contains(kPerson));
}

}  // namespace
}  // namespace ndx::daemon

#include "ndx/journal/retention_rules.h"

#include <catch2/catch.hpp>

namespace ndx::journal {
namespace {

constexpr char kMethod[] = "/ndx.population.v1.PopulationService/VerifyCitizen";

absl::Status Try(std::optional<uint32_t> level, std::vector<RetentionException> exceptions) {
  return RetentionRules::Make(level, exceptions).status();
}

TEST_CASE("a security level keeps payloads for the longest so many months there are") {
  CHECK(KeepDaysOfLevel(2).value() == 31);
  CHECK(KeepDaysOfLevel(3).value() == 31 + 30 + 31);
  CHECK(KeepDaysOfLevel(4).value() == 31 + 31 + 30 + 31 + 30 + 31);
  CHECK(KeepDaysOfLevel(5).value() == 366);
  CHECK(absl::IsInvalidArgument(KeepDaysOfLevel(1).status()));
  CHECK(absl::IsInvalidArgument(KeepDaysOfLevel(6).status()));
  CHECK(absl::IsInvalidArgument(Try(1, {})));
  CHECK(Try(5, {}).ok());
}

TEST_CASE("without a level everything is kept") {
  CHECK(RetentionRules().For(kMethod).keep_days == 0);
  CHECK(RetentionRules().Retentions().empty());
  CHECK(RetentionRules::Make(std::nullopt, {})->For(kMethod).keep_days == 0);
}

TEST_CASE("the exception of a method goes before that of its service, and that before the level") {
  const auto rules =
      RetentionRules::Make(3, {{.name = "ndx.population.v1.PopulationService", .keep_days = 366},
                               {.name = kMethod, .keep_days = 0},
                               {.name = "ndx.land.v1.LandService", .keep_days = 5}});
  REQUIRE(rules.ok());
  CHECK(rules->For(kMethod).keep_days == 0);
  CHECK(rules->For(kMethod).exception == kMethod);
  CHECK(rules->For("/ndx.population.v1.PopulationService/Other").keep_days == 366);
  CHECK(rules->For("/ndx.land.v1.LandService/Find").exception == "ndx.land.v1.LandService");
  // A name is not a prefix.
  CHECK(rules->For("/ndx.land.v1.LandServiceTwo/Find").keep_days == 92);
  CHECK(rules->For("").keep_days == 92);
  CHECK(rules->Retentions() == std::vector<uint32_t>{5, 92, 366});
}

TEST_CASE("exceptions have bounds") {
  CHECK(Try(2, {{.name = "a.B", .keep_days = kKeepDaysMax}}).ok());
  CHECK(absl::IsInvalidArgument(Try(2, {{.name = "a.B", .keep_days = kKeepDaysMax + 1}})));
  CHECK(absl::IsInvalidArgument(Try(2, {{.name = "", .keep_days = 1}})));
  CHECK(absl::IsInvalidArgument(
      Try(2, {{.name = "a.B", .keep_days = 1}, {.name = "a.B", .keep_days = 1}})));
  std::vector<RetentionException> many;
  for (size_t i = 0; i < kRetentionExceptionsMax; ++i) {
    many.push_back({.name = "a.B" + std::to_string(i), .keep_days = 1});
  }
  CHECK(Try(2, many).ok());
  many.push_back({.name = "a.C", .keep_days = 1});
  CHECK(absl::IsInvalidArgument(Try(2, many)));
  // The level's own is one of them.
  std::vector<RetentionException> different;
  for (uint32_t i = 1; i < kRetentionsMax; ++i) {
    different.push_back({.name = "a.B" + std::to_string(i), .keep_days = i});
  }
  CHECK(Try(2, different).ok());
  different.push_back({.name = "a.C", .keep_days = 100});
  CHECK(absl::IsInvalidArgument(Try(2, different)));
}

TEST_CASE("rules are told from others by their digest") {
  const auto one = RetentionRules::Make(3, {{.name = "a.B", .keep_days = 9}});
  const auto other = RetentionRules::Make(3, {{.name = "a.B", .keep_days = 0}});
  CHECK(one->Digest() == RetentionRules::Make(3, {{.name = "a.B", .keep_days = 9}})->Digest());
  CHECK(one->Digest() != other->Digest());
  CHECK(one->Digest() != RetentionRules().Digest());
}

TEST_CASE("what others have answered is kept as their own rule says, or not at all") {
  v1::JournalLeaf leaf;
  leaf.set_event(v1::JOURNAL_EVENT_ANSWERED);
  leaf.set_method("/a.B/C");
  leaf.set_relayed_to("VN:GOV:G01:ndxp");
  const auto removing = RetentionRules::Make(3, {{.name = "a.D", .keep_days = 9}}, true).value();
  CHECK(removing.DaysOf(leaf) == 0);
  CHECK(removing.AllDays() == std::vector<uint32_t>{0, 9, 92});
  CHECK(removing.Retentions() == std::vector<uint32_t>{9, 92});
  const auto keeping = RetentionRules::Make(3, {{.name = "a.D", .keep_days = 9}}).value();
  CHECK(keeping.DaysOf(leaf) == 92);
  CHECK(keeping.AllDays() == keeping.Retentions());
  CHECK(removing.Digest() != keeping.Digest());
  leaf.set_method("/a.D/C");
  CHECK(removing.DaysOf(leaf) == 9);
  leaf.set_method("/a.B/C");
  leaf.set_event(v1::JOURNAL_EVENT_FAILED);
  CHECK(removing.DaysOf(leaf) == 92);
  leaf.set_event(v1::JOURNAL_EVENT_ANSWERED);
  leaf.set_grpc_status(14);
  CHECK(removing.DaysOf(leaf) == 0);
  leaf.set_submitted_plus_one(1);
  CHECK(removing.DaysOf(leaf) == 92);  // kept: its caller asks for the answer later
  leaf.clear_relayed_to();
  CHECK(removing.DaysOf(leaf) == 92);
  CHECK(RetentionRules().DaysOf(leaf) == std::nullopt);
}

}  // namespace
}  // namespace ndx::journal

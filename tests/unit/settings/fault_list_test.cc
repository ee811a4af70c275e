#include "ndx/settings/fault_list.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::settings {
namespace {

TEST_CASE("a fault names file, line, path and value") {
  FaultList faults;
  CHECK(faults.ToStatus().ok());
  faults.Add({.file = "r.yaml", .line = 3, .path = "systems[0].id"}, "x", "must be a system name");
  CHECK(faults.ToStatus().code() == absl::StatusCode::kInvalidArgument);
  CHECK(faults.ToStatus().message() == "r.yaml:3: systems[0].id: \"x\" must be a system name");
}

TEST_CASE("a long value is cut between characters, and control characters are made visible") {
  FaultList faults;
  const std::string exact(kValueShownMax, 'a');
  faults.Add({}, exact, "is wrong");
  faults.Add({}, exact + "a", "is wrong");
  faults.Add({}, std::string(kValueShownMax - 1, 'a') + "ệ", "is wrong");
  faults.Add({}, "a\x1b[31m", "is wrong");
  CHECK(faults.faults()[0].value == exact);
  CHECK(faults.faults()[1].value == exact + "…");
  CHECK(faults.faults()[2].value == std::string(kValueShownMax - 1, 'a') + "…");
  CHECK(faults.ToStatus().message().find('\x1b') == absl::string_view::npos);
}

TEST_CASE("faults beyond the limit are counted") {
  FaultList faults;
  for (size_t i = 0; i < kFaultsShownMax; ++i) faults.Add({}, "", "fault");
  CHECK_THAT(std::string(faults.ToStatus().message()), !Catch::Contains("more"));
  faults.Add({}, "", "fault");
  CHECK_THAT(std::string(faults.ToStatus().message()), Catch::EndsWith("… and 1 more"));
}

}  // namespace
}  // namespace ndx::settings

#include "ndx/console/code_view.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::console {
namespace {

const absl::CivilDay kReadOn(2026, 3, 2);

absl::StatusOr<v1::ExplainCodeResponse> Explain(const std::string& code,
                                                const std::string& day = "") {
  static const auto snapshot = tests::BuildProbeRegistry(R"(
members:
- {code: H03.90.12, name_vi: Xã A, valid_to: "2025-06-30", successor: H55.990}
- {code: H55.990, name_vi: Phường B, valid_from: "2025-07-01"}
)");
  REQUIRE(snapshot.ok());
  v1::ExplainCodeRequest request;
  request.set_code(code);
  request.set_day(day);
  return ExplainCode(**snapshot, request, kReadOn);
}

std::string ProvinceOnDay(const std::string& code, const std::string& day) {
  const auto explained = Explain(code, day);
  INFO(explained.status());
  REQUIRE(explained.ok());
  for (const auto& meaning : explained->provinces()) {
    if (meaning.on_day()) {
      return absl::StrCat(meaning.name(), meaning.successor_code().empty() ? "" : " → ",
                          meaning.successor_code(), meaning.successor_code().empty() ? "" : " ",
                          meaning.successor_name());
    }
  }
  return "";
}

TEST_CASE("a province code is explained for the day, with what it is part of since") {
  struct Case {
    const char* code;
    const char* before;
    const char* since;
  };
  for (const Case& each : {Case{"15", "Yên Bái → 15 Lào Cai", "Lào Cai"},
                           Case{"24", "Bắc Giang → 24 Bắc Ninh", "Bắc Ninh"},
                           Case{"44", "Quảng Bình → 44 Quảng Trị", "Quảng Trị"},
                           Case{"52", "Bình Định → 52 Gia Lai", "Gia Lai"},
                           Case{"80", "Long An → 80 Tây Ninh", "Tây Ninh"},
                           Case{"82", "Tiền Giang → 82 Đồng Tháp", "Đồng Tháp"},
                           Case{"91", "Kiên Giang → 91 An Giang", "An Giang"},
                           Case{"10", "Lào Cai → 15 Lào Cai", ""}}) {
    INFO(each.code);
    CHECK(ProvinceOnDay(each.code, "2025-06-30") == each.before);
    CHECK(ProvinceOnDay(each.code, "2025-07-01") == each.since);
    CHECK(ProvinceOnDay(each.code, "") == each.since);
  }
}

TEST_CASE("an agency code is found in either spelling, with who took its place") {
  const auto before = Explain("000.12.90.H03", "2025-06-30");
  REQUIRE(before.ok());
  CHECK(before->member().code() == "H03.90.12");
  CHECK(before->member().in_use());
  const auto today = Explain("H03.90.12");
  CHECK_FALSE(today->member().in_use());
  CHECK(today->day() == "2026-03-02");
  CHECK(today->member().successor_code() == "H55.990");
  CHECK(today->member().successor_name() == "Phường B");
  CHECK(today->member().legacy_code() == before->member().legacy_code());
  CHECK_FALSE(Explain("H56")->member().registered());
}

TEST_CASE("a dossier's own day counts") {
  const auto old = Explain("000.12.90.H03-250630-0002");
  INFO(old.status());
  REQUIRE(old.ok());
  CHECK(old->day() == "2025-06-30");
  CHECK(old->member().in_use());
  const auto later = Explain("H03.90.12-20250701-0000001");
  CHECK(later->day() == "2025-07-01");
  CHECK_FALSE(later->member().in_use());
  CHECK(Explain("H03.90.12-20250701-0000001", "2025-06-30")->member().in_use());
}

TEST_CASE("what is no such code is refused without being repeated") {
  for (const char* const bad : {"", "03", "7", "999088000001", "0101234560", "xyz"}) {
    INFO(bad);
    const auto explained = Explain(bad);
    CHECK(absl::IsInvalidArgument(explained.status()));
    if (*bad != '\0') {
      CHECK_THAT(std::string(explained.status().message()),
                 !Catch::Contains(std::string(" ") + bad));
    }
  }
  CHECK(absl::IsInvalidArgument(Explain("15", "2025-13-01").status()));
}

}  // namespace
}  // namespace ndx::console

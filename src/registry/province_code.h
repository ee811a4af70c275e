// Province codes (mã tỉnh) by the day on which they stand: on 2025-07-01 the 63 provinces became 34
// (Nghị quyết 202/2025/QH15), and seven codes came to mean another province: 15, 24, 44, 52, 80, 82
// and 91. A code on a paper of before that day means what it meant then, whenever it is read.
//
// Source: the list of both times that the shared catalogues are filled with, and the resolution for
// what was joined with what; codes since then are those of Quyết định 19/2025/QĐ-TTg.
//
// Thread-safety: constants and thread-safe functions.
#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "ndx/registry/calendar.h"

namespace ndx::registry {

// The first day of the 34.
inline constexpr absl::CivilDay kProvincesJoined(2025, 7, 1);

// A province as it was until the day before.
struct FormerProvince {
  absl::string_view code;  // 2 digits
  absl::string_view name;
};

// A province since then.
struct Province {
  absl::string_view code;  // 2 digits
  absl::string_view name;
  // What was joined into it, itself first; one where nothing changed.
  absl::Span<const FormerProvince> former;
};

// The 34, by code.
absl::Span<const Province> Provinces();

// What a code means, and when.
struct ProvinceMeaning {
  absl::string_view code;
  absl::string_view name;
  DateRange in_use;
  // Of a former province: the one that it is part of today.
  const Province* joined_into = nullptr;
};

// Every meaning that a code has had, the oldest first; none for what never was a province's.
std::vector<ProvinceMeaning> MeaningsOfProvinceCode(absl::string_view code);

// What it means on a day; nothing where it means nothing then.
std::optional<ProvinceMeaning> ProvinceOn(absl::string_view code, absl::CivilDay day);

}  // namespace ndx::registry

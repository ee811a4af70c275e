#include "ndx/tools/ndxctl/terminal.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/json_util.h"
#include "ndx/tools/ndxctl/json_object.h"

namespace ndx::tools::ndxctl {
namespace {

absl::string_view Escape(Colour colour) {
  switch (colour) {
    case Colour::kGood:
      return "\x1b[32m";
    case Colour::kWarning:
      return "\x1b[33m";
    case Colour::kBad:
      return "\x1b[31m";
    case Colour::kDim:
      return "\x1b[2m";
    case Colour::kPlain:
      return "";
  }
  return "";
}

std::optional<std::string> JsonLine(const google::protobuf::Message& message, std::ostream& err) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (status.ok()) return json;
  err << "ndxctl: " << status.ToString() << "\n";
  return std::nullopt;
}

}  // namespace

std::string Terminal::Paint(absl::string_view text, Colour colour) const {
  if (!colours || colour == Colour::kPlain) return std::string(text);
  return absl::StrCat(Escape(colour), text, "\x1b[0m");
}

void Terminal::PrintJson(const google::protobuf::Message& message) {
  if (const auto json = JsonLine(message, err)) out << *json << "\n";
}

void Terminal::PrintJsonOf(absl::string_view node, absl::string_view member,
                           const google::protobuf::Message& message) {
  const auto json = JsonLine(message, err);
  if (json)
    out << R"({"node":)" << JsonText(node) << "," << JsonText(member) << ":" << *json << "}\n";
}

core::Language LanguageOfEnvironment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return absl::StartsWith(value, "vi") ? core::Language::kVietnamese : core::Language::kEnglish;
  }
  return core::Language::kEnglish;
}

bool ColoursOfEnvironment() {
  return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

std::string TimeText(absl::Time time) {
  // Vietnam has had no summer time since 1975; a machine without time zone files shows the same.
  return absl::FormatTime("%Y-%m-%d %H:%M:%E3S", time, absl::FixedTimeZone(7 * 3600));
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return TimeText(absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()));
}

std::string BytesText(uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? absl::StrCat(bytes, " B") : absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

std::string MicrosecondsText(uint64_t us) {
  return absl::StrFormat("%.3f ms", static_cast<double>(us) / 1000);
}

}  // namespace ndx::tools::ndxctl

// Where and how ndxctl writes: streams, format, language, colour.
//
// Thread-safety: thread-compatible.
#pragma once

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "ndx/core/refusal.h"

namespace ndx::tools::ndxctl {

enum class OutputFormat { kTable, kJson };
enum class Colour { kPlain, kGood, kWarning, kBad, kDim };

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  OutputFormat format = OutputFormat::kTable;
  core::Language language = core::Language::kEnglish;
  bool colours = false;

  bool json() const { return format == OutputFormat::kJson; }

  // The text in the operator's language.
  absl::string_view Say(absl::string_view en, absl::string_view vi) const {
    return language == core::Language::kVietnamese ? vi : en;
  }

  // The text in a colour, or as it is where colours are off.
  std::string Paint(absl::string_view text, Colour colour) const;

  // One message as one line of JSON, fields named as in the .proto.
  void PrintJson(const google::protobuf::Message& message);
  // The same as a member of {"node":…,"<member>":…}: several nodes answered.
  void PrintJsonOf(absl::string_view node, absl::string_view member,
                   const google::protobuf::Message& message);
};

// Vietnamese when LC_ALL, else LC_MESSAGES, else LANG begins with "vi".
core::Language LanguageOfEnvironment();

// Colours: only when standard output is a terminal and NO_COLOR is not set.
bool ColoursOfEnvironment();

// 2026-03-02 08:15:00.250, time of Vietnam; empty for an absent time.
std::string TimeText(const google::protobuf::Timestamp& time);
std::string TimeText(absl::Time time);

// 950 B, 1.2 KiB, 3.4 GiB.
std::string BytesText(uint64_t bytes);

// 1.234 ms.
std::string MicrosecondsText(uint64_t us);

}  // namespace ndx::tools::ndxctl

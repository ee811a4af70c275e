#include "ndx/journal/key_rotation.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ndx::journal {
namespace {

constexpr absl::string_view kSigningLine = "signing key";
constexpr absl::string_view kMasterLine = "master key";
constexpr absl::string_view kOld = "old ";
constexpr absl::string_view kNew = "new ";
constexpr absl::string_view kUntil = "both sign until ";
constexpr char kTimeForm[] = "%Y-%m-%dT%H:%M:%SZ";

absl::Status Malformed() {
  return absl::InvalidArgumentError("the note does not say which key follows which");
}

}  // namespace

std::string FormatKeyRotation(const KeyRotation& rotation) {
  const bool signing = rotation.kind == KeyRotation::Kind::kSigning;
  std::string text = absl::StrCat(signing ? kSigningLine : kMasterLine, "\n", kOld,
                                  rotation.old_key, "\n", kNew, rotation.new_key, "\n");
  if (!signing) return text;
  absl::StrAppend(&text, kUntil,
                  absl::FormatTime(kTimeForm, rotation.both_sign_until, absl::UTCTimeZone()), "\n");
  return text;
}

absl::StatusOr<KeyRotation> ParseKeyRotation(absl::string_view note) {
  const std::vector<absl::string_view> lines = absl::StrSplit(note, '\n');
  if (lines.size() < 4) return Malformed();
  KeyRotation rotation;
  if (lines[0] == kMasterLine) rotation.kind = KeyRotation::Kind::kMaster;
  absl::string_view old_key = lines[1];
  absl::string_view new_key = lines[2];
  if (!absl::ConsumePrefix(&old_key, kOld) || !absl::ConsumePrefix(&new_key, kNew)) {
    return Malformed();
  }
  rotation.old_key = std::string(old_key);
  rotation.new_key = std::string(new_key);
  absl::string_view until = lines[3];
  std::string error;
  if (absl::ConsumePrefix(&until, kUntil) &&
      !absl::ParseTime(kTimeForm, until, absl::UTCTimeZone(), &rotation.both_sign_until, &error)) {
    return Malformed();
  }
  if (FormatKeyRotation(rotation) != note) return Malformed();
  return rotation;
}

}  // namespace ndx::journal

// YAML text into any protobuf message, by reflection, with the message as schema.
//
//   ndx::settings::SourceMap sources;
//   ndx::settings::v1::NodeSettings node;
//   NDX_RETURN_IF_ERROR(settings::LoadSettings({"/etc/ndx/node.yaml"}, node, &sources));
//
// Names are the snake_case field names. Durations are "1m30s", "250ms"; sizes (integer fields with
// "bytes" in their name) may be "4MiB"; enums are their names with or without prefix (EFFECT_READ,
// READ, read); bytes are base64; timestamps are RFC 3339. Refused: unknown key, wrong type,
// duplicate key, number out of range, a value outside the bounds of the field's SettingRules, a
// missing required setting, invalid UTF-8, YAML tags, several documents in a file, two settings of
// a oneof. Defaults of SettingRules are filled in, so a reader needs no table of its own.
//
// Several files: lists are joined in the order of the files; a single setting may stand in one of
// them only.
//
// Thread-safety: thread-safe functions. Errors: kInvalidArgument with a line per fault (FaultList),
// kNotFound or kPermissionDenied for files that cannot be read.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "ndx/settings/fault_list.h"
#include "ndx/settings/source_map.h"

namespace ndx::settings {

// Bytes of one configuration file.
inline constexpr size_t kSettingsFileBytesMax = size_t{16} << 20;
// Nesting of one file.
inline constexpr int kSettingsDepthMax = 64;
// Values in one file, each use of an alias counted.
inline constexpr size_t kSettingsNodesMax = 1'000'000;

struct SettingsFile {
  std::string name;  // as errors name it; relative paths in it are relative to its directory
  std::string text;
};

// Reads files, and of directories all *.yaml and *.yml files (not of their subdirectories) in the
// order of their names. kInvalidArgument for a directory without any, a file over
// kSettingsFileBytesMax, or the same file twice.
absl::StatusOr<std::vector<SettingsFile>> ReadSettingsFiles(const std::vector<std::string>& paths);

// Parses and joins; `into` is overwritten. `sources` may be null.
absl::Status ParseSettings(const std::vector<SettingsFile>& files, google::protobuf::Message& into,
                           SourceMap* sources);

// Both.
absl::Status LoadSettings(const std::vector<std::string>& paths, google::protobuf::Message& into,
                          SourceMap* sources);

// What rules say of settings that no text gave: defaults of what is not set are filled in.
// kInvalidArgument where a required one is not set, or one is out of bounds.
absl::Status CompleteSettings(google::protobuf::Message& message);

// The YAML of a message, which ParseSettings() reads back as the same message. What has its default
// value is left out.
std::string SettingsText(const google::protobuf::Message& message);

// A path as meant by the file that names it, absolute: absolute ones unchanged, others taken from
// that file's directory.
std::string ResolvePath(absl::string_view named_in_file, absl::string_view path);

}  // namespace ndx::settings

#include "ndx/settings/settings_loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "message_reader.h"
#include "ndx/core/status_macros.h"
#include "ndx/settings/bounded_reading.h"
#include "yaml_tree.h"

namespace ndx::settings {
namespace {

namespace fs = std::filesystem;

bool IsYaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return absl::NotFoundError(absl::StrCat(path, ": does not exist"));
  if (!fs::is_directory(status)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  fs::directory_iterator entries(path, error);
  if (error) return absl::PermissionDeniedError(absl::StrCat(path, ": ", error.message()));
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (error) return absl::UnavailableError(absl::StrCat(path, ": ", error.message()));
    std::error_code ignored;
    if (entries->is_regular_file(ignored) && IsYaml(entries->path())) {
      files.push_back(entries->path().string());
    }
  }
  if (files.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": has no *.yaml file"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<SettingsFile> ReadFile(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::PermissionDeniedError(absl::StrCat(path, ": cannot be read"));
  std::string text = ReadAtMost(in, kSettingsFileBytesMax);
  if (text.size() > kSettingsFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is over ", kSettingsFileBytesMax, " bytes"));
  }
  return SettingsFile{.name = path, .text = std::move(text)};
}

}  // namespace

absl::StatusOr<std::vector<SettingsFile>> ReadSettingsFiles(const std::vector<std::string>& paths) {
  std::vector<SettingsFile> files;
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    NDX_ASSIGN_OR_RETURN(const std::vector<std::string> names, FilesOf(path));
    for (const std::string& name : names) {
      std::error_code error;
      if (!seen.insert(fs::weakly_canonical(name, error).string()).second) {
        return absl::InvalidArgumentError(absl::StrCat(name, ": is named twice"));
      }
      NDX_ASSIGN_OR_RETURN(SettingsFile file, ReadFile(name));
      files.push_back(std::move(file));
    }
  }
  return files;
}

absl::Status ParseSettings(const std::vector<SettingsFile>& files, google::protobuf::Message& into,
                           SourceMap* sources) {
  into.Clear();
  FaultList faults;
  SourceMap own;
  SourceMap& places = sources == nullptr ? own : *sources;
  places = SourceMap();
  MessageReader reader(into, faults, places);
  bool all_parsed = true;
  for (const SettingsFile& file : files) {
    const size_t before = faults.faults().size();
    const YamlNode root = ParseYaml(file.text, file.name, faults);
    all_parsed = all_parsed && faults.faults().size() == before;
    reader.Read(root, file.name);
  }
  // What stands in a file that could not be parsed would look missing.
  if (all_parsed) reader.ApplyRules();
  return faults.ToStatus();
}

absl::Status CompleteSettings(google::protobuf::Message& message) {
  FaultList faults;
  SourceMap places;
  MessageReader(message, faults, places).ApplyRules();
  return faults.ToStatus();
}

absl::Status LoadSettings(const std::vector<std::string>& paths, google::protobuf::Message& into,
                          SourceMap* sources) {
  NDX_ASSIGN_OR_RETURN(const std::vector<SettingsFile> files, ReadSettingsFiles(paths));
  return ParseSettings(files, into, sources);
}

std::string ResolvePath(absl::string_view named_in_file, absl::string_view path) {
  const fs::path wanted{std::string(path)};
  if (path.empty() || wanted.is_absolute()) return std::string(path);
  const fs::path from = fs::path(std::string(named_in_file)).parent_path();
  return fs::absolute(from / wanted).lexically_normal().string();
}

}  // namespace ndx::settings

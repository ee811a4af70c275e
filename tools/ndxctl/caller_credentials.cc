#include "ndx/tools/ndxctl/caller_credentials.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tools::ndxctl {
namespace {

// The first of these files that is there; the first of all when none is, for the error's sake.
std::filesystem::path FirstOf(const std::vector<std::filesystem::path>& files) {
  std::error_code ignored;
  for (const auto& file : files) {
    if (std::filesystem::exists(file, ignored)) return file;
  }
  return files.front();
}

std::filesystem::path AuthorityBeside(const std::filesystem::path& stem) {
  const std::filesystem::path here = stem.parent_path();
  return FirstOf(
      {here / "ca.crt", here / "ca.pem", here / ".." / "ca.crt", here / ".." / "ca.pem"});
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

absl::StatusOr<CallerCredentials> CallerCredentials::Load(const std::string& as,
                                                          const std::string& directory,
                                                          const std::string& ca_file) {
  std::filesystem::path stem(as);
  if (!stem.has_parent_path() && !directory.empty()) stem = std::filesystem::path(directory) / stem;
  CallerCredentials credentials;
  NDX_ASSIGN_OR_RETURN(credentials.certificate_pem,
                       ReadFile(FirstOf({stem.string() + ".crt", stem.string() + ".pem"})));
  NDX_ASSIGN_OR_RETURN(credentials.key_pem, ReadFile(stem.string() + ".key"));
  NDX_ASSIGN_OR_RETURN(credentials.ca_pem,
                       ReadFile(ca_file.empty() ? AuthorityBeside(stem).string() : ca_file));
  return credentials;
}

}  // namespace ndx::tools::ndxctl

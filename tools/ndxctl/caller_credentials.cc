#include "ndx/tools/ndxctl/caller_credentials.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tools::ndxctl {
namespace {

std::filesystem::path AuthorityBeside(const std::filesystem::path& certificate) {
  std::error_code ignored;
  const std::filesystem::path directory = certificate.parent_path();
  const std::filesystem::path beside = directory / "ca.crt";
  if (std::filesystem::exists(beside, ignored)) return beside;
  return directory / ".." / "ca.crt";
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
  const std::string certificate = stem.string() + ".crt";
  CallerCredentials credentials;
  NDX_ASSIGN_OR_RETURN(credentials.certificate_pem, ReadFile(certificate));
  NDX_ASSIGN_OR_RETURN(credentials.key_pem, ReadFile(stem.string() + ".key"));
  NDX_ASSIGN_OR_RETURN(credentials.ca_pem,
                       ReadFile(ca_file.empty() ? AuthorityBeside(certificate).string() : ca_file));
  return credentials;
}

}  // namespace ndx::tools::ndxctl

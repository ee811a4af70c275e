#include "ndx/anchors/anchor_store.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/time_stamp.h"
#include "ndx/journal/signed_note.h"
#include "ndx/store/directory.h"
#include "ndx/store/file_copy.h"
#include "ndx/store/whole_file.h"

namespace ndx::anchors {
namespace {

constexpr size_t kSizeDigits = 20;
constexpr char kCheckpoint[] = "checkpoint";
constexpr char kCosigned[] = "cosigned";
constexpr char kTokenSuffix[] = ".tsr";

}  // namespace

bool IsAuthorityName(absl::string_view name) {
  return !name.empty() && name.size() <= kAuthorityNameBytesMax &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos &&
         name.front() != '-' && name.back() != '-';
}

std::string AnchorFileName(uint64_t tree_size, absl::string_view ending) {
  return absl::StrFormat("%020d.%s", tree_size, ending);
}

absl::StatusOr<std::unique_ptr<AnchorStore>> AnchorStore::Open(const std::string& directory,
                                                               store::FileFaults* faults) {
  NDX_RETURN_IF_ERROR(store::MakeDirectory(directory, faults));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (!absl::EndsWith(entry.path().string(), store::kUnfinishedSuffix)) continue;
    NDX_RETURN_IF_ERROR(store::RemoveFile(entry.path().string(), faults));
  }
  if (error) return store::PathFailed(directory, error);
  return std::unique_ptr<AnchorStore>(new AnchorStore(directory, faults));
}

absl::StatusOr<std::unique_ptr<AnchorStore>> AnchorStore::OpenReadOnly(
    const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::NotFoundError(absl::StrCat(directory, ": there is no such directory"));
  }
  return std::unique_ptr<AnchorStore>(new AnchorStore(directory, nullptr));
}

std::string AnchorStore::PathOf(uint64_t tree_size, absl::string_view ending) const {
  return absl::StrCat(directory_, "/", AnchorFileName(tree_size, ending));
}

absl::Status AnchorStore::PutCheckpoint(uint64_t tree_size, absl::string_view note) {
  const std::string path = PathOf(tree_size, kCheckpoint);
  std::error_code error;
  if (std::filesystem::exists(path, error)) return absl::OkStatus();
  return store::WriteWholeFile(path, note, faults_);
}

absl::Status AnchorStore::PutCosigned(uint64_t tree_size, absl::string_view note) {
  return store::WriteWholeFile(PathOf(tree_size, kCosigned), note, faults_);
}

absl::Status AnchorStore::PutToken(uint64_t tree_size, absl::string_view authority,
                                   absl::string_view answer) {
  NDX_CHECK(IsAuthorityName(authority));
  return store::WriteWholeFile(PathOf(tree_size, absl::StrCat(authority, kTokenSuffix)), answer,
                               faults_);
}

absl::StatusOr<std::map<uint64_t, std::vector<std::string>>> AnchorStore::List() const {
  std::map<uint64_t, std::vector<std::string>> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    uint64_t size = 0;
    if (name.size() <= kSizeDigits || name[kSizeDigits] != '.' ||
        absl::EndsWith(name, store::kUnfinishedSuffix) ||
        !absl::SimpleAtoi(name.substr(0, kSizeDigits), &size)) {
      continue;
    }
    files[size].push_back(name.substr(kSizeDigits + 1));
  }
  if (error) return store::PathFailed(directory_, error);
  return files;
}

absl::Status AnchorStore::Thin(uint64_t below) {
  NDX_ASSIGN_OR_RETURN(const auto files, List());
  for (const auto& [size, endings] : files) {
    if (size >= below) break;
    bool stamped = false;
    for (const std::string& ending : endings) {
      stamped = stamped || absl::EndsWith(ending, kTokenSuffix);
    }
    if (stamped) continue;
    for (const std::string& ending : endings) {
      NDX_RETURN_IF_ERROR(store::RemoveFile(PathOf(size, ending), faults_));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint64_t>> AnchorStore::Sizes() const {
  NDX_ASSIGN_OR_RETURN(const auto files, List());
  std::vector<uint64_t> sizes;
  sizes.reserve(files.size());
  for (const auto& [size, endings] : files) sizes.push_back(size);
  return sizes;
}

absl::StatusOr<StoredAnchor> AnchorStore::Read(uint64_t tree_size) const {
  NDX_ASSIGN_OR_RETURN(const auto files, List());
  const auto found = files.find(tree_size);
  if (found == files.end()) {
    return absl::NotFoundError(absl::StrCat("there is no anchor at ", tree_size, " leaves"));
  }
  StoredAnchor anchor{.tree_size = tree_size};
  for (const std::string& ending : found->second) {
    const std::string path = PathOf(tree_size, ending);
    absl::string_view authority = ending;
    if (ending == kCheckpoint) {
      NDX_ASSIGN_OR_RETURN(anchor.checkpoint, store::ReadWholeFile(path, journal::kNoteBytesMax));
    } else if (ending == kCosigned) {
      NDX_ASSIGN_OR_RETURN(anchor.cosigned, store::ReadWholeFile(path, journal::kNoteBytesMax));
    } else if (absl::ConsumeSuffix(&authority, kTokenSuffix) && IsAuthorityName(authority)) {
      NDX_ASSIGN_OR_RETURN(anchor.tokens[std::string(authority)],
                           store::ReadWholeFile(path, crypto::kTimeStampAnswerBytesMax));
    }
  }
  return anchor;
}

}  // namespace ndx::anchors

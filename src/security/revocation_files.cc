#include "ndx/security/revocation_files.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::security {
namespace {

// A file system may give two changes that follow each other as shortly the same time.
constexpr absl::Duration kTimesTellApart = absl::Seconds(2);

absl::StatusOr<std::vector<crypto::Certificate>> ReadAuthorities(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::ostringstream content;
  content << file.rdbuf();
  auto authorities = crypto::Certificate::ListFromPem(content.str());
  if (!authorities.ok()) {
    return absl::Status(authorities.status().code(),
                        absl::StrCat(path, ": ", authorities.status().message()));
  }
  return authorities;
}

}  // namespace

bool RevocationFiles::Mark::operator==(const Mark& other) const {
  const auto same = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  return device == other.device && inode == other.inode && size == other.size &&
         same(modified, other.modified) && same(changed, other.changed);
}

RevocationFiles::RevocationFiles(Options options, const core::Clock& clock)
    : options_(std::move(options)), clock_(clock), current_(std::make_shared<Revocations>()) {
  const core::MutexLock lock(looking_);
  authorities_file_.path = options_.ca_file;
  for (const std::string& path : options_.crl_files) files_.push_back({.path = path});
}

std::optional<RevocationFiles::Mark> RevocationFiles::MarkOf(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return std::nullopt;
  return Mark{.device = found.st_dev,
              .inode = found.st_ino,
              .size = found.st_size,
              .modified = found.st_mtim,
              .changed = found.st_ctim};
}

bool RevocationFiles::Changed(Watched& file) const {
  const std::optional<Mark> mark = MarkOf(file.path);
  file.fresh = !file.tried || mark != file.mark;
  if (!file.fresh && file.settled) return false;
  file.tried = true;
  file.mark = mark;
  file.settled =
      !mark.has_value() ||
      absl::AbsDuration(clock_.Now() - absl::TimeFromTimespec(mark->changed)) > kTimesTellApart;
  return true;
}

RevocationFiles::Look RevocationFiles::LookAgain() {
  const core::MutexLock lock(looking_);
  Look look;
  LookAt(/*all=*/false, look);
  return look;
}

absl::Status RevocationFiles::ReadAll() {
  const core::MutexLock lock(looking_);
  Look look;
  LookAt(/*all=*/true, look);
  return look.faults.empty() ? absl::OkStatus() : look.faults.front();
}

void RevocationFiles::LookAt(bool all, Look& look) {
  if (files_.empty()) return;
  // Who may sign decides about every list.
  const bool every = Changed(authorities_file_) || all;
  std::vector<Watched*> changed;
  for (Watched& file : files_) {
    if (Changed(file) || every) changed.push_back(&file);
  }
  if (changed.empty()) return;
  const auto authorities = ReadAuthorities(options_.ca_file);
  if (!authorities.ok()) {
    look.faults.push_back(authorities.status());
  } else {
    for (Watched* file : changed) {
      absl::Status read = Read(*file, *authorities);
      const bool known = !all && !file->fresh && read == file->read;
      file->read = read;
      if (known) continue;
      if (read.ok()) {
        look.read.push_back(file->path);
      } else {
        look.faults.push_back(std::move(read));
      }
    }
  }
  Publish();
}

absl::Status RevocationFiles::Read(Watched& file,
                                   const std::vector<crypto::Certificate>& authorities) const {
  NDX_ASSIGN_OR_RETURN(auto list, crypto::RevocationList::Load(file.path, authorities));
  if (file.list != nullptr && file.list->issuer() == list.issuer() &&
      list.this_update() < file.list->this_update()) {
    return absl::FailedPreconditionError(absl::StrCat(
        file.path, ": is older than the list in force, of ",
        absl::FormatTime(absl::RFC3339_sec, file.list->this_update(), absl::UTCTimeZone())));
  }
  file.list = std::make_shared<const crypto::RevocationList>(std::move(list));
  return absl::OkStatus();
}

void RevocationFiles::Publish() {
  std::vector<Revocations::List> lists;
  std::vector<FileState> states;
  for (const Watched& file : files_) {
    FileState& state = states.emplace_back(FileState{.path = file.path, .sound = file.read.ok()});
    if (file.list == nullptr) continue;
    state.next_update = file.list->next_update();
    lists.push_back(file.list);
  }
  auto current = std::make_shared<const Revocations>(std::move(lists), options_.max_age);
  const core::MutexLock lock(mutex_);
  current_ = std::move(current);
  states_ = std::move(states);
}

std::shared_ptr<const Revocations> RevocationFiles::Current() const {
  const core::MutexLock lock(mutex_);
  return current_;
}

std::vector<RevocationFiles::FileState> RevocationFiles::States() const {
  const core::MutexLock lock(mutex_);
  return states_;
}

}  // namespace ndx::security

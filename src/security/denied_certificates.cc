#include "ndx/security/denied_certificates.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/spki_digest.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/settings/v1/denied_certificates.pb.h"
#include "ndx/store/whole_file.h"

namespace ndx::security {
namespace {

using google::protobuf::util::TimeUtil;

// An empty file has lost its content; it is no empty list.
constexpr absl::string_view kFirstLine = "# ndx: certificates that this node denies, format 1\n";

std::vector<Denial> Sorted(const absl::flat_hash_map<crypto::Digest, Denial>& list) {
  std::vector<Denial> sorted;
  for (const auto& [key, denial] : list) sorted.push_back(denial);
  std::sort(sorted.begin(), sorted.end(), [](const Denial& a, const Denial& b) {
    return std::tie(a.since, a.spki_sha256) < std::tie(b.since, b.spki_sha256);
  });
  return sorted;
}

std::string TextOf(const absl::flat_hash_map<crypto::Digest, Denial>& list) {
  settings::v1::DeniedCertificates file;
  for (const Denial& denial : Sorted(list)) {
    settings::v1::DeniedCertificate& entry = *file.add_certificates();
    entry.set_spki_sha256(registry::SpkiDigestText(denial.spki_sha256));
    *entry.mutable_since() = TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(denial.since));
    entry.set_operator_name(denial.operator_name);
    entry.set_reason(denial.reason);
    entry.set_leaf_index(denial.leaf_index);
  }
  return absl::StrCat(kFirstLine, settings::SettingsText(file));
}

absl::Status Unreadable(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": is no list of denied certificates (", why,
                   "). Put back a copy, or remove the file and deny again what the journal's "
                   "leaves DenyCertificate name."));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeniedCertificates>> DeniedCertificates::Open(std::string path) {
  std::unique_ptr<DeniedCertificates> denied(new DeniedCertificates(std::move(path)));
  const std::string& file = denied->path_;
  const auto text = store::ReadWholeFile(file, settings::kSettingsFileBytesMax);
  if (absl::IsNotFound(text.status())) return denied;
  NDX_RETURN_IF_ERROR(text.status());
  if (!absl::StartsWith(*text, kFirstLine)) return Unreadable(file, "its first line is missing");
  settings::v1::DeniedCertificates kept;
  const absl::Status parsed =
      settings::ParseSettings({{.name = file, .text = *text}}, kept, nullptr);
  if (!parsed.ok()) return Unreadable(file, parsed.message());
  List list;
  for (const settings::v1::DeniedCertificate& entry : kept.certificates()) {
    const auto key = registry::ParseSpkiDigest(entry.spki_sha256());
    if (!key.ok()) return Unreadable(file, key.status().message());
    list[*key] = {.spki_sha256 = *key,
                  .since = absl::FromUnixSeconds(entry.since().seconds()) +
                           absl::Nanoseconds(entry.since().nanos()),
                  .operator_name = entry.operator_name(),
                  .reason = entry.reason(),
                  .leaf_index = entry.leaf_index()};
  }
  denied->Put(std::move(list));
  return denied;
}

std::optional<absl::Time> DeniedCertificates::DeniedSince(const crypto::Digest& spki_sha256) const {
  if (!any_.load(std::memory_order_acquire)) return std::nullopt;
  const core::MutexLock lock(mutex_);
  const auto found = denied_.find(spki_sha256);
  if (found == denied_.end()) return std::nullopt;
  return found->second.since;
}

std::optional<Denial> DeniedCertificates::Find(const crypto::Digest& spki_sha256) const {
  const core::MutexLock lock(mutex_);
  const auto found = denied_.find(spki_sha256);
  if (found == denied_.end()) return std::nullopt;
  return found->second;
}

size_t DeniedCertificates::size() const {
  const core::MutexLock lock(mutex_);
  return denied_.size();
}

std::vector<Denial> DeniedCertificates::All() const { return Sorted(Copy()); }

absl::Status DeniedCertificates::Deny(Denial denial) {
  const core::MutexLock one_at_a_time(writing_);
  List list = Copy();
  if (list.contains(denial.spki_sha256)) {
    return absl::AlreadyExistsError("the certificate is denied already");
  }
  if (list.size() >= kDeniedMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the deny list has its ", kDeniedMax,
                     " certificates; take off what the registry no longer has"));
  }
  list.emplace(denial.spki_sha256, std::move(denial));
  return Keep(std::move(list));
}

absl::Status DeniedCertificates::Allow(const crypto::Digest& spki_sha256) {
  const core::MutexLock one_at_a_time(writing_);
  List list = Copy();
  if (list.erase(spki_sha256) == 0) return absl::NotFoundError("the certificate is not denied");
  return Keep(std::move(list));
}

DeniedCertificates::List DeniedCertificates::Copy() const {
  const core::MutexLock lock(mutex_);
  return denied_;
}

absl::Status DeniedCertificates::Keep(List list) {
  NDX_RETURN_IF_ERROR(store::WriteWholeFile(path_, TextOf(list), nullptr));
  Put(std::move(list));
  return absl::OkStatus();
}

void DeniedCertificates::Put(List list) {
  const core::MutexLock lock(mutex_);
  denied_.swap(list);
  any_.store(!denied_.empty(), std::memory_order_release);
}

}  // namespace ndx::security

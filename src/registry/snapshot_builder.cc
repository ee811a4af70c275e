#include "snapshot_builder.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/limits.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/registry/spki_digest.h"
#include "ndx/settings/nearest_name.h"

namespace ndx::registry {
namespace {

constexpr size_t kVersionBytes = 16;
constexpr size_t kNameBytesMax = 64;
static_assert(kNameBytesMax <= core::kPurposeBytesMax, "a purpose must fit the metadata");

std::string At(absl::string_view list, int index) { return absl::StrCat(list, "[", index, "]"); }

}  // namespace

std::optional<core::SystemId> CanonicalSystemId(absl::string_view id) {
  const auto parsed = core::SystemId::Parse(id);
  if (!parsed.ok()) return std::nullopt;
  const auto member = AgencyCode::Parse(parsed->member());
  if (!member.ok()) return std::nullopt;
  const size_t member_at = static_cast<size_t>(parsed->member().data() - parsed->text().data());
  const auto canonical = core::SystemId::Parse(
      absl::StrCat(parsed->text().substr(0, member_at), member->text(), ":", parsed->system()));
  if (!canonical.ok()) return std::nullopt;
  return *canonical;
}

SnapshotBuilder::SnapshotBuilder(const v1::RegistryDocument& document,
                                 const settings::SourceMap& sources, const RegistrySource& source)
    : document_(document),
      sources_(sources),
      source_(source),
      snapshot_(new RegistrySnapshot()),
      descriptors_(*snapshot_->pool_) {}

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> SnapshotBuilder::Build(
    const std::vector<settings::SettingsFile>& files) {
  BuildPurposes();
  BuildMembers();
  BuildSystems();
  BuildConsumerGroups();
  BuildPeers();
  BuildServices();
  BuildNodeServices();
  BuildPeerServices();
  LinkPeerMethods();
  BuildGrants();
  NDX_RETURN_IF_ERROR(faults_.ToStatus());
  snapshot_->version_ = ContentVersion(files);
  return std::shared_ptr<const RegistrySnapshot>(std::move(snapshot_));
}

// Everything is framed by its length, so that no two contents give the same bytes. Files count by
// their name without directory: the same registry has the same version wherever it is installed.
std::string SnapshotBuilder::ContentVersion(
    const std::vector<settings::SettingsFile>& files) const {
  crypto::Sha256 hash;
  const auto add = [&hash](absl::string_view text) {
    hash.Add(absl::StrCat(text.size(), ":")).Add(text);
  };
  for (const settings::SettingsFile& file : files) {
    add(std::filesystem::path(file.name).filename().string());
    add(file.text);
  }
  for (const auto& [name, bytes] : descriptor_sets_) add(bytes);
  const crypto::Digest digest = hash.Finish();
  return std::string(crypto::AsBytes(digest).substr(0, kVersionBytes));
}

void SnapshotBuilder::Fault(const std::string& path, absl::string_view value,
                            absl::string_view problem) {
  faults_.Add(sources_.Find(path), value, problem);
}

std::string SnapshotBuilder::ResolveFile(const std::string& setting_path,
                                         const std::string& file) const {
  return settings::ResolvePath(sources_.Find(setting_path).file, file);
}

DateRange SnapshotBuilder::ReadDates(absl::string_view from, absl::string_view to,
                                     const std::string& path) {
  DateRange range;
  const auto read = [&](absl::string_view text, absl::string_view name,
                        std::optional<absl::CivilDay>& day) {
    if (text.empty()) return;
    const auto parsed = ParseDay(text);
    if (parsed.ok()) {
      day = *parsed;
    } else {
      Fault(absl::StrCat(path, ".", name), text, parsed.status().message());
    }
  };
  read(from, "valid_from", range.from);
  read(to, "valid_to", range.to);
  if (range.from && range.to && *range.to < *range.from) {
    Fault(absl::StrCat(path, ".valid_to"), to, absl::StrCat("is before valid_from, ", from));
  }
  return range;
}

bool SnapshotBuilder::CheckName(absl::string_view name, const std::string& path) {
  const bool good = !name.empty() && name.size() <= kNameBytesMax &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                             absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' ||
                             c == '_' || c == '.';
                    });
  if (!good) {
    Fault(path, name,
          absl::StrCat("must be lower-case letters, digits, '-', '_' and '.', at most ",
                       kNameBytesMax));
  }
  return good;
}

const SystemEntry* SnapshotBuilder::ResolveSystem(const std::string& id, const std::string& path) {
  const SystemEntry* system = snapshot_->FindSystem(id);
  if (system != nullptr) return system;
  if (!CanonicalSystemId(id)) {
    Fault(path, id, "must be a system name such as VN:GOV:G01:population");
    return nullptr;
  }
  std::vector<std::string> known;
  for (const auto& entry : snapshot_->systems_) known.push_back(entry->id.text());
  Fault(path, id,
        absl::StrCat("is not a system of the registry", settings::NearestHint(id, known)));
  return nullptr;
}

void SnapshotBuilder::BuildPurposes() {
  for (int i = 0; i < document_.purposes_size(); ++i) {
    const v1::Purpose& purpose = document_.purposes(i);
    const std::string path = absl::StrCat(At("purposes", i), ".code");
    CheckName(purpose.code(), path);
    auto entry = std::make_unique<PurposeEntry>(PurposeEntry{
        .code = purpose.code(),
        .name_vi = purpose.name_vi(),
        .name_en = purpose.name_en(),
        .legal_basis = purpose.legal_basis(),
        .in_use = ReadDates(purpose.valid_from(), purpose.valid_to(), At("purposes", i))});
    if (!snapshot_->purpose_by_code_.emplace(entry->code, entry.get()).second) {
      Fault(path, purpose.code(), "is a purpose already");
    }
    snapshot_->purposes_.push_back(std::move(entry));
  }
}

void SnapshotBuilder::BuildMembers() {
  for (int i = 0; i < document_.members_size(); ++i) {
    const v1::Member& member = document_.members(i);
    const std::string path = At("members", i);
    auto code = AgencyCode::Parse(member.code());
    if (!code.ok()) Fault(path + ".code", member.code(), code.status().message());
    auto entry = std::make_unique<MemberEntry>(
        MemberEntry{.code = code.ok() ? *std::move(code) : AgencyCode(),
                    .name_vi = member.name_vi(),
                    .name_en = member.name_en(),
                    .in_use = ReadDates(member.valid_from(), member.valid_to(), path),
                    .contact = member.contact(),
                    .suspended = member.suspended(),
                    .issuer_spki_sha256 = ReadIssuers(member, path)});
    entry->officer_token_keys =
        ReadSigningKeys(member.officer_token_keys(), path + ".officer_token_keys", member.code());
    const std::string& text = entry->code.text();
    if (!text.empty() && !snapshot_->member_by_code_.emplace(text, entry.get()).second) {
      Fault(path + ".code", member.code(), absl::StrCat("is a member already, as ", text));
    }
    snapshot_->members_.push_back(std::move(entry));
  }
  LinkSuccessors();
}

std::vector<crypto::Digest> SnapshotBuilder::ReadIssuers(const v1::Member& member,
                                                         const std::string& path) {
  std::vector<crypto::Digest> issuers;
  for (int i = 0; i < member.issuer_spki_sha256_size(); ++i) {
    const std::string& text = member.issuer_spki_sha256(i);
    const auto digest = ParseSpkiDigest(text);
    if (digest.ok()) {
      issuers.push_back(*digest);
    } else {
      Fault(At(path + ".issuer_spki_sha256", i), text, digest.status().message());
    }
  }
  return issuers;
}

void SnapshotBuilder::LinkSuccessors() {
  for (int i = 0; i < document_.members_size(); ++i) {
    const std::string& successor = document_.members(i).successor();
    if (successor.empty()) continue;
    const std::string path = absl::StrCat(At("members", i), ".successor");
    MemberEntry& entry = *snapshot_->members_[static_cast<size_t>(i)];
    entry.successor = snapshot_->FindMember(successor);
    if (entry.successor == nullptr) {
      std::vector<std::string> known;
      for (const auto& member : snapshot_->members_) known.push_back(member->code.text());
      Fault(
          path, successor,
          absl::StrCat("is not a member of the registry", settings::NearestHint(successor, known)));
    }
    // Two steps at a time against one: they meet only in a circle.
    const MemberEntry* slow = &entry;
    const MemberEntry* fast = entry.successor;
    while (fast != nullptr && fast->successor != nullptr && fast != slow) {
      slow = slow->successor;
      fast = fast->successor->successor;
    }
    if (fast == slow) {
      Fault(path, successor, "leads back to the member itself");
      entry.successor = nullptr;
    }
  }
}

void SnapshotBuilder::BuildSystems() {
  for (int i = 0; i < document_.systems_size(); ++i) {
    const v1::System& system = document_.systems(i);
    const std::string path = At("systems", i);
    const auto id = CanonicalSystemId(system.id());
    if (!id) {
      Fault(path + ".id", system.id(), "must be a system name such as VN:GOV:G01:population");
      continue;
    }
    const MemberEntry* member = snapshot_->FindMember(id->member());
    if (member == nullptr) {
      std::vector<std::string> known;
      for (const auto& entry : snapshot_->members_) known.push_back(entry->code.text());
      Fault(path + ".id", system.id(),
            absl::StrCat("names no member of the registry",
                         settings::NearestHint(id->member(), known)));
      continue;
    }
    auto entry = std::make_unique<SystemEntry>(
        SystemEntry{.id = *id,
                    .member = member,
                    .name_vi = system.name_vi(),
                    .name_en = system.name_en(),
                    .in_use = ReadDates(system.valid_from(), system.valid_to(), path),
                    .suspended = system.suspended(),
                    .share = system.share()});
    if (!snapshot_->system_by_id_.emplace(id->text(), entry.get()).second) {
      Fault(path + ".id", system.id(), absl::StrCat("is a system already, as ", id->text()));
    }
    BuildCertificates(system, path, *entry);
    entry->signing_keys =
        ReadSigningKeys(system.signing_keys(), path + ".signing_keys", id->text());
    snapshot_->systems_.push_back(std::move(entry));
  }
}

void SnapshotBuilder::BuildConsumerGroups() {
  for (int i = 0; i < document_.consumer_groups_size(); ++i) {
    const v1::ConsumerGroup& group = document_.consumer_groups(i);
    const std::string path = At("consumer_groups", i);
    CheckName(group.name(), path + ".name");
    auto entry = std::make_unique<ConsumerGroupEntry>(ConsumerGroupEntry{
        .name = group.name(), .name_vi = group.name_vi(), .name_en = group.name_en()});
    absl::flat_hash_set<const SystemEntry*> listed;
    for (int k = 0; k < group.systems_size(); ++k) {
      const std::string system_path = At(path + ".systems", k);
      const SystemEntry* const system = ResolveSystem(group.systems(k), system_path);
      if (system == nullptr) continue;
      if (!listed.insert(system).second) {
        Fault(system_path, group.systems(k), "is listed already");
        continue;
      }
      entry->systems.push_back(system);
    }
    if (!snapshot_->consumer_group_by_name_.emplace(entry->name, entry.get()).second) {
      Fault(path + ".name", group.name(), "is a group already");
    }
    snapshot_->consumer_groups_.push_back(std::move(entry));
  }
}

void SnapshotBuilder::BuildCertificates(const v1::System& system, const std::string& path,
                                        SystemEntry& entry) {
  for (int i = 0; i < system.certificates_size(); ++i) {
    const v1::RegisteredCertificate& certificate = system.certificates(i);
    const std::string certificate_path = At(path + ".certificates", i);
    const std::string digest_path = certificate_path + ".spki_sha256";
    const auto digest = ParseSpkiDigest(certificate.spki_sha256());
    if (!digest.ok()) {
      Fault(digest_path, certificate.spki_sha256(), digest.status().message());
      continue;
    }
    CertificateEntry registered{
        .spki_sha256 = std::string(crypto::AsBytes(*digest)),
        .registered = ReadDates(certificate.valid_from(), certificate.valid_to(), certificate_path),
        .without_uri = certificate.without_uri()};
    const auto [other, first] =
        snapshot_->system_by_certificate_.emplace(registered.spki_sha256, &entry);
    if (!first) {
      Fault(digest_path, certificate.spki_sha256(),
            absl::StrCat("is registered already, for ", other->second->id.text()));
    }
    entry.certificates.push_back(std::move(registered));
  }
}

}  // namespace ndx::registry

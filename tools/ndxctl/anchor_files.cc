#include "ndx/tools/ndxctl/anchor_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "ndx/anchors/auditor_files.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/key_files.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

constexpr char kJournalKey[] = "journal.vkey";
constexpr char kWitnessKeys[] = "witnesses.vkeys";
constexpr char kNewest[] = "newest.checkpoint";

absl::Status WriteFile(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  if (!out) return absl::UnavailableError(absl::StrCat(path, ": cannot be written"));
  return absl::OkStatus();
}

anchors::StoredAnchor StoredOf(const api::Anchor& anchor) {
  anchors::StoredAnchor stored{.tree_size = anchor.tree_size(),
                               .checkpoint = anchor.checkpoint(),
                               .cosigned = anchor.cosigned()};
  for (const auto& stamp : anchor.time_stamps())
    stored.tokens[stamp.authority()] = stamp.response();
  return stored;
}

absl::Status AddJournalKey(absl::string_view vkey, anchors::AnchorTrust& trust) {
  NDX_ASSIGN_OR_RETURN(auto verifier,
                       journal::NoteVerifier::FromVkey(absl::StripAsciiWhitespace(vkey)));
  trust.journal.push_back(std::move(verifier));
  return absl::OkStatus();
}

absl::Status AddWitnessKey(absl::string_view vkey, anchors::AnchorTrust& trust) {
  NDX_ASSIGN_OR_RETURN(auto verifier,
                       journal::CosignatureVerifier::FromVkey(absl::StripAsciiWhitespace(vkey)));
  trust.witnesses.witnesses.push_back(std::move(verifier));
  return absl::OkStatus();
}

absl::Status AddAuthority(const std::string& name, const std::string& pem,
                          anchors::AnchorTrust& trust) {
  NDX_ASSIGN_OR_RETURN(auto authority, crypto::TimeStampTrust::FromPem(pem));
  trust.authorities.emplace(name, std::move(authority));
  return absl::OkStatus();
}

// The base64 lines of a consistency proof.
std::string ProofLines(const api::Anchor& anchor) {
  std::string lines;
  for (const std::string& hash : anchor.consistency_proof()) {
    absl::StrAppend(&lines, absl::Base64Escape(hash), "\n");
  }
  return lines;
}

absl::StatusOr<journal::TreeHead> HeadOf(const std::string& note,
                                         const anchors::AnchorTrust& trust) {
  NDX_ASSIGN_OR_RETURN(const journal::Checkpoint checkpoint,
                       journal::OpenCheckpoint(note, trust.journal));
  return checkpoint.head;
}

// Whether newest continues the anchor, by the proof in the directory.
bool IsContinued(const std::string& directory, const journal::TreeHead& head,
                 const journal::TreeHead& newest) {
  const auto lines =
      ReadFile(absl::StrCat(directory, "/", anchors::AnchorFileName(head.size, "consistency")));
  if (!lines.ok()) return false;
  std::vector<journal::TreeHash> proof;
  for (const absl::string_view line : absl::StrSplit(*lines, '\n', absl::SkipEmpty())) {
    std::string hash;
    if (!absl::Base64Unescape(line, &hash) || hash.size() != crypto::kDigestBytes) return false;
    proof.push_back(crypto::DigestFromBytes(hash));
  }
  return journal::VerifyConsistency(head, newest, proof).ok();
}

api::Anchor AnchorOf(const anchors::JudgedAnchor& judged) {
  api::Anchor anchor;
  anchor.set_tree_size(judged.head.size);
  anchor.set_fault(judged.fault);
  for (const auto& cosignature : judged.cosignatures) {
    auto& out = *anchor.add_cosignatures();
    out.set_witness(cosignature.witness);
    out.mutable_time()->set_seconds(static_cast<int64_t>(cosignature.unix_seconds));
  }
  for (const auto& stamp : judged.time_stamps) {
    auto& out = *anchor.add_time_stamps();
    out.set_authority(stamp.authority);
    out.set_fault(stamp.fault);
    if (stamp.time.has_value()) {
      out.mutable_time()->set_seconds(absl::ToUnixSeconds(*stamp.time));
    }
  }
  return anchor;
}

absl::StatusOr<anchors::AnchorTrust> ReadTrust(const std::string& directory,
                                               const std::set<std::string>& authorities,
                                               const AnchorKeyFiles& keys) {
  const auto or_own = [&](const std::string& given, const std::string& own) {
    return given.empty() ? absl::StrCat(directory, "/", own) : given;
  };
  anchors::AnchorTrust trust;
  NDX_ASSIGN_OR_RETURN(const std::vector<std::string> vkeys,
                       ReadVkeys({or_own(keys.journal_vkey_file, kJournalKey)}));
  for (const std::string& vkey : vkeys) NDX_RETURN_IF_ERROR(AddJournalKey(vkey, trust));
  NDX_ASSIGN_OR_RETURN(const std::string witnesses,
                       ReadFile(or_own(keys.witness_vkeys_file, kWitnessKeys)));
  for (const absl::string_view line : absl::StrSplit(witnesses, '\n', absl::SkipWhitespace())) {
    NDX_RETURN_IF_ERROR(AddWitnessKey(line, trust));
  }
  for (const std::string& authority : authorities) {
    const auto given = keys.authority_files.find(authority);
    const auto pem = ReadFile(given != keys.authority_files.end()
                                  ? given->second
                                  : absl::StrCat(directory, "/", authority, ".pem"));
    // Without a certificate its tokens do not verify, and the list says so.
    if (pem.ok()) NDX_RETURN_IF_ERROR(AddAuthority(authority, *pem, trust));
  }
  return trust;
}

// Files and commands of one page.
absl::Status AddPage(const api::ListAnchorsResponse& page, anchors::AuditorFiles& all) {
  anchors::AnchorTrust trust;
  std::vector<std::string> vkeys = {page.vkey()};
  vkeys.insert(vkeys.end(), page.former_vkeys().begin(), page.former_vkeys().end());
  for (const std::string& vkey : vkeys) NDX_RETURN_IF_ERROR(AddJournalKey(vkey, trust));
  for (const std::string& vkey : page.witness_vkeys()) {
    NDX_RETURN_IF_ERROR(AddWitnessKey(vkey, trust));
  }
  all.files[kJournalKey] = absl::StrCat(absl::StrJoin(vkeys, "\n"), "\n");
  all.files[kWitnessKeys] = absl::StrCat(absl::StrJoin(page.witness_vkeys(), "\n"), "\n");
  for (const api::Anchor& anchor : page.anchors()) {
    std::map<std::string, std::string> pem;
    for (const auto& stamp : anchor.time_stamps()) {
      if (stamp.certificates().empty()) continue;
      pem[stamp.authority()] = stamp.certificates();
      if (trust.authorities.count(stamp.authority()) == 0) {
        NDX_RETURN_IF_ERROR(AddAuthority(stamp.authority(), stamp.certificates(), trust));
      }
    }
    NDX_ASSIGN_OR_RETURN(anchors::AuditorFiles files,
                         anchors::FilesForAuditor(StoredOf(anchor), trust, pem));
    all.files.merge(files.files);
    all.commands.insert(all.commands.end(), files.commands.begin(), files.commands.end());
    all.files[anchors::AnchorFileName(anchor.tree_size(), "consistency")] = ProofLines(anchor);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteAnchorFiles(const std::vector<api::ListAnchorsResponse>& pages,
                              const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error || !std::filesystem::is_empty(directory, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(directory, ": must be a new or an empty directory"));
  }
  anchors::AuditorFiles all;
  for (const api::ListAnchorsResponse& page : pages) NDX_RETURN_IF_ERROR(AddPage(page, all));
  if (!pages.empty()) all.files[kNewest] = pages.back().newest_checkpoint();
  all.files["verify.sh"] = absl::StrCat(
      "#!/bin/sh\n# Every anchor here, by openssl alone; exit status 0 only if all verify.\n"
      "# Kiểm tra mọi neo trong thư mục này chỉ bằng openssl; mã thoát 0 khi tất cả đều đúng.\n"
      "set -e\ncd \"$(dirname \"$0\")\"\n",
      absl::StrJoin(all.commands, "\n"), "\n");
  for (const auto& [name, content] : all.files) {
    NDX_RETURN_IF_ERROR(WriteFile(absl::StrCat(directory, "/", name), content));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<api::Anchor>> VerifyAnchorFiles(const std::string& directory,
                                                           const AnchorKeyFiles& keys) {
  NDX_ASSIGN_OR_RETURN(const auto store, anchors::AnchorStore::OpenReadOnly(directory));
  NDX_ASSIGN_OR_RETURN(std::vector<uint64_t> sizes, store->Sizes());
  std::reverse(sizes.begin(), sizes.end());
  std::vector<anchors::StoredAnchor> stored;
  std::set<std::string> authorities;
  for (const uint64_t size : sizes) {
    NDX_ASSIGN_OR_RETURN(anchors::StoredAnchor anchor, store->Read(size));
    for (const auto& [authority, token] : anchor.tokens) authorities.insert(authority);
    stored.push_back(std::move(anchor));
  }
  NDX_ASSIGN_OR_RETURN(const anchors::AnchorTrust trust, ReadTrust(directory, authorities, keys));
  NDX_ASSIGN_OR_RETURN(const std::string note, ReadFile(absl::StrCat(directory, "/", kNewest)));
  NDX_ASSIGN_OR_RETURN(const journal::TreeHead newest, HeadOf(note, trust));
  std::vector<api::Anchor> anchors;
  for (const anchors::StoredAnchor& anchor : stored) {
    const anchors::JudgedAnchor judged = anchors::JudgeAnchor(anchor, trust);
    anchors.push_back(AnchorOf(judged));
    anchors.back().set_consistent(judged.fault.empty() &&
                                  IsContinued(directory, judged.head, newest));
  }
  return anchors;
}

bool IsGood(const api::Anchor& anchor) {
  for (const api::AnchorTimeStamp& stamp : anchor.time_stamps()) {
    if (!stamp.has_time()) return false;
  }
  return anchor.fault().empty() && anchor.consistent() &&
         (!anchor.time_stamps().empty() || !anchor.cosignatures().empty());
}

}  // namespace ndx::tools::ndxctl

#include "ndx/daemon/quota_memory.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/calendar.h"
#include "ndx/store/whole_file.h"

namespace ndx::daemon {
namespace {

using journal::v1::JournalLeaf;

constexpr char kTotalsHeader[] = "ndx campaigns 1";
constexpr size_t kTotalsBytesMax = 1 << 20;

// Leaves that end an exchange which was let through, and so took from its grant's quota.
bool TookFromQuota(const JournalLeaf& leaf) {
  const auto event = leaf.event();
  const bool ends = event == journal::v1::JOURNAL_EVENT_ANSWERED ||
                    event == journal::v1::JOURNAL_EVENT_FAILED ||
                    event == journal::v1::JOURNAL_EVENT_IN_DOUBT;
  return ends && leaf.decision().allowed();
}

// By which name the leaf's grant is counted; its own where the registry no longer has it.
std::string QuotaNameOf(const registry::RegistrySnapshot& registry, const JournalLeaf& leaf) {
  const registry::GrantEntry* const grant = registry.FindGrant(leaf.decision().rule());
  return grant == nullptr ? leaf.decision().rule() : routing::QuotaName(*grant, leaf.consumer());
}

bool IsCampaign(const registry::RegistrySnapshot& registry, const std::string& rule) {
  const registry::GrantEntry* const grant = registry.FindGrant(rule);
  return grant != nullptr && grant->campaign_total != 0;
}

// When the earliest campaign of the registry began; nothing where there is no campaign.
std::optional<absl::Time> EarliestCampaign(const registry::RegistrySnapshot& registry) {
  std::optional<absl::Time> earliest;
  for (const auto& grant : registry.grants()) {
    if (grant->campaign_total == 0) continue;
    const absl::Time begins =
        grant->in_force.from.has_value()
            ? absl::FromCivil(*grant->in_force.from, registry::VietnamTimeZone())
            : absl::InfinitePast();
    earliest = std::min(earliest.value_or(begins), begins);
  }
  return earliest;
}

}  // namespace

QuotaMemory::QuotaMemory(Parts parts, absl::Time now)
    : parts_(std::move(parts)), today_(registry::VietnamDay(now)) {}

absl::StatusOr<std::unique_ptr<QuotaMemory>> QuotaMemory::Open(Parts parts, absl::Time now) {
  std::unique_ptr<QuotaMemory> memory(new QuotaMemory(std::move(parts), now));
  NDX_RETURN_IF_ERROR(memory->CountToday());
  NDX_RETURN_IF_ERROR(memory->ReadTotals());
  NDX_RETURN_IF_ERROR(memory->CountSinceTotals());
  for (const auto& [grant, used] : memory->totals_) {
    memory->parts_.limiter.RestoreCampaign(grant, used);
  }
  memory->next_leaf_ = std::min(memory->first_today_, memory->totals_next_);
  return memory;
}

QuotaMemory::~QuotaMemory() { (void)WriteTotals(); }  // else it is counted again

absl::Status QuotaMemory::CountToday() {
  first_today_ = parts_.reader.size();
  const auto registry = parts_.registry.Current();
  journal::ScanRange range{.direction = journal::ScanDirection::kForward};
  range.not_before = absl::FromCivil(today_, registry::VietnamTimeZone());
  std::map<std::string, uint64_t> used;
  NDX_RETURN_IF_ERROR(parts_.reader.Scan(range, [&](const journal::StoredLeaf& stored) {
    first_today_ = std::min(first_today_, stored.index);
    if (TookFromQuota(stored.leaf)) ++used[QuotaNameOf(*registry, stored.leaf)];
    return true;
  }));
  for (const auto& [quota, count] : used) {
    parts_.limiter.Restore({.quota = quota, .day = today_, .used = count});
  }
  return absl::OkStatus();
}

// A file that is not there or cannot be read is none: the journal is counted instead.
absl::Status QuotaMemory::ReadTotals() {
  const auto text = store::ReadWholeFile(parts_.campaign_file, kTotalsBytesMax);
  if (!text.ok()) return absl::OkStatus();
  const std::vector<std::string> lines = absl::StrSplit(absl::StripSuffix(*text, "\n"), '\n');
  uint64_t next = 0;
  const bool formed = lines.size() >= 2 && lines[0] == kTotalsHeader &&
                      absl::SimpleAtoi(lines[1], &next) && next <= parts_.reader.size();
  if (!formed) return absl::OkStatus();
  Totals read;
  for (size_t i = 2; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> entry = absl::StrSplit(lines[i], ' ');
    if (!absl::SimpleAtoi(entry.second, &read[entry.first])) return absl::OkStatus();
  }
  totals_ = std::move(read);
  totals_next_ = totals_written_ = next;
  return absl::OkStatus();
}

absl::Status QuotaMemory::CountSinceTotals() {
  const auto registry = parts_.registry.Current();
  const auto earliest = EarliestCampaign(*registry);
  const uint64_t end = parts_.reader.size();
  if (earliest.has_value()) {
    journal::ScanRange range{.from_index = totals_next_,
                             .direction = journal::ScanDirection::kForward};
    if (totals_next_ == 0) range.not_before = *earliest;
    NDX_RETURN_IF_ERROR(parts_.reader.Scan(range, [&](const journal::StoredLeaf& stored) {
      if (stored.index >= end) return false;
      const std::string& rule = stored.leaf.decision().rule();
      if (TookFromQuota(stored.leaf) && IsCampaign(*registry, rule)) ++totals_[rule];
      return true;
    }));
  }
  totals_next_ = end;
  return absl::OkStatus();
}

absl::Status QuotaMemory::Observe(absl::Span<const journal::FollowedLeaf> leaves) {
  const auto registry = parts_.registry.Current();
  for (const journal::FollowedLeaf& followed : leaves) {
    const JournalLeaf& leaf = followed.leaf.leaf;
    next_leaf_ = followed.leaf.index + 1;
    if (followed.leaf.index >= first_today_) TellPersons(followed);
    if (followed.leaf.index < totals_next_) continue;
    totals_next_ = followed.leaf.index + 1;
    if (TookFromQuota(leaf) && IsCampaign(*registry, leaf.decision().rule())) {
      ++totals_[leaf.decision().rule()];
    }
  }
  return totals_next_ - totals_written_ >= kCampaignLeaves ? WriteTotals() : absl::OkStatus();
}

void QuotaMemory::TellPersons(const journal::FollowedLeaf& followed) {
  const JournalLeaf& leaf = followed.leaf.leaf;
  const absl::Time time = absl::FromUnixNanos(leaf.time_unix_ns());
  if (followed.subjects.empty() || !leaf.decision().allowed() ||
      registry::VietnamDay(time) != today_) {
    return;
  }
  std::vector<std::string> references;
  for (const auto& subject : followed.subjects) references.push_back(subject.hmac());
  parts_.limiter.RestoreSubjects(QuotaNameOf(*parts_.registry.Current(), leaf), today_, references);
}

// Without a campaign there is nothing to save. One that was not used yet saves the next start the
// way through the journal all the same.
absl::Status QuotaMemory::WriteTotals() {
  const bool none = totals_.empty() && !EarliestCampaign(*parts_.registry.Current()).has_value();
  if (none || totals_next_ == totals_written_) return absl::OkStatus();
  std::string text = absl::StrCat(kTotalsHeader, "\n", totals_next_, "\n");
  for (const auto& [grant, used] : totals_) absl::StrAppend(&text, grant, " ", used, "\n");
  NDX_RETURN_IF_ERROR(store::WriteWholeFile(parts_.campaign_file, text, nullptr));
  totals_written_ = totals_next_;
  return absl::OkStatus();
}

}  // namespace ndx::daemon

#include "intake_disposal.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr int64_t kSecondsPerHour = 3600;

}  // namespace

absl::Time BeginOfHour(uint64_t hour) {
  return absl::FromUnixSeconds(static_cast<int64_t>(hour) * kSecondsPerHour);
}

absl::StatusOr<std::vector<uint64_t>> IntakeHours(const store::Database& database) {
  std::vector<uint64_t> hours;
  const auto cursor = database.NewCursor(kKeyFamily);
  const std::string first = IntakeKeyKey(0);
  for (cursor->Seek(first);
       cursor->Valid() && cursor->key().size() == first.size() && cursor->key()[0] == first[0];
       cursor->Next()) {
    hours.push_back(core::ReadBigEndian<uint64_t>(cursor->key().substr(1)));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return hours;
}

absl::StatusOr<Wraps> WrapsKept(const store::Database& database, uint64_t end) {
  Wraps wraps;
  const auto cursor = database.NewCursor(kKeyFamily);
  const std::string last = WrapKeyKey(end);
  for (cursor->Seek(WrapKeyKey(0)); cursor->Valid() && cursor->key() < last; cursor->Next()) {
    v1::WrappedExchangeKey wrap;
    // A damaged one stays, and stands in the way of no hour that is known.
    if (!wrap.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      continue;
    }
    wraps.emplace_back(core::ReadBigEndian<uint64_t>(cursor->key().substr(1)), std::move(wrap));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return wraps;
}

absl::Status IntakeDisposal::Rewrap(uint64_t leaf, store::Batch* batch) const {
  NDX_ASSIGN_OR_RETURN(const crypto::SecretBytes key, parts_.ring.ExchangeKeyOf(leaf));
  NDX_ASSIGN_OR_RETURN(const auto intake, parts_.ring.CurrentIntakeKey());
  batch->Put(kKeyFamily, WrapKeyKey(leaf),
             parts_.ring.Wrap(*intake, key.view()).SerializeAsString());
  return absl::OkStatus();
}

absl::Status IntakeDisposal::ScrubIfDue() {
  const auto due = parts_.database.Get(kMetaFamily, kScrubDueKey);
  if (absl::IsNotFound(due.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(due.status());
  NDX_RETURN_IF_ERROR(parts_.database.Scrub({kKeyFamily}));
  Step("the keys are scrubbed");
  store::Batch batch;
  batch.Delete(kMetaFamily, kScrubDueKey);
  return parts_.database.WriteSynced(batch);
}

absl::Status IntakeDisposal::Run(absl::Time begun_by) {
  std::set<uint64_t> hours;
  NDX_ASSIGN_OR_RETURN(const std::vector<uint64_t> kept, IntakeHours(parts_.database));
  for (const uint64_t hour : kept) {
    if (BeginOfHour(hour) <= begun_by && !parts_.ring.InUse(hour)) hours.insert(hour);
  }
  if (hours.empty()) return ScrubIfDue();
  const uint64_t next_leaf = parts_.subjects.next_leaf();
  NDX_ASSIGN_OR_RETURN(const Wraps wraps, WrapsKept(parts_.database, UINT64_MAX));
  store::Batch batch;
  absl::Status in_the_way;
  for (const auto& [leaf, wrap] : wraps) {
    if (!hours.contains(wrap.intake_hour())) continue;
    if (leaf < next_leaf && parts_.subjects.Moved(leaf).ok()) {
      batch.Delete(kKeyFamily, WrapKeyKey(leaf));
    } else if (parts_.database.Get(kOpenFamily, LeafKey(leaf)).ok()) {
      NDX_RETURN_IF_ERROR(Rewrap(leaf, &batch));
    } else {
      hours.erase(wrap.intake_hour());
      if (leaf < next_leaf) {
        in_the_way = absl::FailedPreconditionError(
            absl::StrCat("the key of record ", leaf, " is damaged and keeps its hour's key"));
      }
    }
  }
  if (hours.empty()) return in_the_way;
  for (const uint64_t hour : hours) batch.Delete(kKeyFamily, IntakeKeyKey(hour));
  batch.Put(kMetaFamily, kScrubDueKey, "1");
  Step("before intake keys are deleted");
  NDX_RETURN_IF_ERROR(parts_.database.WriteSynced(batch));
  for (const uint64_t hour : hours) parts_.ring.Forget(hour);
  Step("intake keys are deleted");
  NDX_RETURN_IF_ERROR(ScrubIfDue());
  return in_the_way;
}

}  // namespace ndx::journal

#include "ndx/console/doubt_tally.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ndx::console {
namespace {

std::string DoubtKey(const journal::v1::JournalLeaf& leaf) {
  return absl::StrCat(leaf.exchange_id(), leaf.consumer());
}

}  // namespace

DoubtTally::Count DoubtTally::Update(const journal::JournalReader& reader) {
  core::MutexLock lock(mutex_);
  if (reader.size() <= count_.counted_to) return count_;
  Count count = count_;
  absl::flat_hash_set<std::string> in_doubt = std::move(in_doubt_);
  uint64_t read = 0;
  const journal::ScanRange range{.from_index = count.counted_to};
  const absl::Status scanned = reader.Scan(range, [&](const journal::StoredLeaf& stored) {
    const journal::v1::JournalLeaf& leaf = stored.leaf;
    switch (leaf.event()) {
      case journal::v1::JOURNAL_EVENT_IN_DOUBT:
        in_doubt.insert(DoubtKey(leaf));
        break;
      // Resolved, or carried out again under its id.
      case journal::v1::JOURNAL_EVENT_RESOLVED:
      case journal::v1::JOURNAL_EVENT_ANSWERED:
      case journal::v1::JOURNAL_EVENT_FAILED:
        in_doubt.erase(DoubtKey(leaf));
        break;
      default:
        break;
    }
    count.counted_to = stored.index + 1;
    return ++read < leaves_per_look_;
  });
  // What was read before a damaged leaf counts; verification names the leaf.
  (void)scanned.ok();
  count.in_doubt = in_doubt.size();
  in_doubt_ = std::move(in_doubt);
  count_ = count;
  return count_;
}

}  // namespace ndx::console

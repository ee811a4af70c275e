#include "ndx/console/doubt_tally.h"

#include "absl/status/status.h"

namespace ndx::console {

DoubtTally::Count DoubtTally::Update(const journal::JournalReader& reader) {
  core::MutexLock lock(mutex_);
  if (reader.size() <= count_.counted_to) return count_;
  Count count = count_;
  uint64_t read = 0;
  const journal::ScanRange range{.from_index = count.counted_to};
  const absl::Status scanned = reader.Scan(range, [&](const journal::StoredLeaf& stored) {
    const auto event = stored.leaf.event();
    if (event == journal::v1::JOURNAL_EVENT_IN_DOUBT) ++count.in_doubt;
    // Only an exchange in doubt is ever resolved.
    if (event == journal::v1::JOURNAL_EVENT_RESOLVED && count.in_doubt > 0) --count.in_doubt;
    count.counted_to = stored.index + 1;
    return ++read < leaves_per_look_;
  });
  // What was read before a damaged leaf counts; verification names the leaf.
  (void)scanned.ok();
  count_ = count;
  return count_;
}

}  // namespace ndx::console

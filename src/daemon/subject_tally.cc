#include "ndx/daemon/subject_tally.h"

#include <string>
#include <vector>

#include "ndx/registry/calendar.h"

namespace ndx::daemon {

absl::Status SubjectTally::Observe(absl::Span<const journal::FollowedLeaf> leaves) {
  for (const journal::FollowedLeaf& followed : leaves) {
    const auto& leaf = followed.leaf.leaf;
    next_leaf_ = followed.leaf.index + 1;
    const absl::Time time = absl::FromUnixNanos(leaf.time_unix_ns());
    if (followed.subjects.empty() || !leaf.decision().allowed() ||
        registry::VietnamDay(time) != today_) {
      continue;
    }
    std::vector<std::string> references;
    for (const auto& subject : followed.subjects) references.push_back(subject.hmac());
    limiter_.RestoreSubjects(leaf.decision().rule(), today_, references);
  }
  return absl::OkStatus();
}

}  // namespace ndx::daemon

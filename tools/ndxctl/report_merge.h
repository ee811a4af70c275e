// Parts of several nodes as one report: an exchange that stands on two nodes is one row that names
// both. Keyed references differ from node to node, so that rows are joined by the exchange id and
// the consumer, which every node that an exchange crosses records alike.
//
// Thread-safety: thread-safe.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/tools/ndxctl/report_part.h"

namespace ndx::tools::ndxctl {

// Judged parts; what was rejected adds nothing but itself as a source. kInvalidArgument if parts
// that hold are about different subjects, or there is none at all.
absl::StatusOr<console::v1::SubjectReport> MergeParts(const std::vector<ReportPart>& parts,
                                                      absl::Time made);

}  // namespace ndx::tools::ndxctl

// A node's report in a file: an evidence bundle (src/journal/README.md) whose leaves are those of
// the exchanges and the one that records the asking, with one file more, subject_report.json: the
// SubjectReportScope, its exchanges without their leaves. `ndx-verify bundle` verifies it like any
// other.
//
// Thread-safety: thread-safe for different files. Blocks on the disk.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/tools/ndxctl/report_part.h"

namespace ndx::tools::ndxctl {

inline constexpr char kReportScopeFile[] = "subject_report.json";

// The bundle must not exist yet; half of one is removed. The part has been judged. Returns the
// SHA-256 of its manifest, hexadecimal.
absl::StatusOr<std::string> WriteReportFile(const ReportPart& part, const std::string& path);

// Reads and judges a bundle. One that does not hold comes back rejected. Errors: kNotFound,
// kInvalidArgument for a file that is no exported report.
absl::StatusOr<ReportPart> ReadReportFile(const std::string& path,
                                          const std::vector<std::string>& vkeys);

}  // namespace ndx::tools::ndxctl

// The sections of a report about a person as they stand on paper, each as blocks for the sheets.
//
// Thread-safety: thread-safe. Ownership: report and words outlive the call.
#pragma once

#include <vector>

#include "ndx/console/v1/subject_report.pb.h"
#include "ndx/tools/ndxctl/report_sheets.h"
#include "ndx/tools/ndxctl/report_words.h"

namespace ndx::tools::ndxctl {

// From the letterhead to the signatures.
std::vector<SheetSection> ReportSections(const console::v1::SubjectReport& report,
                                         const ReportWords& words);

}  // namespace ndx::tools::ndxctl

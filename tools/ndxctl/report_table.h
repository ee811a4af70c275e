// A report about a person on a terminal.
//
// Thread-safety: thread-compatible.
#pragma once

#include "ndx/console/v1/subject_report.pb.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

// Counts, rows, kinds of field, sources; what the report cannot tell goes to the error stream.
void PrintReport(const console::v1::SubjectReport& report, Terminal& terminal);

}  // namespace ndx::tools::ndxctl

// The retention of payloads in words, for whoever looks at the node.
//
// Thread-safety: thread-compatible.
#pragma once

#include "ndx/console/v1/journal_retention_service.pb.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

void PrintRetention(const console::v1::RetentionStatus& status, Terminal& terminal);

}  // namespace ndx::tools::ndxctl

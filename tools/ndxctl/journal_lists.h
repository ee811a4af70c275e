// ndxctl journal list, tail, records.
//
// Thread-safety: thread-compatible.
#pragma once

#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

class CommandLine;

void AddJournalLists(CommandLine& line, command_options::Command& journal);

// One line on the error stream: which time was searched, and what was left out.
void PrintExtent(const console::v1::SearchExtent& extent, uint64_t tree_size, bool of_persons,
                 Terminal& terminal);

}  // namespace ndx::tools::ndxctl

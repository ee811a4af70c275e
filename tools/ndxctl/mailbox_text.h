// The mailbox and the stop switch on the terminal.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "ndx/console/v1/mailbox_service.pb.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

// "kept", "being delivered" … in the terminal's language.
std::string KeptStateText(exchange::v1::OutcomeState state, const Terminal& terminal);

// What a stop order is about.
std::string ScopeText(const api::StopScope& scope, const Terminal& terminal);

// The lines of `ndxctl status`: what is kept, what is stopped.
void PrintMailbox(const api::GetMailboxResponse& mailbox, Terminal& terminal);

}  // namespace ndx::tools::ndxctl

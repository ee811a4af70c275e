// Requests for access as a terminal shows them.
//
// Thread-safety: thread-compatible.
#pragma once

#include "ndx/console/v1/access_request_service.pb.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

// Everything about one: what would be granted, every step, what to do next.
void PrintAccessRequest(const console::v1::AccessRequestView& view, Terminal& terminal);

// One line each.
void PrintAccessRequests(const console::v1::ListAccessRequestsResponse& response,
                         Terminal& terminal);

void PrintExpiringGrants(const console::v1::ListExpiringGrantsResponse& response,
                         Terminal& terminal);

}  // namespace ndx::tools::ndxctl

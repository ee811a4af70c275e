// A call of the operator API whose answer is shown.
//
// Thread-safety: as CommandLine.
#pragma once

#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exit_code.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {

// Calls, and shows the answer: as JSON, or by print(response, terminal). An error is reported.
template <typename Stub, typename Request, typename Response, typename Print>
ExitCode Ask(CommandLine& line,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             const Request& request, Print print) {
  Response response;
  const grpc::Status status = line.client().Call(method, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  if (line.terminal().json()) {
    line.terminal().PrintJson(response);
  } else {
    print(response, line.terminal());
  }
  return ExitCode::kOk;
}

}  // namespace ndx::tools::ndxctl

// A failed call, taken apart for a person: code, reason, whose fault, both texts, what to correct.
//
// Thread-safety: thread-safe functions.
// Source of the details: google.rpc.Status in grpc-status-details-bin (proto/ndx/exchange/v1).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"
#include "ndx/tools/ndxctl/exit_code.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

struct ErrorReport {
  std::string code;    // "PERMISSION_DENIED"
  std::string reason;  // "NO_GRANT"; empty when the error is not of NDX
  std::string fault;   // consumer, bus, provider, network; empty likewise
  std::string text_vi;
  std::string text_en;
  std::string exchange_id;
  std::string retry_after;
  std::vector<std::string> violations;  // "field: description"

  static ErrorReport Of(const grpc::Status& status);
};

// Name of a gRPC status code: "OK", "NOT_FOUND"; a number outside as it is.
std::string CodeName(int code);

// Prints the error to the terminal's error stream (as JSON to its output with --output json) and
// says with what to exit.
ExitCode Report(Terminal& terminal, const grpc::Status& status);

ExitCode ExitCodeOf(const grpc::Status& status);

// What failed on this machine, without a node: prints it and says with what to exit.
ExitCode Explain(const absl::Status& status, Terminal& terminal);

// An error of ndxctl's own.
ExitCode Complain(Terminal& terminal, const std::string& text, ExitCode code);

}  // namespace ndx::tools::ndxctl

// What ndxctl returns to the shell. The table stands in README.md.
#pragma once

namespace ndx::tools::ndxctl {

enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,          // the node or the provider answered with an error
  kUsage = 2,           // the command line is wrong
  kUnreachable = 3,     // the node does not answer
  kNotAllowed = 4,      // the operator lacks a role, or the consumer a grant
  kNotFound = 5,        // no such exchange, service or method
  kNotIntact = 6,       // a journal or a receipt does not verify
  kInDoubt = 7,         // a change was sent and its outcome is not known
  kDoctorFindings = 8,  // doctor found something that must be repaired
};

constexpr int ToInt(ExitCode code) { return static_cast<int>(code); }

}  // namespace ndx::tools::ndxctl

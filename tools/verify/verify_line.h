// The command line of ndx-verify: options, language, and how a verdict becomes an exit code.
//
// Thread-safety: thread-compatible.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "ndx/core/refusal.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::verify {

// What ndx-verify returns to the shell. The table stands in README.md.
enum class ExitCode : int {
  kHolds = 0,
  kDoesNotHold = 1,  // what was given is wrong, or not in the form it claims
  kCannotTry = 2,    // the command line is wrong, or a file cannot be read
};

class VerifyLine {
 public:
  VerifyLine(std::ostream& out, std::ostream& err, core::Language language);

  // argv[0] is the program's name.
  int Run(int argc, const char* const* argv);

  command_options::Program& program() { return program_; }
  core::Language language() const { return language_; }

  // Makes `check` what the command does. An error means that it could not be tried.
  using Check = std::function<absl::Status(Verdict&)>;
  void Bind(command_options::Command& command, const std::string& examples, Check check);

 private:
  std::ostream& out_;
  std::ostream& err_;
  const core::Language language_;
  command_options::Program program_;
  std::string output_ = "text";
  Check check_;
};

// The commands; each function adds one to the command line.
void AddInclusionCommand(VerifyLine& line);
void AddConsistencyCommand(VerifyLine& line);
void AddNoteCommand(VerifyLine& line);
void AddTilesCommand(VerifyLine& line);
void AddReceiptCommand(VerifyLine& line);
void AddBundleCommand(VerifyLine& line);

// Vietnamese when LC_ALL, else LC_MESSAGES, else LANG begins with "vi".
core::Language LanguageOfEnvironment();

}  // namespace ndx::tools::verify

// What every command gets: the terminal, the way to the node, the clock; and where it leaves what
// is to be run once the command line has been read.
//
// Thread-safety: thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/ndxctl/exit_code.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

class OperatorClient;

class CommandLine {
 public:
  CommandLine(Terminal& terminal, const core::Clock& clock);
  ~CommandLine();

  // Reads the command line and runs the command on it. argv[0] is the program's name.
  int Run(int argc, const char* const* argv);

  Terminal& terminal() { return terminal_; }
  const core::Clock& clock() const { return clock_; }
  const std::string& socket() const { return socket_; }

  // Of calls to a node.
  absl::Duration timeout() const { return absl::Seconds(timeout_seconds_); }

  // The operator API; the channel connects when it is first used.
  OperatorClient& client();

  command_options::Program& program() { return program_; }

  // Makes `run` what the command does. Its examples stand at the end of its help.
  using Action = std::function<ExitCode()>;
  void Bind(command_options::Command& command, const std::string& examples, Action run);

 private:
  Terminal& terminal_;
  const core::Clock& clock_;
  command_options::Program program_;
  std::string socket_;
  std::string output_ = "table";
  double timeout_seconds_ = 30;
  std::unique_ptr<OperatorClient> client_;
  Action action_;
};

}  // namespace ndx::tools::ndxctl

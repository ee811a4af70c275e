#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"

#include <sstream>

#include "ndx/core/system_clock.h"
#include "ndx/tools/ndxctl/command_line.h"

namespace ndx::tests {

NdxctlRun RunNdxctl(const std::vector<std::string>& arguments, core::Language language) {
  std::ostringstream out;
  std::ostringstream err;
  tools::ndxctl::Terminal terminal{.out = out, .err = err, .language = language};
  const core::SystemClock clock;
  std::vector<const char*> argv = {"ndxctl"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  tools::ndxctl::CommandLine line(terminal, clock);
  const int code = line.Run(static_cast<int>(argv.size()), argv.data());
  return {.code = code, .out = out.str(), .err = err.str()};
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace ndx::tests

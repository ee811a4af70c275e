// ndxctl: the operator's command line. See README.md.
#include <iostream>

#include "ndx/core/system_clock.h"
#include "ndx/tools/ndxctl/command_line.h"

int main(int argc, char** argv) {
  using namespace ndx::tools::ndxctl;  // NOLINT: the program is of this namespace
  Terminal terminal{.out = std::cout,
                    .err = std::cerr,
                    .language = LanguageOfEnvironment(),
                    .colours = ColoursOfEnvironment()};
  const ndx::core::SystemClock clock;
  return CommandLine(terminal, clock).Run(argc, argv);
}

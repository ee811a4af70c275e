// ndxctl: the operator's command line. See README.md.
#include <iostream>

#include "ndx/core/system_clock.h"
#include "ndx/tools/ndxctl/command_line.h"

int main(int argc, char** argv) {
  namespace ndxctl = ndx::tools::ndxctl;
  ndxctl::Terminal terminal{.out = std::cout,
                            .err = std::cerr,
                            .language = ndxctl::LanguageOfEnvironment(),
                            .colours = ndxctl::ColoursOfEnvironment()};
  const ndx::core::SystemClock clock;
  return ndxctl::CommandLine(terminal, clock).Run(argc, argv);
}

// ndx-verify: an offline verifier of transparency logs and journals. See README.md.
#include <iostream>

#include "ndx/tools/verify/verify_line.h"

int main(int argc, char** argv) {
  namespace verify = ndx::tools::verify;
  return verify::VerifyLine(std::cout, std::cerr, verify::LanguageOfEnvironment()).Run(argc, argv);
}

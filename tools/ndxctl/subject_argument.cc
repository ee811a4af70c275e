#include "ndx/tools/ndxctl/subject_argument.h"

#include <iostream>

#include "absl/strings/ascii.h"

namespace ndx::tools::ndxctl {

absl::StatusOr<std::string> ReadSubject(const std::string& given) {
  if (given != "-") return given;
  std::string line;
  if (std::getline(std::cin, line)) absl::StripAsciiWhitespace(&line);
  if (line.empty()) return absl::InvalidArgumentError("standard input names nobody");
  return line;
}

}  // namespace ndx::tools::ndxctl

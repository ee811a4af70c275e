// ndxctl run inside the test: arguments in, exit code and both streams out.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "ndx/core/refusal.h"

namespace ndx::tests {

struct NdxctlRun {
  int code = 0;
  std::string out;
  std::string err;
};

// The real clock, no colours, English unless asked for.
NdxctlRun RunNdxctl(const std::vector<std::string>& arguments,
                    core::Language language = core::Language::kEnglish);

// Lines of a text, without line feeds.
std::vector<std::string> LinesOf(const std::string& text);

}  // namespace ndx::tests

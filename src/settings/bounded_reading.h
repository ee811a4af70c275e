// Reading a file that somebody else wrote, without taking more memory than it has bytes.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <istream>
#include <string>

namespace ndx::settings {

// All that can be read, but at most bytes_max + 1 bytes: whoever gets more than bytes_max knows
// that there was too much.
std::string ReadAtMost(std::istream& in, size_t bytes_max);

}  // namespace ndx::settings

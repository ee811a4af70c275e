#include "ndx/settings/bounded_reading.h"

#include <algorithm>
#include <array>

namespace ndx::settings {

std::string ReadAtMost(std::istream& in, size_t bytes_max) {
  std::string bytes;
  std::array<char, size_t{64} << 10> piece;
  while (bytes.size() <= bytes_max && in) {
    in.read(piece.data(),
            static_cast<std::streamsize>(std::min(piece.size(), bytes_max + 1 - bytes.size())));
    bytes.append(piece.data(), static_cast<size_t>(in.gcount()));
  }
  return bytes;
}

}  // namespace ndx::settings

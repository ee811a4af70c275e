#include "ndx/settings/bounded_reading.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

namespace ndx::settings {
namespace {

TEST_CASE("all is read up to the limit, and one byte past it tells that there is more") {
  for (const size_t size : {0, 1, 65535, 65536, 65537, 200'000}) {
    const std::string text(size, 'x');
    std::istringstream whole(text);
    CHECK(ReadAtMost(whole, 200'000) == text);
    std::istringstream bounded(text);
    CHECK(ReadAtMost(bounded, 65536).size() == std::min(size, size_t{65537}));
  }
}

}  // namespace
}  // namespace ndx::settings

#include "ndx/transport/gzip.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::transport {
namespace {

std::string Noise(size_t size) {
  std::string bytes;
  uint32_t state = 7;
  for (size_t i = 0; i < size; ++i) {
    state = state * 1664525 + 1013904223;
    bytes.push_back(static_cast<char>(state >> 24));
  }
  return bytes;
}

TEST_CASE("gzip comes back as it was") {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(300'000, 'x'), Noise(300'000)}) {
    const auto back = Gunzip(Gzip(text), 1 << 20, 1000);
    REQUIRE(back.ok());
    CHECK(*back == text);
  }
}

TEST_CASE("the size limit holds at the limit and one past it") {
  const std::string packed = Gzip(std::string(1000, 'x'));
  CHECK(Gunzip(packed, 1000, 100).ok());
  CHECK(absl::IsResourceExhausted(Gunzip(packed, 999, 100).status()));
}

TEST_CASE("the ratio limit holds at the limit and one past it") {
  // Input of a known size whose output is exactly ratio times as long.
  const std::string text = std::string(200'000, 'x');
  const std::string packed = Gzip(text);
  const size_t ratio = text.size() / packed.size();
  CHECK(absl::IsResourceExhausted(Gunzip(packed, 1 << 20, ratio).status()));
  CHECK(Gunzip(packed, 1 << 20, ratio + 1).ok());
  CHECK(Gunzip(Gzip(std::string(kGzipRatioFreeBytes, 'x')), 1 << 20, 1).ok());
  CHECK(absl::IsResourceExhausted(
      Gunzip(Gzip(std::string(kGzipRatioFreeBytes + 1, 'x')), 1 << 20, 1).status()));
}

TEST_CASE("broken gzip is told from a bomb") {
  const std::string packed = Gzip("some text that is long enough to be cut in the middle");
  std::string flipped = packed;
  flipped[packed.size() - 3] ^= 1;
  for (const std::string& bad :
       {std::string(), packed.substr(0, packed.size() - 1), packed.substr(0, 5), flipped,
        packed + "x", std::string("not gzip at all")}) {
    CHECK(absl::IsInternal(Gunzip(bad, 1 << 20, 100).status()));
  }
}

}  // namespace
}  // namespace ndx::transport

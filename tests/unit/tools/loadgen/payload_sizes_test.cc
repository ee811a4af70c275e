#include "ndx/tools/loadgen/payload_sizes.h"

#include <catch2/catch.hpp>
#include <map>

namespace ndx::tools::loadgen {
namespace {

TEST_CASE("payload sizes: a size is written in bytes, KiB or MiB") {
  const auto [text, bytes] = GENERATE(table<const char*, size_t>(
      {{"16", 16}, {"256", 256}, {"4KiB", 4096}, {"64KiB", 65536}, {"16MiB", size_t{16} << 20}}));
  const auto sizes = PayloadSizes::Parse(text);
  REQUIRE(sizes.ok());
  CHECK(sizes->At(0) == bytes);
  CHECK(sizes->At(123'456) == bytes);
  CHECK(sizes->largest() == bytes);
  CHECK(sizes->name() == text);
}

TEST_CASE("payload sizes: what is none is refused") {
  const char* text = GENERATE("", "15", "KiB", "-1", "4kb", "17MiB", "16777217", "mixed",
                              "4294967296", "4194304KiB");
  CHECK(PayloadSizes::Parse(text).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("payload sizes: any thousand requests in a row hold the shares of the mix") {
  const auto sizes = PayloadSizes::Parse("mix");
  REQUIRE(sizes.ok());
  const uint64_t begin = GENERATE(0, 1, 777, 1'000'003);
  std::map<size_t, int> counts;
  for (uint64_t number = begin; number < begin + 1000; ++number) ++counts[sizes->At(number)];
  CHECK(counts ==
        std::map<size_t, int>{
            {2 << 10, 300}, {10 << 10, 600}, {100 << 10, 90}, {2 << 20, 9}, {10 << 20, 1}});
  CHECK(sizes->largest() == size_t{10} << 20);
}

TEST_CASE("payload sizes: large requests of the mix do not come together") {
  const auto sizes = PayloadSizes::Parse("mix");
  REQUIRE(sizes.ok());
  uint64_t last = 0;
  for (uint64_t number = 1; number < 5000; ++number) {
    if (sizes->At(number) < size_t{2} << 20) continue;
    if (last != 0) CHECK(number - last >= 18);
    last = number;
  }
}

}  // namespace
}  // namespace ndx::tools::loadgen

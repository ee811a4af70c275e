#include "ndx/transport/grpc_timeout.h"

#include <catch2/catch.hpp>

namespace ndx::transport {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST_CASE("timeouts are read with every unit, and nothing else is") {
  struct Case {
    const char* text;
    int64_t nanos;
  };
  const Case cases[] = {{"1H", 3600 * kSecond},
                        {"2M", 120 * kSecond},
                        {"3S", 3 * kSecond},
                        {"4m", 4'000'000},
                        {"5u", 5'000},
                        {"6n", 6},
                        {"0n", 0},
                        {"00000001S", kSecond},
                        {"99999999n", 99'999'999},
                        {"99999999H", kTimeoutNanosMax}};
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(ParseGrpcTimeout(c.text) == c.nanos);
  }
  for (const char* bad :
       {"", "S", "1", "100000000n", "1s", "1h", "-1S", "+1S", " 1S", "1 S", "1.5S", "1Sx"}) {
    INFO(bad);
    CHECK_FALSE(ParseGrpcTimeout(bad));
  }
}

TEST_CASE("a timeout never grows on its way, and loses little") {
  for (const int64_t nanos :
       {int64_t{1}, int64_t{99'999'999}, int64_t{100'000'000}, int64_t{100'000'999}, 30 * kSecond,
        30 * kSecond + 1, 99'999'999 * int64_t{1000} + 999, 365 * 86400 * kSecond,
        kTimeoutNanosMax}) {
    const std::string text = FormatGrpcTimeout(nanos);
    INFO(nanos << " as " << text);
    CHECK(text.size() <= 9);
    const int64_t back = ParseGrpcTimeout(text).value();
    CHECK(back <= nanos);
    CHECK(static_cast<double>(back) > static_cast<double>(nanos) * 0.99);
  }
  CHECK(FormatGrpcTimeout(0) == "0n");
  CHECK(FormatGrpcTimeout(-5) == "0n");
  CHECK(FormatGrpcTimeout(99'999'999) == "99999999n");
  CHECK(FormatGrpcTimeout(100'000'000) == "100000u");
}

}  // namespace
}  // namespace ndx::transport

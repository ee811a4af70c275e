#include "ndx/core/exchange_id.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::core {
namespace {

TEST_CASE(
    "a generated id carries the time, the version and the variant, and survives its text form") {
  const tests::FakeClock clock(absl::FromUnixMillis(1'700'000'000'123));
  tests::FakeRandom random(7);
  const ExchangeId id = ExchangeId::Generate(clock, random);
  CHECK(id.unix_ms() == 1'700'000'000'123);
  const std::string text = id.ToString();
  CHECK(text.size() == ExchangeId::kTextLength);
  CHECK(text[14] == '7');
  CHECK(std::string("89ab").find(text[19]) != std::string::npos);
  CHECK(ExchangeId::Parse(text).value() == id);
  CHECK(ExchangeId::FromBytes(id.bytes()).value() == id);
  CHECK(ExchangeId::Generate(clock, random) != id);
}

TEST_CASE("only UUIDs of version 7 are exchange ids") {
  struct Case {
    const char* name;
    const char* text;
    bool good;
  };
  const Case cases[] = {
      {"the example of RFC 9562", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", true},
      {"upper case", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", true},
      {"version 4", "919108f7-52d1-4320-9bac-f847db4148a8", false},
      {"wrong variant", "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f", false},
      {"dash moved", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f", false},
      {"braces", "{017f22e2-79b0-7cc3-98c4-dc0c0c0739}", false},
      {"a letter past f", "017f22g2-79b0-7cc3-98c4-dc0c0c07398f", false},
      {"one too long", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", false},
      {"empty", "", false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(ExchangeId::Parse(c.text).ok() == c.good);
  }
}

}  // namespace
}  // namespace ndx::core

#include "ndx/tools/ndxctl/terminal.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "ndx/console/v1/operator_service.pb.h"

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("the language is that of LC_ALL, LC_MESSAGES or LANG, in this order") {
  struct Case {
    const char* lc_all;
    const char* lc_messages;
    const char* lang;
    core::Language language;
  };
  const Case cases[] = {
      {"", "", "", core::Language::kEnglish},
      {"", "", "vi_VN.UTF-8", core::Language::kVietnamese},
      {"", "en_US.UTF-8", "vi_VN.UTF-8", core::Language::kEnglish},
      {"vi_VN", "en_US.UTF-8", "C", core::Language::kVietnamese},
      {"C", "vi_VN", "vi_VN", core::Language::kEnglish},
  };
  for (const Case& c : cases) {
    setenv("LC_ALL", c.lc_all, 1);
    setenv("LC_MESSAGES", c.lc_messages, 1);
    setenv("LANG", c.lang, 1);
    INFO(c.lc_all << "/" << c.lc_messages << "/" << c.lang);
    CHECK(LanguageOfEnvironment() == c.language);
  }
}

TEST_CASE("no colours where the output is no terminal") {
  // Tests run with their output in a pipe or a file.
  if (isatty(1) == 0) CHECK_FALSE(ColoursOfEnvironment());
  setenv("NO_COLOR", "", 1);
  CHECK_FALSE(ColoursOfEnvironment());
  unsetenv("NO_COLOR");
}

TEST_CASE("times are those of Vietnam, absent ones empty") {
  CHECK(TimeText(absl::FromUnixMillis(1'750'000'000'250)) == "2025-06-15 22:06:40.250");
  google::protobuf::Timestamp time;
  CHECK(TimeText(time).empty());
  time.set_seconds(1'750'000'000);
  CHECK(TimeText(time) == "2025-06-15 22:06:40.000");
}

TEST_CASE("sizes and durations") {
  CHECK(BytesText(0) == "0 B");
  CHECK(BytesText(1023) == "1023 B");
  CHECK(BytesText(1024) == "1.0 KiB");
  CHECK(BytesText(uint64_t{5} << 40) == "5.0 TiB");
  CHECK(BytesText(uint64_t{5} << 50) == "5120.0 TiB");
  CHECK(MicrosecondsText(1234) == "1.234 ms");
}

TEST_CASE("JSON is one line with the names of the contract") {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out};
  console::v1::ExchangeSummary summary;
  summary.set_exchange_id("x");
  summary.set_grpc_status(5);
  terminal.PrintJson(summary);
  CHECK(out.str() == "{\"exchange_id\":\"x\",\"grpc_status\":5}\n");
}

}  // namespace
}  // namespace ndx::tools::ndxctl

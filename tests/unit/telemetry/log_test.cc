#include "ndx/telemetry/log.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

namespace ndx::telemetry {
namespace {

using Catch::Contains;
using Catch::EndsWith;

const absl::Time kTime = absl::FromUnixMillis(1'750'000'000'250);

std::string Line(std::initializer_list<LogField> fields) {
  return FormatLogLine(kTime, LogEvent::kProviderDown,
                       absl::Span<const LogField>(fields.begin(), fields.size()));
}

TEST_CASE("a line says when, how bad, what, and its fields in order") {
  const auto id = core::ExchangeId::Parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").value();
  CHECK(Line({{"provider", "VN:GOV:G01:population"},
              {"attempt", 2},
              {"bytes", size_t{7}},
              {"retry", true},
              {"waited_ms", absl::Microseconds(1500)},
              {"exchange_id", id},
              LogField::Hex("digest", absl::string_view("\x01\xff", 2)),
              {"error", absl::UnavailableError("down")}}) ==
        R"({"time":"2025-06-15T15:06:40.250Z","level":"warning","event":"provider.down",)"
        R"("provider":"VN:GOV:G01:population","attempt":2,"bytes":7,"retry":true,"waited_ms":1.5,)"
        R"("exchange_id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","digest":"01ff",)"
        R"("error":"UNAVAILABLE: down"})");
}

TEST_CASE("personal data is masked: by type, and numbers of nine digits or more by the last net") {
  CHECK_THAT(Line({{"citizen", Redacted<std::string>("001099000001")}}),
             Contains(R"("citizen":"[redacted]")"));
  CHECK_THAT(Line({{"detail", "row 001099000001 of GD4010123456789"}}),
             Contains(R"("detail":"row [redacted] of GD[redacted]")"));
  CHECK_THAT(Line({{"detail", "123456789"}}), Contains(R"("detail":"[redacted]")"));
  CHECK_THAT(Line({{"detail", "port 12345678."}}), Contains(R"("detail":"port 12345678.")"));
  CHECK_THAT(Line({{"error", absl::InternalError("key 001099000001 twice")}}),
             Contains("key [redacted] twice"));
}

TEST_CASE("a line is one line of well-formed JSON whatever the text holds") {
  struct Case {
    const char* name;
    std::string text;
    const char* shown;
  };
  const Case cases[] = {
      {"quotes and backslashes", R"(a"b\c)", R"("v":"a\"b\\c")"},
      {"line feed", "a\nb", R"("v":"a\nb")"},
      {"control characters", std::string("a\0b\x1b[31m\x7f", 9),
       R"("v":"a\u0000b\u001b[31m\u007f")"},
      {"Vietnamese", "chưa rõ kết quả", R"("v":"chưa rõ kết quả")"},
      {"a broken sequence", "a\xc3(b\xff", R"("v":"a\ufffd(b\ufffd")"},
      {"a sequence cut off", "a\xe1\xba", R"("v":"a\ufffd\ufffd")"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string line = Line({{"v", c.text}});
    CHECK_THAT(line, Contains(c.shown));
    CHECK(line.find('\n') == std::string::npos);
  }
  CHECK_THAT(Line({{"v", std::numeric_limits<double>::infinity()}}), Contains(R"("v":null)"));
}

TEST_CASE("a text is cut at its limit, at a character, and the line says so") {
  const std::string at_limit(kLogTextBytesMax, 'a');
  CHECK_THAT(Line({{"v", at_limit}}), EndsWith("a\"}"));
  CHECK_THAT(Line({{"v", at_limit + "b"}}), EndsWith("a\",\"cut\":true}"));
  const std::string split = std::string(kLogTextBytesMax - 1, 'a') + "ế";
  CHECK_THAT(Line({{"v", split}}), EndsWith("a\",\"cut\":true}"));
  CHECK(Line({{"v", split}}).find("\\ufffd") == std::string::npos);
}

TEST_CASE("a line never exceeds its limit and keeps the fields that fit") {
  const std::string text(kLogTextBytesMax, 'a');
  const std::string line = Line({{"a", text}, {"b", text}, {"c", text}, {"d", text}, {"last", 1}});
  CHECK(line.size() <= kLogLineBytesMax);
  CHECK_THAT(line, Contains("\"c\":"));
  CHECK(line.find("\"d\":") == std::string::npos);
  CHECK_THAT(line, Contains("\"last\":1") && EndsWith("\"cut\":true}"));
}

TEST_CASE("one field past the limit is dropped") {
  std::vector<LogField> fields(kLogFieldsMax, LogField("n", 1));
  CHECK_THAT(FormatLogLine(kTime, LogEvent::kNodeReady, fields), EndsWith("\"n\":1}"));
  fields.emplace_back("one_more", 1);
  const std::string line = FormatLogLine(kTime, LogEvent::kNodeReady, fields, 17);
  CHECK_THAT(line, EndsWith("\"suppressed\":17,\"cut\":true}"));
  CHECK(line.find("one_more") == std::string::npos);
}

TEST_CASE("a silent log takes everything and says nothing") {
  SilentLog log;
  log.Write(LogEvent::kNodeReady, {{"a", 1}});
  log.Write(LogEvent::kNodeReady);
}

}  // namespace
}  // namespace ndx::telemetry

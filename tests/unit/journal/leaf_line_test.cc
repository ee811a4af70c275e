#include "ndx/journal/leaf_line.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_replace.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/sealing.h"

namespace ndx::journal {
namespace {

std::string SomeLeaf() {
  v1::JournalLeaf leaf;
  leaf.set_leaf_version(kLeafVersion);
  leaf.set_event(v1::JOURNAL_EVENT_REFUSED);
  leaf.set_exchange_id(std::string(16, '\xfe'));
  leaf.set_time_unix_ns(1772412345678901234);
  leaf.set_consumer("VN:GOV:H55:một \"cửa\"");
  leaf.set_grpc_status(7);
  return EncodeLeaf(leaf).value();
}

TEST_CASE("a leaf comes back from its line") {
  const std::string line = FormatLeafLine(9007199254740991, SomeLeaf()).value();
  CHECK(line.find('\n') == std::string::npos);
  CHECK_THAT(line, Catch::StartsWith("{\"index\":9007199254740991,\"leaf_hash\":\"") &&
                       Catch::Contains("\"event\":\"JOURNAL_EVENT_REFUSED\""));
  const auto parsed = ParseLeafLine(line).value();
  CHECK(parsed.index == 9007199254740991);
  CHECK(parsed.bytes == SomeLeaf());
  CHECK(parsed.leaf.grpc_status() == 7);
}

TEST_CASE("words that are not those of the bytes are found") {
  const std::string line = FormatLeafLine(17, SomeLeaf()).value();
  REQUIRE(ParseLeafLine(line).ok());
  for (const auto& [from, to] :
       {std::pair("\"grpc_status\":7", "\"grpc_status\":0"), std::pair("REFUSED", "ANSWERED"),
        std::pair("\"leaf_hash\":\"", "\"leaf_hash\":\"0"),
        std::pair("1772412345678901234", "1772412345678901235")}) {
    INFO(from);
    const std::string changed = absl::StrReplaceAll(line, {{from, to}});
    REQUIRE(changed != line);
    CHECK(ParseLeafLine(changed).status().code() == absl::StatusCode::kDataLoss);
  }
}

TEST_CASE("what is no line of this form is refused") {
  const std::string line = FormatLeafLine(17, SomeLeaf()).value();
  for (const std::string& bad : {std::string(), std::string("{}"), std::string("[1]"),
                                 absl::StrReplaceAll(line, {{"\"index\":17", "\"index\":-1"}}),
                                 absl::StrReplaceAll(line, {{"\"index\":17", "\"index\":1.5"}}),
                                 absl::StrReplaceAll(line, {{"\"index\":17", "\"index\":1e300"}}),
                                 absl::StrReplaceAll(line, {{"\"record\"", "\"words\""}})}) {
    INFO(bad);
    CHECK_FALSE(ParseLeafLine(bad).ok());
  }
  CHECK_FALSE(FormatLeafLine(1, "no leaf").ok());
}

}  // namespace
}  // namespace ndx::journal

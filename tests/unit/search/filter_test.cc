#include "ndx/search/filter.h"

#include <catch2/catch.hpp>
#include <string>

#include "leaf_list.h"
#include "ndx/search/leaf_match.h"

namespace ndx::search {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);

// The tree as text, fully bracketed.
std::string Shape(const FilterNode& node) {
  std::string out;
  switch (node.kind) {
    case FilterNode::Kind::kEverything:
      return "*";
    case FilterNode::Kind::kCondition:
      out = std::string(FieldOf(node.condition.field).text) + "=" + node.condition.text;
      return node.condition.prefix ? out + "*" : out;
    case FilterNode::Kind::kNot:
      return "!" + Shape(node.children.at(0));
    default:
      for (const FilterNode& child : node.children) {
        if (!out.empty()) out += node.kind == FilterNode::Kind::kAnd ? " & " : " | ";
        out += Shape(child);
      }
      return "(" + out + ")";
  }
}

std::string ShapeOf(const std::string& text) {
  const auto filter = Filter::Parse(text, kNow);
  return filter.ok() ? Shape(filter->root()) : std::string(filter.status().message());
}

FilterFault FaultOf(const std::string& text) {
  FilterFault fault;
  const auto filter = Filter::Parse(text, kNow, &fault);
  CHECK(absl::IsInvalidArgument(filter.status()));
  CHECK_FALSE(fault.vietnamese.empty());
  return fault;
}

TEST_CASE("a filter reads as AIP-160 says: OR binds tighter than AND, side by side means AND") {
  CHECK(ShapeOf("") == "*");
  CHECK(ShapeOf("consumer=a") == "consumer=a");
  CHECK(ShapeOf("consumer = a AND purpose=b OR purpose : c") ==
        "(consumer=a & (purpose=b | purpose=c))");
  CHECK(ShapeOf("(consumer = a AND purpose=b) OR purpose=c") ==
        "((consumer=a & purpose=b) | purpose=c)");
  CHECK(ShapeOf("consumer=a purpose=b") == "(consumer=a & purpose=b)");
  CHECK(ShapeOf("NOT consumer=a -purpose=b procedure!=c") ==
        "(!consumer=a & !purpose=b & !procedure=c)");
  CHECK(ShapeOf("NOT (consumer=a OR purpose=b)") == "!(consumer=a | purpose=b)");
}

TEST_CASE("values hold colons, dots and slashes by themselves, anything else in quotes") {
  CHECK(ShapeOf("consumer = VN:GOV:H55:mot-cua AND method=/a.b.C/D") ==
        "(consumer=VN:GOV:H55:mot-cua & method=/a.b.C/D)");
  CHECK(ShapeOf(R"(purpose = "cấp \"giấy\" phép")") == "purpose=cấp \"giấy\" phép");
  CHECK(ShapeOf("grant='x y'") == "grant=x y");
  CHECK(ShapeOf("method = Verify*") == "method=Verify*");
  CHECK(ShapeOf("outcome=in-doubt OR outcome = Failed") == "(outcome=IN_DOUBT | outcome=FAILED)");
  CHECK(ShapeOf("event = operator_read") == "event=OPERATOR_READ");
  CHECK(ShapeOf("reason = no_grant") == "reason=NO_GRANT");
}

TEST_CASE("a fault says where it is and what to do, in both languages") {
  const auto filter = Filter::Parse("consumer = a AND colour = red", kNow);
  CHECK_THAT(std::string(filter.status().message()),
             Catch::StartsWith("filter, character 18: no field has this name; fields are time, ") &&
                 Catch::Contains(" / không có trường nào"));
  CHECK(FaultOf("consumer").position == 8);
  CHECK(FaultOf("consumer =").position == 10);
  CHECK(FaultOf("consumer = a)").position == 12);
  CHECK(FaultOf("(consumer = a").position == 0);
  CHECK(FaultOf("consumer = \"a").position == 11);
  CHECK(FaultOf("consumer > a").position == 9);
  CHECK(FaultOf("consumer = a*b").position == 11);
  CHECK(FaultOf("duration > fast").position == 11);
  CHECK(FaultOf("request_size > 4XB").position == 15);
  CHECK(FaultOf("status = OK").position == 9);
  CHECK(FaultOf("time > tomorrow").position == 7);
  CHECK(FaultOf("exchange = 17").position == 11);
  CHECK(FaultOf("outcome = good").position == 10);
  CHECK(FaultOf("consumer = a AND").position == 16);
  CHECK(FaultOf("consumer = a ; purpose = b").position == 13);
}

TEST_CASE("no fault repeats a value: it may be somebody's number") {
  for (const std::string text :
       {"subject = 001088012345*", "001088012345 = 1", "subject > 001088012345",
        "subject = 001088012345 001088012345", "time = 001088012345", "status = \"001088012345",
        "outcome = 001088012345", "exchange = 001088012345"}) {
    CAPTURE(text);
    const auto filter = Filter::Parse(text, kNow);
    REQUIRE_FALSE(filter.ok());
    CHECK_THAT(std::string(filter.status().message()), !Catch::Contains("001088012345"));
  }
}

TEST_CASE("sizes of a filter are limited") {
  std::string text = "consumer=a";
  for (size_t i = 1; i < kFilterConditionsMax; ++i) text += " OR consumer=a";
  CHECK(Filter::Parse(text, kNow).ok());
  CHECK_FALSE(Filter::Parse(text + " OR consumer=a", kNow).ok());
  const std::string open(kFilterDepthMax, '(');
  const std::string close(kFilterDepthMax, ')');
  CHECK(Filter::Parse(open + "consumer=a" + close, kNow).ok());
  CHECK_FALSE(Filter::Parse("(" + open + "consumer=a" + close + ")", kNow).ok());
  const std::string consumer = "consumer=";
  CHECK(Filter::Parse(consumer + std::string(kFilterBytesMax - consumer.size(), 'a'), kNow).ok());
  CHECK_FALSE(
      Filter::Parse(consumer + std::string(kFilterBytesMax - consumer.size() + 1, 'a'), kNow).ok());
}

TEST_CASE("there is always a time bound: a day back unless the filter says otherwise") {
  const auto bound = [](const std::string& text) { return Filter::Parse(text, kNow)->time(); };
  CHECK(bound("").from == kNow - absl::Hours(24));
  CHECK(bound("").by_default);
  CHECK(bound("").to == absl::InfiniteFuture());
  CHECK(bound("time >= 2h").from == kNow - absl::Hours(2));
  CHECK_FALSE(bound("time >= 2h").by_default);
  const absl::Time day = absl::FromUnixSeconds(1'740'762'000);  // 2025-03-01 in Viet Nam
  CHECK(bound("time >= 2025-03-01").from == day);
  CHECK(bound("time >= 2025-03-01T07:15").from == day + absl::Minutes(435));
  CHECK(bound("time >= 2025-03-01T00:00:00Z").from == day + absl::Hours(7));
  CHECK(bound("time < 2025-03-01").to == day);
  CHECK(bound("time < 2025-03-01").from == day - absl::Hours(24));
  CHECK(bound("time >= 2025-03-01 AND time <= 2025-03-02").to ==
        day + absl::Hours(24) + absl::Nanoseconds(1));
  // What only one side of an OR says bounds nothing.
  CHECK(bound("time >= 2025-03-01 OR consumer=a").by_default);
}

TEST_CASE("durations, sizes and numbers compare; units are read") {
  auto leaf = TestLeaf(journal::v1::JOURNAL_EVENT_FAILED, 1);
  leaf.set_duration_us(1'500'000);
  leaf.mutable_request()->set_bytes(10'240);
  leaf.set_grpc_status(14);
  const auto passes = [&](const std::string& text) {
    const auto filter = Filter::Parse(text, kNow);
    REQUIRE(filter.ok());
    return Matches(filter->root(), leaf, [](const Condition&) { return false; });
  };
  CHECK(passes("duration = 1.5s"));
  CHECK(passes("duration >= 1500ms AND duration < 1501ms AND duration <= 1m"));
  CHECK_FALSE(passes("duration > 1.5s"));
  CHECK(passes("request_size = 10KiB request_size > 10kB request_size < 1MiB"));
  CHECK(passes("response_size = 0"));
  CHECK(passes("status = 14 AND status != 0"));
}

TEST_CASE("texts compare whole or by their beginning; methods without package and service too") {
  auto leaf = TestLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1);
  leaf.add_relay_path("VN:GOV:H55:lgsp");
  leaf.add_relay_path("VN:GOV:G01:ndxp");
  leaf.mutable_dossier()->set_hmac(std::string(16, 'd'));
  const auto passes = [&](const std::string& text) {
    const auto filter = Filter::Parse(text, kNow);
    REQUIRE(filter.ok());
    return Matches(filter->root(), leaf, [](const Condition&) { return false; });
  };
  CHECK(passes("consumer = VN:GOV:H55*"));
  CHECK_FALSE(passes("consumer = VN:GOV:H55"));
  CHECK(passes("NOT consumer = VN:GOV:H20*"));
  for (const std::string method :
       {"/ndx.population.v1.PopulationService/VerifyCitizen",
        "ndx.population.v1.PopulationService/VerifyCitizen", "PopulationService/VerifyCitizen",
        "VerifyCitizen", "Verify*", "ndx.population*"}) {
    CHECK(passes("method = " + method));
  }
  CHECK_FALSE(passes("method = Citizen"));
  CHECK(passes("service = PopulationService service = ndx.population.v1.PopulationService"));
  CHECK_FALSE(passes("service = VerifyCitizen"));
  CHECK(passes("relay : VN:GOV:H55:lgsp AND relay : VN:GOV:G01*"));
  CHECK_FALSE(passes("relay : VN:GOV:H20*"));
  CHECK(passes("dossier:* AND purpose:*"));
  CHECK_FALSE(passes("officer:*"));
  CHECK_FALSE(passes("procedure:*"));
  CHECK(passes("procedure = \"\""));
  CHECK(passes("exchange = " + TestId(1).ToString()));
  CHECK_FALSE(passes("exchange = " + TestId(2).ToString()));
  CHECK(passes("outcome = answered AND outcome != failed AND event = ANSWERED"));
}

TEST_CASE("references are found by their keys once resolved, and the value is gone then") {
  auto filter = Filter::Parse("dossier = H55-2025-1 AND subject = 001088012345", kNow);
  REQUIRE(filter.ok());
  CHECK(filter->Mentions(FieldName::kSubject));
  CHECK_FALSE(filter->Mentions(FieldName::kOfficer));
  std::string values;
  REQUIRE(filter
              ->Resolve([&](Condition& condition) {
                values += condition.text + " ";
                condition.keys = {std::string(16, 'd')};
                return absl::OkStatus();
              })
              .ok());
  CHECK(values == "H55-2025-1 001088012345 ");
  CHECK_THAT(filter->Canonical(), !Catch::Contains("001088012345"));
  auto leaf = TestLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1);
  const auto concerns = [](const Condition& condition) { return condition.keys.size() == 1; };
  CHECK_FALSE(Matches(filter->root(), leaf, concerns));
  leaf.mutable_dossier()->set_hmac(std::string(16, 'd'));
  CHECK(Matches(filter->root(), leaf, concerns));
}

}  // namespace
}  // namespace ndx::search

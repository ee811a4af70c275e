#include "ndx/console/exchange_view.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ExchangeLeaf;

journal::StoredLeaf Stored(uint64_t index, journal::v1::JournalLeaf leaf) {
  return {.index = index, .bytes = "", .leaf = std::move(leaf)};
}

TEST_CASE("every event of an exchange's course gives it a state, and no other event does") {
  const auto* descriptor = journal::v1::JournalEvent_descriptor();
  int states = 0;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto event = static_cast<journal::v1::JournalEvent>(descriptor->value(i)->number());
    if (StateAfter(event) != v1::EXCHANGE_STATE_UNSPECIFIED) ++states;
  }
  CHECK(states == 6);
  CHECK(StateAfter(journal::v1::JOURNAL_EVENT_OPERATOR_READ) == v1::EXCHANGE_STATE_UNSPECIFIED);
  CHECK(StateAfter(journal::v1::JOURNAL_EVENT_IN_DOUBT) == v1::EXCHANGE_STATE_IN_DOUBT);
}

TEST_CASE("the newest leaf says the state; what it leaves out comes from the ones before") {
  auto opened = ExchangeLeaf(journal::v1::JOURNAL_EVENT_REQUEST_OPENED, 1);
  opened.mutable_request()->set_bytes(77);
  journal::v1::JournalLeaf answered;
  answered.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
  answered.set_exchange_id(opened.exchange_id());
  answered.set_duration_us(1234);
  answered.mutable_response()->set_bytes(9);
  auto read = ExchangeLeaf(journal::v1::JOURNAL_EVENT_OPERATOR_READ, 1);
  const auto summary = SummariseHistory({Stored(4, opened), Stored(6, answered), Stored(9, read)});
  REQUIRE(summary.has_value());
  CHECK(summary->state() == v1::EXCHANGE_STATE_ANSWERED);
  CHECK(summary->leaf_index() == 6);
  CHECK(summary->duration_us() == 1234);
  CHECK(summary->consumer() == "VN:GOV:H55:mot-cua");
  CHECK(summary->method() == "/probe.v1.PeopleService/LookUp");
  CHECK(summary->request_bytes() == 77);
  CHECK(summary->response_bytes() == 9);
  CHECK(summary->exchange_id() == tests::ExchangeIdText(1));
  CHECK_FALSE(SummariseHistory({Stored(9, read)}).has_value());
}

TEST_CASE("asking again under the same id and being refused does not end a doubt") {
  const auto opened = ExchangeLeaf(journal::v1::JOURNAL_EVENT_REQUEST_OPENED, 1);
  const auto doubt = ExchangeLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, 1);
  auto refused = ExchangeLeaf(journal::v1::JOURNAL_EVENT_REFUSED, 1);
  refused.set_error_reason("OUTCOME_UNKNOWN");
  const auto summary = SummariseHistory({Stored(2, opened), Stored(5, doubt), Stored(7, refused)});
  REQUIRE(summary.has_value());
  CHECK(summary->state() == v1::EXCHANGE_STATE_IN_DOUBT);
  CHECK(summary->leaf_index() == 5);
  CHECK(summary->error_reason().empty());

  const auto answered = ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1);
  CHECK(SummariseHistory({Stored(1, refused), Stored(2, opened), Stored(3, answered)})->state() ==
        v1::EXCHANGE_STATE_ANSWERED);
  CHECK(SummariseHistory({Stored(1, refused), Stored(4, refused)})->leaf_index() == 4);
}

TEST_CASE("patterns match whole texts, or beginnings with a star") {
  struct Case {
    const char* text;
    const char* pattern;
    bool matches;
  };
  const Case cases[] = {
      {"VN:GOV:H55:mot-cua", "", true},
      {"VN:GOV:H55:mot-cua", "VN:GOV:H55:mot-cua", true},
      {"VN:GOV:H55:mot-cua", "VN:GOV:H55", false},
      {"VN:GOV:H55:mot-cua", "VN:GOV:H55*", true},
      {"VN:GOV:H5", "VN:GOV:H55*", false},
      {"", "VN*", false},
      {"", "*", true},
  };
  for (const Case& c : cases) {
    INFO(c.text << " / " << c.pattern);
    CHECK(MatchesPattern(c.text, c.pattern) == c.matches);
  }
}

TEST_CASE("a method may be written in four ways") {
  const char* path = "/probe.v1.PeopleService/LookUp";
  for (const char* pattern :
       {"/probe.v1.PeopleService/LookUp", "probe.v1.PeopleService/LookUp", "PeopleService/LookUp",
        "LookUp", "Look*", "PeopleService/*", "probe.v1.*"}) {
    INFO(pattern);
    CHECK(MatchesMethod(path, pattern));
  }
  for (const char* pattern : {"Look", "Service/LookUp", "probe.v1.CatalogueService/*", "lookup"}) {
    INFO(pattern);
    CHECK_FALSE(MatchesMethod(path, pattern));
  }
  CHECK_FALSE(MatchesMethod("", "LookUp"));
}

TEST_CASE("a filter is all of its parts") {
  const auto summary = Summarise(Stored(0, ExchangeLeaf(journal::v1::JOURNAL_EVENT_REFUSED, 1)));
  v1::ExchangeFilter filter;
  const auto matches = [&] { return ExchangeMatcher::Build(filter)->Matches(summary); };
  CHECK(matches());
  filter.add_states(v1::EXCHANGE_STATE_FAILED);
  CHECK_FALSE(matches());
  filter.add_states(v1::EXCHANGE_STATE_REFUSED);
  CHECK(matches());
  filter.set_consumer("VN:GOV:H55*");
  CHECK(matches());
  filter.set_provider("VN:GOV:G02:other");
  CHECK_FALSE(matches());
}

TEST_CASE("a filter is refused when a text is over its limit or a star stands inside") {
  v1::ExchangeFilter filter;
  filter.set_consumer(std::string(ExchangeMatcher::kFilterBytesMax, 'a'));
  CHECK(ExchangeMatcher::Build(filter).ok());
  filter.set_consumer(std::string(ExchangeMatcher::kFilterBytesMax + 1, 'a'));
  CHECK(ExchangeMatcher::Build(filter).status().code() == absl::StatusCode::kInvalidArgument);
  filter.set_consumer("VN:*:mot-cua");
  CHECK_FALSE(ExchangeMatcher::Build(filter).ok());
}

TEST_CASE("times survive their wire form to the nanosecond, before 1970 too") {
  for (const int64_t nanos : {int64_t{0}, int64_t{1'750'000'000'123'456'789}, int64_t{-1}}) {
    const absl::Time time = absl::FromUnixNanos(nanos);
    CHECK(FromTimestamp(ToTimestamp(time)) == time);
    CHECK(ToTimestamp(time).nanos() >= 0);
  }
}

}  // namespace
}  // namespace ndx::console

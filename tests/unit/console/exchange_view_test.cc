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

TEST_CASE("times survive their wire form to the nanosecond, before 1970 too") {
  for (const int64_t nanos : {int64_t{0}, int64_t{1'750'000'000'123'456'789}, int64_t{-1}}) {
    const absl::Time time = absl::FromUnixNanos(nanos);
    CHECK(FromTimestamp(ToTimestamp(time)) == time);
    CHECK(ToTimestamp(time).nanos() >= 0);
  }
}

}  // namespace
}  // namespace ndx::console

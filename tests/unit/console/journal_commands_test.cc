#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/console/verification_record.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

v1::GetExchangeRequest Ask(int number) {
  v1::GetExchangeRequest request;
  request.set_exchange_id(ExchangeIdText(number));
  return request;
}

TEST_CASE("exchanges are listed over the wire, page by page") {
  ConsoleFixture fixture;
  for (int i = 0; i < 3; ++i) fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  v1::ListExchangesRequest request;
  request.set_page_size(2);
  v1::ListExchangesResponse page;
  {
    grpc::ClientContext context;
    REQUIRE(fixture.stub().ListExchanges(&context, request, &page).ok());
  }
  CHECK(page.exchanges_size() == 2);
  request.set_cursor(page.next_cursor());
  grpc::ClientContext context;
  REQUIRE(fixture.stub().ListExchanges(&context, request, &page).ok());
  REQUIRE(page.exchanges_size() == 1);
  CHECK(page.exchanges(0).exchange_id() == ExchangeIdText(0));
}

v1::ListExchangesRequest SearchFor(const std::string& expression, const std::string& reason) {
  v1::ListExchangesRequest request;
  request.mutable_filter()->set_expression(expression);
  request.set_case_number("17");
  request.set_reason(reason);
  return request;
}

TEST_CASE("a search for a person needs the investigator's role, a case and a reason") {
  const std::string filter = "subject = 001088012345";
  v1::ListExchangesResponse page;
  {
    ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
    grpc::ClientContext context;
    const auto status =
        fixture.stub().ListExchanges(&context, SearchFor(filter, "complaint"), &page);
    CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(fixture.journal().size() == 0);
  }
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_INVESTIGATOR});
  grpc::ClientContext context;
  const auto status = fixture.stub().ListExchanges(&context, SearchFor(filter, ""), &page);
  CHECK(tests::ReasonOf(status) == "OPERATOR_REASON_INVALID");
  grpc::ClientContext records_context;
  v1::ListRecordsRequest records;
  records.set_filter(filter);
  records.set_reason("complaint");
  v1::ListRecordsResponse records_page;
  CHECK(tests::ReasonOf(fixture.stub().ListRecords(&records_context, records, &records_page)) ==
        "CASE_NUMBER_MISSING");
  CHECK(fixture.journal().size() == 0);
}

TEST_CASE("a search for a person is a leaf before it is a result, and the person stands nowhere") {
  ConsoleFixture fixture;
  for (int i = 0; i < 3; ++i) fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  std::vector<journal::FollowedLeaf> told;
  for (uint64_t i = 0; i < 3; ++i) told.push_back({.leaf = *fixture.journal().Leaf(i)});
  told[1].subjects.emplace_back().set_hmac(ConsoleFixture::ReferenceTo("001088012345"));
  REQUIRE(fixture.search_index().Observe(told).ok());
  const auto request = SearchFor("subject = 001088012345 AND consumer:*", "complaint");
  v1::ListExchangesResponse page;
  {
    grpc::ClientContext context;
    REQUIRE(fixture.stub().ListExchanges(&context, request, &page).ok());
  }
  REQUIRE(page.exchanges_size() == 1);
  CHECK(page.exchanges(0).exchange_id() == ExchangeIdText(1));
  CHECK(page.extent().subjects_to() == 3);
  CHECK(page.read_leaf_index_plus_one() == 4);
  const auto leaf = fixture.journal().Leaf(3)->leaf;
  CHECK(leaf.event() == JOURNAL_EVENT_OPERATOR_READ);
  CHECK(leaf.operator_name() == ConsoleFixture::OperatorName());
  CHECK(leaf.operator_action() == "ListExchanges");
  CHECK(leaf.operator_reason() == "case 17: complaint");
  CHECK_THAT(leaf.SerializeAsString(), !Catch::Contains("001088012345"));
  CHECK_FALSE(fixture.log().Contains("001088012345"));
  // Without the leaf nothing is searched.
  fixture.journal().FailAppends(absl::DataLossError("stopped"));
  grpc::ClientContext context;
  CHECK(tests::ReasonOf(fixture.stub().ListExchanges(&context, request, &page)) ==
        "JOURNAL_UNAVAILABLE");
}

TEST_CASE("the search index is begun anew on an administrator's word") {
  v1::RebuildSearchIndexResponse response;
  {
    ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
    grpc::ClientContext context;
    CHECK(fixture.stub().RebuildSearchIndex(&context, {}, &response).error_code() ==
          grpc::StatusCode::PERMISSION_DENIED);
  }
  ConsoleFixture fixture;
  const uint64_t leaf = fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  REQUIRE(fixture.search_index().Observe({{.leaf = *fixture.journal().Leaf(leaf)}}).ok());
  grpc::ClientContext context;
  REQUIRE(fixture.stub().RebuildSearchIndex(&context, {}, &response).ok());
  CHECK(response.leaves() == 1);
  CHECK(fixture.search_index().indexed() == 0);
}

TEST_CASE("an exchange is shown without payload, and nothing is recorded") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  grpc::ClientContext context;
  v1::GetExchangeResponse response;
  REQUIRE(fixture.stub().GetExchange(&context, Ask(1), &response).ok());
  CHECK(response.leaves_size() == 1);
  CHECK(response.request().messages().empty());
  CHECK(response.read_leaf_index_plus_one() == 0);
  CHECK(fixture.journal().size() == 1);
}

TEST_CASE("a payload needs the investigator's role") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  auto request = Ask(1);
  request.set_include_payload(true);
  request.set_case_number("17");
  request.set_reason("complaint");
  grpc::ClientContext context;
  v1::GetExchangeResponse response;
  const grpc::Status status = fixture.stub().GetExchange(&context, request, &response);
  CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK_THAT(tests::TextOf(status, "en"), Catch::Contains("investigator"));
  CHECK(fixture.journal().size() == 1);
}

TEST_CASE("reading a payload is a leaf with the operator's name, before the payload is given") {
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_INVESTIGATOR});
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  auto request = Ask(1);
  request.set_include_payload(true);
  v1::GetExchangeResponse response;
  {
    grpc::ClientContext context;  // without a case
    const grpc::Status status = fixture.stub().GetExchange(&context, request, &response);
    CHECK(tests::ReasonOf(status) == "CASE_NUMBER_MISSING");
    CHECK_THAT(tests::TextOf(status, "vi"), Catch::Contains("số vụ việc"));
  }
  request.set_case_number("17");
  {
    grpc::ClientContext context;  // without a reason
    const grpc::Status status = fixture.stub().GetExchange(&context, request, &response);
    CHECK(tests::ReasonOf(status) == "OPERATOR_REASON_INVALID");
    CHECK(fixture.journal().size() == 1);
  }
  request.set_reason("complaint");
  {
    grpc::ClientContext context;
    REQUIRE(fixture.stub().GetExchange(&context, request, &response).ok());
  }
  CHECK(response.request().messages(0) == "ask");
  CHECK(response.request().type() == "probe.v1.LookUpRequest");
  CHECK(response.response().messages(0) == "answer");
  CHECK(response.response().type() == "probe.v1.LookUpResponse");
  REQUIRE(response.read_leaf_index_plus_one() == 2);
  const auto leaf = fixture.journal().Leaf(1)->leaf;
  CHECK(leaf.event() == JOURNAL_EVENT_OPERATOR_READ);
  CHECK(leaf.operator_name() == ConsoleFixture::OperatorName());
  CHECK(leaf.operator_reason() == "case 17: complaint");
  CHECK(fixture.log().CountOf(telemetry::LogEvent::kOperatorCommand) == 1);
  CHECK_FALSE(fixture.log().Contains("ask\""));
}

TEST_CASE("no payload is given when the leaf cannot be written") {
  ConsoleFixture fixture;
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  fixture.journal().FailAppends(absl::DataLossError("disk"));
  auto request = Ask(1);
  request.set_include_payload(true);
  request.set_case_number("17");
  request.set_reason("complaint");
  grpc::ClientContext context;
  v1::GetExchangeResponse response;
  const grpc::Status status = fixture.stub().GetExchange(&context, request, &response);
  CHECK(tests::ReasonOf(status) == "JOURNAL_UNAVAILABLE");
  CHECK(response.request().messages().empty());
}

TEST_CASE("an exchange that is not in the journal is NOT_FOUND with a reason") {
  ConsoleFixture fixture;
  grpc::ClientContext context;
  v1::GetExchangeResponse response;
  const grpc::Status status = fixture.stub().GetExchange(&context, Ask(9), &response);
  CHECK(status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(tests::ReasonOf(status) == "EXCHANGE_UNKNOWN");
}

TEST_CASE("a receipt is that of the newest leaf of the exchange's course") {
  ConsoleFixture fixture;
  fixture.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_REQUEST_OPENED, 1));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  fixture.journal().Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 1));
  v1::GetReceiptRequest request;
  request.set_exchange_id(ExchangeIdText(1));
  v1::GetReceiptResponse response;
  grpc::ClientContext context;
  REQUIRE(fixture.stub().GetReceipt(&context, request, &response).ok());
  CHECK(response.receipt().exchange_id() == ExchangeIdText(1));
  CHECK(response.receipt().tlog_proof() == "receipt 1\n");
}

std::vector<v1::VerifyJournalResponse> Verify(ConsoleFixture& fixture) {
  grpc::ClientContext context;
  const auto stream = fixture.stub().VerifyJournal(&context, {});
  std::vector<v1::VerifyJournalResponse> messages;
  v1::VerifyJournalResponse message;
  while (stream->Read(&message)) messages.push_back(message);
  REQUIRE(stream->Finish().ok());
  return messages;
}

TEST_CASE("a verification shows its progress and then its result, which the status keeps") {
  ConsoleFixture fixture;
  fixture.verify_report().leaves = 10;
  const auto messages = Verify(fixture);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].leaves_verified() == 5);
  CHECK_FALSE(messages[0].done());
  CHECK(messages[1].done());
  CHECK(messages[1].intact());
  CHECK_THAT(messages[1].checkpoint(), Catch::StartsWith("mem/journal/1\n"));
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  REQUIRE(fixture.stub().GetStatus(&context, {}, &status).ok());
  CHECK(status.journal().verified_to() == 10);
  CHECK(status.journal().has_verified_time());
}

TEST_CASE("a verification that finds something says what and where, and does not count as done") {
  ConsoleFixture fixture;
  fixture.verify_report().leaves = 10;
  fixture.verify_report().problems.push_back(
      {.first_leaf = 7, .end_leaf = 8, .what = "the leaf's hash is not the tree's"});
  const auto messages = Verify(fixture);
  REQUIRE(messages.back().findings_size() == 1);
  CHECK_FALSE(messages.back().intact());
  CHECK(messages.back().findings(0).leaf_index_plus_one() == 8);
  CHECK_THAT(messages.back().findings(0).text(), Catch::Contains("record 7"));
  grpc::ClientContext context;
  v1::GetStatusResponse status;
  REQUIRE(fixture.stub().GetStatus(&context, {}, &status).ok());
  CHECK_FALSE(status.journal().has_verified_time());
}

TEST_CASE("a verification gives up when its caller does, and lets another begin") {
  ConsoleFixture fixture;
  fixture.verify_report().leaves = 10;
  fixture.VerifyForever();
  for (int begun = 0; begun < 2;) {
    grpc::ClientContext context;
    const auto stream = fixture.stub().VerifyJournal(&context, {});
    v1::VerifyJournalResponse message;
    if (!stream->Read(&message)) {
      // The one before is still on its way out.
      CHECK(stream->Finish().error_code() == grpc::StatusCode::ABORTED);
      continue;
    }
    ++begun;
    CHECK(message.leaves_verified() == 5);
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
}

TEST_CASE("stopping does not wait for a verification to end") {
  ConsoleFixture fixture;
  fixture.VerifyForever();
  grpc::ClientContext context;
  const auto stream = fixture.stub().VerifyJournal(&context, {});
  v1::VerifyJournalResponse message;
  REQUIRE(stream->Read(&message));
  fixture.server().Stop();
  while (stream->Read(&message)) {
  }
  CHECK_FALSE(stream->Finish().ok());
}

TEST_CASE("one verification at a time") {
  VerificationRecord record;
  CHECK(record.TryBegin());
  CHECK_FALSE(record.TryBegin());
  record.End(std::nullopt);
  CHECK_FALSE(record.last().has_value());
  CHECK(record.TryBegin());
  record.End(VerificationRecord::Entry{.leaves = 4, .time = absl::UnixEpoch()});
  CHECK(record.last()->leaves == 4);
}

}  // namespace
}  // namespace ndx::console

#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/v1/subject_report_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

constexpr char kPerson[] = "999085001234";
constexpr char kOther[] = "999085005678";
constexpr char kInsured[] = "insured:9990123456";

v1::ReportSubjectsRequest Ask(const std::vector<std::string>& subjects) {
  v1::ReportSubjectsRequest request;
  for (const std::string& subject : subjects) request.add_subjects(subject);
  request.set_case_number("17");
  request.set_reason("request");
  return request;
}

struct Answer {
  std::vector<v1::ReportSubjectsResponse> messages;
  grpc::Status status;

  std::set<std::string> ids() const {
    std::set<std::string> ids;
    for (const auto& message : messages) {
      if (message.has_exchange()) ids.insert(message.exchange().exchange_id());
    }
    return ids;
  }
  const v1::SubjectReportScope& scope() const { return messages.back().scope(); }
};

// A node whose follower has told the index whom each leaf concerns.
struct SubjectReportCommandFixture {
  explicit SubjectReportCommandFixture(const std::vector<OperatorRole>& roles = tests::AllRoles())
      : console(roles) {}

  void Put(journal::v1::JournalLeaf leaf, const std::vector<std::string>& subjects,
           std::vector<std::string> answer = {"answer"}) {
    const uint64_t index = console.journal().Put(std::move(leaf), {"ask"}, std::move(answer));
    told.push_back({.leaf = console.journal().Leaf(index).value()});
    for (const std::string& subject : subjects) {
      told.back().subjects.emplace_back().set_hmac(ConsoleFixture::ReferenceTo(subject));
    }
  }
  void Index() {
    REQUIRE(console.search_index().Observe(told).ok());
    told.clear();
  }
  Answer Report(const v1::ReportSubjectsRequest& request) {
    grpc::ClientContext context;
    auto stub = v1::SubjectReportService::NewStub(console.channel());
    const auto stream = stub->ReportSubjects(&context, request);
    Answer answer;
    v1::ReportSubjectsResponse message;
    while (stream->Read(&message)) answer.messages.push_back(message);
    answer.status = stream->Finish();
    return answer;
  }

  ConsoleFixture console;
  std::vector<journal::FollowedLeaf> told;
};

TEST_CASE("a report has every exchange of the person and of nobody else, with all its leaves") {
  SubjectReportCommandFixture f;
  f.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1), {kPerson}, {});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {kPerson, kOther});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2), {kOther});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 3), {kPerson});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 3), {});
  f.Index();
  const Answer answer = f.Report(Ask({kPerson}));
  REQUIRE(answer.status.ok());
  REQUIRE(answer.messages.size() == 4);
  const auto& head = answer.messages.front().head();
  CHECK_THAT(head.checkpoint(), Catch::StartsWith("mem/journal/1\n6\n"));
  CHECK(head.vkey() == tests::LeafJournal::Vkey());
  CHECK(head.report_leaf().index() == 5);
  CHECK(head.report_leaf().receipt() == "receipt 5\n");
  CHECK(answer.ids() == std::set<std::string>{ExchangeIdText(1), ExchangeIdText(3)});
  const auto& newest = answer.messages[1].exchange();
  CHECK(newest.exchange_id() == ExchangeIdText(3));
  REQUIRE(newest.leaves_size() == 2);  // what an operator did with it among them
  CHECK(newest.leaves(1).leaf() == f.console.journal().Leaf(4)->bytes);
  CHECK(newest.leaves(1).receipt() == "receipt 4\n");
  CHECK(answer.messages[2].exchange().leaves_size() == 2);
  CHECK(answer.scope().subjects_size() == 1);
  CHECK(answer.scope().report_leaf() == 5);
  CHECK(answer.scope().subjects_to() == 5);
  CHECK_FALSE(answer.scope().partial());
  CHECK(answer.scope().field_sets_size() == 1);
  CHECK(answer.scope().names_size() > 0);
}

TEST_CASE("the asking is a leaf before anything is looked for, and the person stands nowhere") {
  SubjectReportCommandFixture f;
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {kPerson});
  f.Index();
  REQUIRE(f.Report(Ask({kPerson})).status.ok());
  const auto leaf = f.console.journal().Leaf(1)->leaf;
  CHECK(leaf.event() == JOURNAL_EVENT_OPERATOR_READ);
  CHECK(leaf.operator_name() == ConsoleFixture::OperatorName());
  CHECK(leaf.operator_action() == "ReportSubjects");
  CHECK(leaf.operator_reason() == "case 17: request");
  CHECK_THAT(leaf.SerializeAsString(), !Catch::Contains(kPerson));
  CHECK_FALSE(f.console.log().Contains(kPerson));
  f.console.journal().FailAppends(absl::DataLossError("stopped"));
  const Answer refused = f.Report(Ask({kPerson}));
  CHECK(tests::ReasonOf(refused.status) == "JOURNAL_UNAVAILABLE");
  CHECK(refused.messages.empty());
}

TEST_CASE("a report needs the investigator's role and a reason") {
  SubjectReportCommandFixture viewer({settings::v1::OPERATOR_ROLE_VIEWER});
  CHECK(tests::ReasonOf(viewer.Report(Ask({kPerson})).status) == "OPERATOR_ROLE_MISSING");
  SubjectReportCommandFixture f({settings::v1::OPERATOR_ROLE_INVESTIGATOR});
  auto request = Ask({kPerson});
  request.clear_reason();
  CHECK(tests::ReasonOf(f.Report(request).status) == "OPERATOR_REASON_INVALID");
  request.set_reason(absl::StrCat("about ", kPerson));
  CHECK(tests::ReasonOf(f.Report(request).status) == "OPERATOR_REASON_INVALID");
  CHECK(f.console.journal().size() == 0);
}

TEST_CASE("a number that can be nobody's is refused without being repeated") {
  SubjectReportCommandFixture f;
  const std::vector<std::string> good = {kPerson, kInsured, "enterprise:9990123456",
                                         "enterprise:9990123456-001"};
  CHECK(f.Report(Ask(good)).status.ok());
  const uint64_t size = f.console.journal().size();
  for (const std::string bad :
       {"", "99908500123", "9990850012345", "99908500123x", "insured:999012345",
        "insured:999085001234", "enterprise:999012345", "enterprise:9990123456-01",
        "person:999085001234", "' OR subject:*"}) {
    const Answer answer = f.Report(Ask({kPerson, bad}));
    INFO(bad);
    CHECK(answer.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK_THAT(answer.status.error_message(), Catch::Contains("subject 2 is none"));
    if (bad.size() > 3) CHECK_THAT(answer.status.error_message(), !Catch::Contains(bad));
  }
  CHECK(f.Report(Ask({})).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(f.Report(Ask(std::vector<std::string>(9, kPerson))).status.error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(f.console.journal().size() == size);
  CHECK(f.Report(Ask(std::vector<std::string>(8, kPerson))).status.ok());
}

TEST_CASE("all numbers of a person are one report, within the time asked for") {
  SubjectReportCommandFixture f;
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {kPerson});
  f.console.clock().Advance(absl::Hours(400));
  const absl::Time middle = f.console.clock().Now();
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2), {kInsured});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 3), {kOther});
  f.console.clock().Advance(absl::Hours(400));
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 4), {kInsured, kPerson});
  f.Index();
  const std::string one = ExchangeIdText(1);
  const std::string two = ExchangeIdText(2);
  const std::string four = ExchangeIdText(4);
  auto request = Ask({kPerson, kInsured});
  CHECK(f.Report(request).ids() == std::set<std::string>{one, two, four});  // without a time: all
  *request.mutable_from() = ToTimestamp(middle);
  CHECK(f.Report(request).ids() == std::set<std::string>{two, four});
  *request.mutable_to() = ToTimestamp(middle + absl::Hours(1));
  const Answer answer = f.Report(request);
  CHECK(answer.ids() == std::set<std::string>{two});
  CHECK(FromTimestamp(answer.scope().from()) == middle);
  CHECK(FromTimestamp(answer.scope().to()) == middle + absl::Hours(1));
  request.clear_from();
  CHECK(f.Report(request).ids() == std::set<std::string>{one, two});
}

TEST_CASE("a report says that the index is behind, and how an exchange stands all the same") {
  SubjectReportCommandFixture f;
  f.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1), {kPerson}, {});
  f.Index();
  // Closed, and another one, which the index has not been told of.
  f.console.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  f.console.journal().Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  const Answer answer = f.Report(Ask({kPerson}));
  CHECK(answer.ids() == std::set<std::string>{ExchangeIdText(1)});
  CHECK(answer.messages[1].exchange().leaves_size() == 2);
  CHECK(answer.scope().subjects_to() == 1);
  CHECK(answer.scope().partial());
}

TEST_CASE("two systems that used one exchange id are two exchanges") {
  SubjectReportCommandFixture f;
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {kPerson});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1, "VN:GOV:H56:mot-cua"), {kPerson});
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1, "VN:GOV:H57:mot-cua"), {kOther});
  f.Index();
  const Answer answer = f.Report(Ask({kPerson}));
  REQUIRE(answer.messages.size() == 4);
  CHECK(answer.messages[1].exchange().consumer() == "VN:GOV:H56:mot-cua");
  CHECK(answer.messages[2].exchange().consumer() == "VN:GOV:H55:mot-cua");
  CHECK(answer.messages[2].exchange().leaves_size() == 1);
}

TEST_CASE("codes that the asker knows come with the references of this node") {
  SubjectReportCommandFixture f;
  auto request = Ask({kPerson});
  request.add_dossiers("H55-261122-0042");
  request.add_officers("cb-0117");
  const Answer answer = f.Report(request);
  REQUIRE(answer.status.ok());
  REQUIRE(answer.scope().dossiers_size() == 1);
  CHECK(answer.scope().dossiers(0).hmacs(0) == ConsoleFixture::ReferenceTo("H55-261122-0042"));
  CHECK(answer.scope().officers(0).value() == "cb-0117");
  request.add_dossiers("");
  CHECK(f.Report(request).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  request.set_dossiers(1, std::string(128, 'd'));
  CHECK(f.Report(request).status.ok());
  request.set_dossiers(1, std::string(129, 'd'));
  CHECK(f.Report(request).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  request.clear_dossiers();
  for (int i = 0; i < 64; ++i) request.add_dossiers("d");
  CHECK(f.Report(request).status.ok());
  request.add_dossiers("d");
  CHECK(f.Report(request).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("more exchanges than a report holds are refused, and the time is to be shortened") {
  SubjectReportCommandFixture f;
  for (int i = 0; i < 10'000; ++i) f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i), {kPerson});
  f.Index();
  {
    grpc::ClientContext context;
    auto stub = v1::SubjectReportService::NewStub(f.console.channel());
    const auto stream = stub->ReportSubjects(&context, Ask({kPerson}));
    v1::ReportSubjectsResponse message;
    REQUIRE(stream->Read(&message));
    REQUIRE(stream->Read(&message));
    CHECK(message.exchange().exchange_id() == ExchangeIdText(9'999));
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
  f.told.push_back({.leaf = f.console.journal().Leaf(10'000).value()});  // that of the asking
  f.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 10'000), {kPerson});
  f.Index();
  const Answer answer = f.Report(Ask({kPerson}));
  CHECK(answer.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK_THAT(answer.status.error_message(), Catch::Contains("shorter time"));
}

}  // namespace
}  // namespace ndx::console

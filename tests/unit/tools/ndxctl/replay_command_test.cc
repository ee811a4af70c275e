#include <catch2/catch.hpp>
#include <string>

#include "ndx/console/refusal_status.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;
using tests::RunNdxctl;

TEST_CASE("a dry run shows what would be sent; a replay shows the new answer and compares it") {
  ConsoleFixture node;
  node.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  tests::ProtoSource protos({{"probe/v1/probe.proto", tests::ProbeProto()}});
  const auto request = protos.Parse("probe.v1.LookUpRequest", "name: 'Lê'")->SerializeAsString();
  const auto answer = protos.Parse("probe.v1.LookUpResponse", "total: 3")->SerializeAsString();
  node.control().replay =
      [&](const console::ExchangeReference&, bool dry_run,
          const console::OperatorAct&) -> absl::StatusOr<console::v1::ReplayExchangeResponse> {
    console::v1::ReplayExchangeResponse response;
    response.set_method("/probe.v1.PeopleService/LookUp");
    response.set_provider("VN:GOV:G01:population");
    response.set_idempotency_key(ExchangeIdText(1));
    response.mutable_request()->add_messages(request);
    response.mutable_request()->set_type("probe.v1.LookUpRequest");
    if (dry_run) return response;
    response.set_new_exchange_id(ExchangeIdText(2));
    response.mutable_response()->add_messages(answer);
    response.mutable_response()->set_type("probe.v1.LookUpResponse");
    response.set_same_answer(true);
    return response;
  };
  const auto dry = RunNdxctl(
      {"replay", ExchangeIdText(1), "--dry-run", "--reason", "case 17", "--socket", node.socket()});
  INFO(dry.out << dry.err);
  CHECK(dry.code == 0);
  CHECK_THAT(dry.out,
             Contains("would send /probe.v1.PeopleService/LookUp → VN:GOV:G01:population"));
  CHECK_THAT(dry.out, Contains("\"name\": \"Lê\""));
  CHECK(dry.out.find("new exchange") == std::string::npos);
  const auto real =
      RunNdxctl({"replay", ExchangeIdText(1), "--reason", "case 17", "--socket", node.socket()});
  CHECK(real.code == 0);
  CHECK_THAT(real.out, Contains("new exchange " + ExchangeIdText(2)) && Contains("\"total\": 3") &&
                           Contains("the answer is the same"));
}

TEST_CASE("a replay that the provider answered with an error exits 1, a refused one says why") {
  ConsoleFixture node;
  node.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  const auto run = [&] {
    return RunNdxctl(
        {"replay", ExchangeIdText(1), "--reason", "case 17", "--socket", node.socket()});
  };
  node.control().replay = [](const auto&, bool,
                             const auto&) -> absl::StatusOr<console::v1::ReplayExchangeResponse> {
    console::v1::ReplayExchangeResponse response;
    response.set_grpc_status(14);
    response.set_error_reason("PROVIDER_DOWN");
    return response;
  };
  CHECK(run().code == ToInt(ExitCode::kFailed));
  node.control().replay = [](const auto&, bool,
                             const auto&) -> absl::StatusOr<console::v1::ReplayExchangeResponse> {
    return console::RefusalStatus({.reason = exchange::v1::ERROR_REASON_REPLAY_NOT_ALLOWED,
                                   .parameters = {{"rule_en", "it changes data"}}});
  };
  const auto refused = run();
  CHECK(refused.code == ToInt(ExitCode::kFailed));
  CHECK_THAT(refused.err, Contains("REPLAY_NOT_ALLOWED") && Contains("it changes data"));
}

TEST_CASE("resolving exits 0 when the outcome has become known and 7 when not") {
  struct Case {
    console::v1::Resolution resolution;
    ExitCode code;
    const char* said;
  };
  const Case cases[] = {
      {console::v1::RESOLUTION_DONE, ExitCode::kOk, "done: the change took effect"},
      {console::v1::RESOLUTION_NOT_DONE, ExitCode::kOk, "not done"},
      {console::v1::RESOLUTION_RUNNING, ExitCode::kInDoubt, "still running"},
      {console::v1::RESOLUTION_UNSPECIFIED, ExitCode::kInDoubt, "cannot tell"},
  };
  for (const Case& c : cases) {
    ConsoleFixture node;
    node.journal().Put(ExchangeLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, 1));
    node.control().resolve = [&c](const auto&,
                                  const auto&) -> absl::StatusOr<console::v1::Resolution> {
      return c.resolution;
    };
    const auto run = RunNdxctl({"resolve", ExchangeIdText(1), "--socket", node.socket()});
    INFO(c.said);
    CHECK(run.code == ToInt(c.code));
    CHECK_THAT(run.out, Contains(c.said));
  }
}

}  // namespace
}  // namespace ndx::tools::ndxctl

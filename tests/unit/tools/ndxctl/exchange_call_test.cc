#include "ndx/tools/ndxctl/exchange_call.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/core/system_clock.h"
#include "ndx/tests/unit/tools/ndxctl/probe_node.h"

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("a call carries its metadata and brings back messages, id and receipt") {
  tests::ProbeNode node;
  const core::SystemClock clock;
  const auto credentials = CallerCredentials::Load(node.pki().File("client"), "", "");
  REQUIRE(credentials.ok());
  const auto channel = OpenChannel(node.address(), *credentials, "");
  std::vector<std::string> answers;
  const ExchangeOutcome outcome =
      CallExchange(channel,
                   {.method = "/probe.v1.PeopleService/Watch",
                    .request = "abc",
                    .metadata = {{"ndx-purpose", "tthc"}, {"ndx-dossier", "H55-1"}}},
                   clock, [&](const std::string& answer) { answers.push_back(answer); });
  INFO(outcome.status.error_message());
  CHECK(outcome.status.ok());
  CHECK(answers == std::vector<std::string>{"abc", "abc", "abc"});
  CHECK(outcome.exchange_id == tests::ProbeNode::kExchangeId);
  CHECK(outcome.receipt == "a receipt\n\xff");
  const auto seen = node.seen();
  CHECK(seen.at("ndx-purpose") == "tthc");
  CHECK(seen.at("ndx-dossier") == "H55-1");
}

TEST_CASE("a node that is not there is UNAVAILABLE, and a deadline ends a call") {
  tests::ProbeNode node;
  const core::SystemClock clock;
  const auto credentials = CallerCredentials::Load(node.pki().File("client"), "", "");
  REQUIRE(credentials.ok());
  const auto nobody = OpenChannel("unix:/no/such/socket", *credentials, "localhost");
  CHECK(CallExchange(nobody, {.method = "/a.B/C"}, clock, [](const std::string&) {
        }).status.error_code() == grpc::StatusCode::UNAVAILABLE);
  const auto channel = OpenChannel(node.address(), *credentials, "");
  const auto outcome = CallExchange(
      channel, {.method = "/probe.v1.PeopleService/Silent", .timeout = absl::Milliseconds(100)},
      clock, [](const std::string&) {});
  CHECK(outcome.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
}

}  // namespace
}  // namespace ndx::tools::ndxctl

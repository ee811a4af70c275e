#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tests/unit/tools/ndxctl/probe_node.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;

struct Fixture {
  tests::ConsoleFixture console;  // types come from its registry
  tests::ProbeNode node;
  tests::TempDir directory;

  tests::NdxctlRun Call(const std::string& method, std::vector<std::string> more) {
    std::vector<std::string> arguments = {
        "call",   method,         "--as",     node.pki().File("client"),
        "--node", node.address(), "--socket", console.socket()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return tests::RunNdxctl(arguments);
  }
};

TEST_CASE("a call is JSON in and JSON out, with id on the error stream and receipt in a file") {
  Fixture f;
  const std::string file = f.directory.File("answer.receipt");
  const auto run =
      f.Call("probe.v1.PeopleService/Verify",
             {R"({"citizen_id":"x"})", "--receipt", file, "--purpose", "tthc", "--dossier", "H55-1",
              "--officer", "cb-1", "--procedure", "1.011442", "--provider", "VN:GOV:G01:population",
              "--exchange-id", tests::ProbeNode::kExchangeId});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(run.out == "{\n \"matches\": true\n}\n");
  CHECK(run.err == std::string("exchange ") + tests::ProbeNode::kExchangeId + "\n");
  CHECK(*ReadFile(file) == "a receipt\n\xff");
  const auto seen = f.node.seen();
  const std::pair<const char*, const char*> expected[] = {
      {"ndx-purpose", "tthc"},
      {"ndx-dossier", "H55-1"},
      {"ndx-officer", "cb-1"},
      {"ndx-procedure", "1.011442"},
      {"ndx-provider", "VN:GOV:G01:population"},
      {"ndx-exchange-id", tests::ProbeNode::kExchangeId}};
  for (const auto& [key, value] : expected) {
    INFO(key);
    CHECK(seen.at(key) == value);
  }
}

TEST_CASE("the request comes from a file too, and a stream prints each answer") {
  Fixture f;
  const std::string file = f.directory.File("request.json");
  std::ofstream(file) << R"({"citizen_id":"x"})";
  CHECK(f.Call("probe.v1.PeopleService/Verify", {"@" + file}).code == 0);
  const auto run = f.Call("probe.v1.PeopleService/Watch", {"{}", "--output", "json"});
  CHECK(run.code == 0);
  CHECK(tests::LinesOf(run.out) == std::vector<std::string>{"{}", "{}", "{}"});
}

TEST_CASE("a receipt that is not in the trailers is fetched") {
  Fixture f;
  const std::string file = f.directory.File("answer.receipt");
  const auto run = f.Call("probe.v1.PeopleService/LookUp", {"{}", "--receipt", file});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(*ReadFile(file) == "fetched receipt");
}

TEST_CASE("a refusal shows reason, fault and both texts") {
  Fixture f;
  const auto run = f.Call("probe.v1.PeopleService/Register", {"{}"});
  CHECK(run.code == ToInt(ExitCode::kNotAllowed));
  CHECK_THAT(run.err, Contains("PERMISSION_DENIED NO_GRANT (consumer)") &&
                          Contains("s has no grant for m; ask o.") &&
                          Contains("s chưa có quyền khai thác m"));
  CHECK(run.out.empty());
}

TEST_CASE("what is wrong on this side is said before anything is sent") {
  Fixture f;
  CHECK(f.Call("probe.v1.Absent/Verify", {}).code == ToInt(ExitCode::kNotFound));
  CHECK(f.Call("probe.v1.PeopleService/Absent", {}).code == ToInt(ExitCode::kNotFound));
  CHECK(f.Call("probe.v1.PeopleService/Verify", {"{nonsense"}).code == ToInt(ExitCode::kUsage));
  CHECK(f.Call("probe.v1.PeopleService/Verify", {"@/no/such/file"}).code ==
        ToInt(ExitCode::kNotFound));
  CHECK(tests::RunNdxctl({"call", "probe.v1.PeopleService/Verify", "--as", "/no/such", "--node",
                          f.node.address(), "--socket", f.console.socket()})
            .code == ToInt(ExitCode::kNotFound));
  CHECK(f.node.seen().empty());
}

TEST_CASE("descriptors may come from a file; then no operator is needed") {
  Fixture f;
  const std::string file = f.directory.File("probe.binpb");
  std::ofstream(file, std::ios::binary)
      << tests::ProtoSource(
             tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}})
             .DescriptorSet();
  const auto run = tests::RunNdxctl({"call", "probe.v1.PeopleService/Verify", "--as",
                                     f.node.pki().File("client"), "--node", f.node.address(),
                                     "--socket", "/no/such/socket", "--descriptors", file});
  INFO(run.err);
  CHECK(run.code == 0);
}

TEST_CASE("without --node the call goes where the node says it listens") {
  Fixture f;
  const std::string port = f.node.address().substr(f.node.address().find(':'));
  f.console.control().status.add_addresses("0.0.0.0" + port);
  const auto run = tests::RunNdxctl({"call", "probe.v1.PeopleService/Verify", "--as",
                                     f.node.pki().File("client"), "--socket", f.console.socket()});
  INFO(run.err);
  CHECK(run.code == 0);
}

}  // namespace
}  // namespace ndx::tools::ndxctl

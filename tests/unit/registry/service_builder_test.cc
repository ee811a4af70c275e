// Services and providers of a registry.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"
#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::LoadingCase;
using tests::LoadService;
using tests::LoadWith;

TEST_CASE("endpoints are read, and plaintext stays on the machine") {
  constexpr const char* kForm = "must be unix:/path, host:port or embedded:<adapter name>";
  const LoadingCase cases[] = {
      {"socket", "\"unix:/run/a.sock\"", "ok"},
      {"socket beside the file", "\"unix:a.sock\"", "ok"},
      {"no socket", "\"unix:\"", "must have a socket path of 1 to 107 bytes"},
      {"adapter", "\"embedded:people\"", "ok"},
      {"no such adapter", "\"embedded:peple\"",
       "is not an adapter of this node (did you mean `people`?)"},
      {"loopback", "127.0.0.1:8080", "ok"},
      {"loopback, version 6", "\"[::1]:8080\"", "ok"},
      {"lowest port", "localhost:1", "ok"},
      {"highest port", "localhost:65535", "ok"},
      {"port over", "localhost:65536", kForm},
      {"port zero", "localhost:0", kForm},
      {"port with zero", "localhost:080", kForm},
      {"port signed", "localhost:+80", kForm},
      {"no port number", "\"localhost:\"", kForm},
      {"no port", "localhost", kForm},
      {"no host", "\":80\"", kForm},
      {"version 6 without brackets", "\"::1:80\"", kForm},
      {"URL", "http://localhost:80", kForm},
      {"blank in the name", "\"local host:80\"", kForm},
      {"name over its length", std::string(254, 'a') + ":80", kForm},
      {"another machine", "csdl.gov.vn:7443", "leaves the machine and needs `tls`"},
      {"private address", "10.0.0.1:7443", "leaves the machine and needs `tls`"},
      {"looks like loopback", "127.evil.example:80", "leaves the machine and needs `tls`"},
      {"looks like localhost", "localhost.evil.example:80", "leaves the machine and needs `tls`"},
  };
  for (const LoadingCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadService("    endpoint: " + c.yaml + "\n"), Catch::Contains(c.error));
  }
  const std::string at_limit = "/run/" + std::string(107 - 5, 'a');
  CHECK(LoadService("    endpoint: \"unix:" + at_limit + "\"\n") == "ok");
  CHECK_THAT(LoadService("    endpoint: \"unix:" + at_limit + "a\"\n"),
             Catch::Contains("socket path"));
}

TEST_CASE("the least method is the registry's, else the contract's, else the only one") {
  const auto least = [](const std::string& people_more) -> std::string {
    std::string yaml = tests::ProbeRegistryYaml();
    yaml.insert(yaml.find("  adapter: people\n"), people_more);
    const auto snapshot = BuildRegistry({{.name = "r.yaml", .text = yaml}}, tests::ProbeSource());
    if (!snapshot.ok()) return std::string(snapshot.status().message());
    const auto* const method = (*snapshot)->FindService("probe.v1.PeopleService")->least_method;
    return method == nullptr ? "" : method->descriptor->name();
  };
  CHECK(least("").empty());
  CHECK(least("  least_method: Verify\n") == "Verify");
  CHECK_THAT(least("  least_method: Gone\n"), Catch::Contains("is not a method of the service"));

  const auto of_contract = [](const std::string& service) -> std::string {
    RegistrySource source = tests::ProbeSource();
    source.embedded_adapters["people"] =
        tests::ProtoSource(
            tests::ProtoSource::Files{
                {"probe/v1/probe.proto",
                 "syntax = \"proto3\"; package probe.v1; import \"ndx/options/v1/options.proto\"; "
                 "message A {} service PeopleService {" +
                     service + "} service CatalogueService { rpc Get(A) returns (A); }"}})
            .DescriptorSet();
    const auto snapshot =
        BuildRegistry({{.name = "r.yaml", .text = tests::ProbeRegistryYaml()}}, source);
    if (!snapshot.ok()) return std::string(snapshot.status().message());
    CHECK((*snapshot)->FindService("probe.v1.CatalogueService")->least_method->descriptor->name() ==
          "Get");
    return (*snapshot)->FindService("probe.v1.PeopleService")->least_method->descriptor->name();
  };
  const std::string methods = "rpc First(A) returns (A); rpc Second(A) returns (A);";
  CHECK(of_contract(R"(option (ndx.options.v1.service) = {least_method: "Second"};)" + methods) ==
        "Second");
  CHECK_THAT(of_contract(R"(option (ndx.options.v1.service) = {least_method: "Third"};)" + methods),
             Catch::Contains("is what the contract names, and no method of it"));
}

TEST_CASE("what is wrong with a provider's TLS is refused") {
  const std::string tls = "    tls: {ca_file: nothing.pem}\n";
  CHECK_THAT(LoadService("    endpoint: csdl.gov.vn:7443\n" + tls),
             Catch::Contains("/etc/more.yaml:7: services[0].providers[0].tls.ca_file: "
                             "\"nothing.pem\" is not there"));
  CHECK_THAT(LoadService("    endpoint: \"unix:/a\"\n" + tls),
             Catch::Contains("is for host:port endpoints only"));
  CHECK_THAT(LoadService("    endpoint: a:1\n    tls: {}\n"),
             Catch::Contains("tls.ca_file: is required"));
}

TEST_CASE("TLS files are found beside the registry") {
  const tests::TempDir dir;
  std::ofstream(dir.File("ca.pem")) << "x";
  const auto load = [&](const std::string& more) {
    const std::string endpoint = "endpoint: csdl.gov.vn:7443, tls: {ca_file: ca.pem" + more + "}";
    std::ofstream(dir.File("r.yaml")) << absl::StrReplaceAll(
        tests::ProbeRegistryYaml(), {{"endpoint: \"unix:/run/backup.sock\"", endpoint}});
    RegistrySource source = tests::ProbeSource();
    source.paths = {dir.path()};
    return LoadRegistry(source);
  };
  const auto snapshot = load("");
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const Endpoint& endpoint =
      (*snapshot)->FindService("probe.v1.PeopleService")->providers[1].endpoint;
  CHECK(endpoint.kind == Endpoint::Kind::kTcpTls);
  CHECK(endpoint.ca_file == dir.File("ca.pem"));
  CHECK(endpoint.host == "csdl.gov.vn");
  CHECK(endpoint.port == 7443);
  CHECK(endpoint.server_name == "csdl.gov.vn");
  CHECK((*load(", server_name: x.vn"))
            ->FindService("probe.v1.PeopleService")
            ->providers[1]
            .endpoint.server_name == "x.vn");
  CHECK_THAT(std::string(load(", key_file: ca.pem").status().message()),
             Catch::Contains("certificate_file and key_file together"));
}

TEST_CASE("what is wrong with a service is refused") {
  const std::string good = "    endpoint: \"unix:/run/a.sock\"\n";
  CHECK_THAT(LoadService(good, "  descriptor_set: a.binpb\n"),
             Catch::Contains("services[0].adapter: \"people\" excludes descriptor_set"));
  const auto whole = [](const std::string& name, const std::string& lines) {
    return LoadWith("services:\n- name: " + name +
                    "\n  providers: [{system: \"VN:GOV:H55:mot-cua\", endpoint: \"unix:/a\"}]\n" +
                    lines);
  };
  CHECK_THAT(whole("probe.v1.CatalogueService", ""),
             Catch::Contains("services[0].name: \"probe.v1.CatalogueService\" is a service"));
  CHECK_THAT(whole("probe.v1.Nothing", "  adapter: people\n"),
             Catch::Contains("\"probe.v1.Nothing\" is not a service of its descriptors"));
  CHECK_THAT(whole("a.B", ""), Catch::Contains("services[0].descriptor_set: is required"));
  CHECK_THAT(whole("a.B", "  adapter: nobody\n"),
             Catch::Contains("services[0].adapter: \"nobody\" is not an adapter of this node"));
  CHECK_THAT(whole("a.B", "  descriptor_set: away.binpb\n"),
             Catch::Contains("services[0].descriptor_set: \"away.binpb\" is not there, nor in the "
                             "descriptor directories"));
  CHECK_THAT(LoadWith("services: [{name: a.B, providers: []}]"),
             Catch::Contains("services[0].providers: must not be empty"));
  const auto second = [&](const std::string& system) {
    return LoadService(good + "  - system: \"" + system + "\"\n    endpoint: \"unix:/b\"\n");
  };
  CHECK_THAT(second("VN:GOV:H55:mot-cua"),
             Catch::Contains("providers[1].system: \"VN:GOV:H55:mot-cua\" is a provider already"));
  CHECK_THAT(
      second("VN:GOV:H55:mot-cau"),
      Catch::Contains("is not a system of the registry (did you mean `VN:GOV:H55:mot-cua`?)"));
}

}  // namespace
}  // namespace ndx::registry

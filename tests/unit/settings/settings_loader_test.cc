#include "ndx/settings/settings_loader.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/tests/support/temp_dir.h"
#include "probe_schema.h"

namespace ndx::settings {
namespace {

TEST_CASE(
    "several files are joined: lists grow, single settings stand once, faults name their file") {
  registry::v1::RegistryDocument document;
  SourceMap sources;
  const std::vector<SettingsFile> files = {
      {.name = "a.yaml",
       .text = "members:\n- {code: G01, name_vi: A}\n- {code: G02, name_vi: B}\n"},
      {.name = "b.yaml", .text = "\nmembers:\n- {code: G03, name_vi: C}\nsystems:\n- {id: x}\n"}};
  REQUIRE(ParseSettings(files, document, &sources).ok());
  REQUIRE(document.members_size() == 3);
  CHECK(document.members(2).code() == "G03");
  CHECK(sources.Find("members[2].code").file == "b.yaml");
  CHECK(sources.Find("members[2].code").line == 3);
  CHECK(sources.Find("members[2].code").path == "members[0].code");
  CHECK(sources.Find("systems[0].name_vi").path == "systems[0].name_vi");

  auto probe = tests::ProbeSchema().New("probe.Probe");
  const absl::Status twice =
      ParseSettings({{.name = "a.yaml", .text = "i32: 0"}, {.name = "b.yaml", .text = "\ni32: 2"}},
                    *probe, nullptr);
  CHECK(twice.message() == "b.yaml:2: i32: is given a second time; first in a.yaml:1");
}

TEST_CASE("defaults and bounds of the node's own schemas can be read") {
  v1::NodeSettings node;
  REQUIRE(ParseSettings({{.name = "n.yaml", .text = R"(
node: {system: "VN:GOV:G22:ndxp", origin: ndxp.example.vn, contact: trực ban}
listener:
  addresses: ["127.0.0.1:0"]
  tls: {certificate_file: a.pem, key_file: a.key}
  client_ca_file: ca.pem
registry: {paths: [registry]}
journal: {directory: journal, signing_key: "file:s", master_key: "file:m"}
)"}},
                        node, nullptr)
              .ok());
  CHECK(node.exchange().default_deadline().seconds() == 30);
  CHECK(node.journal().segment_payload_bytes() == 1024);
  CHECK(node.log().level() == v1::LOG_LEVEL_INFO);
  CHECK(node.operator_api().socket_mode() == "0660");

  registry::v1::RegistryDocument document;
  REQUIRE(ParseSettings({{.name = "r.yaml", .text = R"(
services:
- name: a.B
  providers: [{system: s, endpoint: e, limits: {breaker: {window: 5s}}}]
  methods: [{name: M, retry: {}, message_bytes_max: 64MiB}]
)"}},
                        document, nullptr)
              .ok());
  const auto& limits = document.services(0).providers(0).limits();
  CHECK(limits.concurrent_calls() == 64);
  CHECK(limits.breaker().window().seconds() == 5);
  CHECK(limits.breaker().consecutive_failures() == 5);
  CHECK(document.services(0).methods(0).retry().attempts() == 3);
}

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST_CASE("files are read from directories in the order of their names") {
  const tests::TempDir dir;
  Write(dir.File("b.yaml"), "names: [b]");
  Write(dir.File("a.yml"), "names: [a]");
  Write(dir.File("c.txt"), "names: [c]");
  auto message = tests::ProbeSchema().New("probe.Probe");
  REQUIRE(LoadSettings({dir.path()}, *message, nullptr).ok());
  CHECK(message->ShortDebugString() == "names: \"a\" names: \"b\"");

  CHECK(LoadSettings({dir.path(), dir.File("b.yaml")}, *message, nullptr).code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(LoadSettings({dir.File("nothing")}, *message, nullptr).code() ==
        absl::StatusCode::kNotFound);
  const tests::TempDir empty;
  CHECK_THAT(std::string(LoadSettings({empty.path()}, *message, nullptr).message()),
             Catch::EndsWith("has no *.yaml file"));
  CHECK(LoadSettings({"/dev/zero"}, *message, nullptr).code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a path in a file is relative to that file") {
  CHECK(ResolvePath("/etc/ndx/node.yaml", "ca.pem") == "/etc/ndx/ca.pem");
  CHECK(ResolvePath("/etc/ndx/node.yaml", "../ca.pem") == "/etc/ca.pem");
  CHECK(ResolvePath("/etc/ndx/node.yaml", "/ca.pem") == "/ca.pem");
  CHECK(ResolvePath("node.yaml", "ca.pem") == std::filesystem::current_path() / "ca.pem");
  CHECK(ResolvePath("a/node.yaml", "../ca.pem") == std::filesystem::current_path() / "ca.pem");
  CHECK(ResolvePath("node.yaml", "").empty());
}

}  // namespace
}  // namespace ndx::settings

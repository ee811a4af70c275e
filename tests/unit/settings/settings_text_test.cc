// Messages into YAML and back.
#include <catch2/catch.hpp>
#include <string>

#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/settings_loader.h"
#include "probe_schema.h"

namespace ndx::settings {
namespace {

constexpr char kRegistry[] = R"(
purposes:
- {code: tthc, name_vi: "Giải quyết \"thủ tục\": a #b", legal_basis: "yes"}
services:
- name: p.S
  adapter: people
  share: 3
  providers:
  - system: "VN:GOV:G01:population"
    endpoint: "embedded:people"
    limits: {concurrent_calls: 12, waiting_time: 250ms, breaker: {open_for: 1m30s}}
  - {system: "VN:GOV:G01:backup", endpoint: "unix:/run/backup.sock"}
  methods:
  - {name: LookUp, effect: READ, idempotent: false, message_bytes_max: 4MiB}
grants:
- name: g
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["p.S/*"]
  required_references: [DOSSIER, OFFICER]
  quota: {per_second: 10}
  hours: [{days: [MONDAY, FRIDAY], from: "08:00", to: "17:00"}]
  legal_basis: "0123"
)";

TEST_CASE("a registry written as YAML reads back as the same registry, and leaves defaults out") {
  registry::v1::RegistryDocument document;
  REQUIRE(ParseSettings({{.name = "a.yaml", .text = kRegistry}}, document, nullptr).ok());
  const std::string text = SettingsText(document);
  INFO(text);
  registry::v1::RegistryDocument again;
  REQUIRE(ParseSettings({{.name = "b.yaml", .text = text}}, again, nullptr).ok());
  CHECK(again.SerializeAsString() == document.SerializeAsString());
  CHECK_THAT(text, Catch::Contains("concurrent_calls: 12"));
  CHECK_THAT(text, Catch::Contains("open_for: 1m30s"));
  CHECK_THAT(text, Catch::Contains("idempotent: false"));
  CHECK_THAT(text, Catch::Contains("- DOSSIER"));
  CHECK_THAT(text, Catch::Contains(R"("0123")"));
  CHECK_THAT(text, !Catch::Contains("waiting_calls"));
  CHECK_THAT(text, !Catch::Contains("window"));
  CHECK_THAT(text, Catch::Contains("Giải quyết"));
}

TEST_CASE("an empty message is an empty mapping") {
  CHECK(SettingsText(registry::v1::RegistryDocument()) == "{}\n");
}

TEST_CASE("every kind of value comes back as it was") {
  const std::string given = R"(
i32: -5
i64: -9000000000
u32: 7
u64: 18446744073709551615
real: 2.5
single: -0.25
flag: true
text: "a\tb\nc: d"
raw: "AAEC/w=="
colour: BLUE
span: 1h2m3.5s
at: 2026-03-02T08:15:00.25+07:00
inner: {name: "", numbers: [1, 2], inner: {name: n}}
list: [{name: a}, {}]
names: ["- x", "true", ""]
counts: {a: 1, b: 2}
inners: {k: {name: v}}
right: r
size_bytes: 4KiB
colours: [RED, BLUE]
spans: [1s, 250ms]
)";
  auto message = tests::ProbeSchema().New("probe.Probe");
  const absl::Status parsed = ParseSettings({{.name = "a.yaml", .text = given}}, *message, nullptr);
  INFO(parsed);
  REQUIRE(parsed.ok());
  auto again = tests::ProbeSchema().New("probe.Probe");
  INFO(SettingsText(*message));
  REQUIRE(
      ParseSettings({{.name = "b.yaml", .text = SettingsText(*message)}}, *again, nullptr).ok());
  CHECK(again->SerializeAsString() == message->SerializeAsString());
}

}  // namespace
}  // namespace ndx::settings

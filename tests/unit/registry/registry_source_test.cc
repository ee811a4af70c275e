#include "ndx/registry/registry_source.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

// "ok" or the error of the fixture with more YAML beside it.
std::string Load(const std::string& more) {
  const auto built = tests::BuildProbeRegistry(more);
  return built.ok() ? "ok" : std::string(built.status().message());
}

// The same of the fixture with its text changed.
std::string LoadChanged(const std::string& from, const std::string& to) {
  const std::string yaml = absl::StrReplaceAll(tests::ProbeRegistryYaml(), {{from, to}});
  REQUIRE(yaml != tests::ProbeRegistryYaml());
  const auto built = BuildRegistry({{.name = "base.yaml", .text = yaml}}, tests::ProbeSource());
  return built.ok() ? "ok" : std::string(built.status().message());
}

// A grant that loads, with one line more.
std::string Grant(const std::string& line) {
  const bool methods = line.rfind("methods:", 0) == 0;
  return absl::StrCat(
      "\ngrants:\n- name: g\n  consumer: \"VN:GOV:H55:mot-cua\"\n  legal_basis: QĐ 1\n",
      methods ? "" : "  methods: [probe.v1.PeopleService/LookUp]\n", "  ", line, "\n");
}

// The fixture with probe.v1.CatalogueService provided as these lines say.
std::string LoadService(const std::string& provider_lines, const std::string& lines = "") {
  std::string base = tests::ProbeRegistryYaml();
  base.resize(base.find("- name: probe.v1.CatalogueService"));
  const std::string service =
      absl::StrCat("services:\n- name: probe.v1.CatalogueService\n  adapter: people\n", lines,
                   "  providers:\n  - system: \"VN:GOV:H55:mot-cua\"\n", provider_lines);
  const auto built = BuildRegistry(
      {{.name = "base.yaml", .text = base}, {.name = "/etc/more.yaml", .text = service}},
      tests::ProbeSource());
  return built.ok() ? "ok" : std::string(built.status().message());
}

struct Case {
  const char* name;
  std::string yaml;
  const char* error;
};

TEST_CASE("the fixtures of these tests load") {
  CHECK(Load("") == "ok");
  CHECK(Load(Grant("purposes: [tthc]")) == "ok");
  CHECK(LoadService("    endpoint: \"unix:/run/a.sock\"\n") == "ok");
}

TEST_CASE("what is wrong with members is refused with file, line, path and value") {
  const auto member = [](const std::string& lines) {
    return "members: [{code: G02, name_vi: B, " + lines + "}]";
  };
  const Case cases[] = {
      {"unknown key", member("nam_en: B"),
       "more.yaml:1: members[0]: \"nam_en\" is not a known key (did you mean `name_en`?)"},
      {"missing name", "members: [{code: G02}]", "more.yaml:1: members[0].name_vi: is required"},
      {"bad code", "members:\n- {code: G2, name_vi: B}",
       "more.yaml:2: members[0].code: \"G2\" must be an agency code"},
      {"same code, other spelling", "members: [{code: 000.00.00.H55, name_vi: B}]",
       "members[0].code: \"000.00.00.H55\" is a member already, as H55"},
      {"no such day", member("valid_from: 2025-02-30"),
       "members[0].valid_from: \"2025-02-30\" must be an existing day, yyyy-MM-dd"},
      {"dates in the wrong order", member("valid_from: 2025-07-01, valid_to: 2025-06-30"),
       "members[0].valid_to: \"2025-06-30\" is before valid_from, 2025-07-01"},
      {"unknown successor", member("successor: G03"),
       "members[0].successor: \"G03\" is not a member of the registry"},
      {"own successor", member("successor: G02"),
       "members[0].successor: \"G02\" leads back to the member itself"},
      {"successors in a circle",
       "members: [{code: G02, name_vi: B, successor: G03}, {code: G03, name_vi: C, successor: "
       "G02}]",
       "leads back to the member itself"},
      {"purpose name", "purposes: [{code: Tthc, name_vi: a}]",
       "purposes[0].code: \"Tthc\" must be lower-case letters"},
      {"purpose too long", "purposes: [{code: " + std::string(65, 'a') + ", name_vi: a}]",
       "at most 64"},
      {"purpose twice", "purposes: [{code: tthc, name_vi: a}]", "\"tthc\" is a purpose already"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THAT(Load(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(Load(c.yaml), Catch::StartsWith("more.yaml:"));
  }
  CHECK(Load("purposes: [{code: " + std::string(64, 'a') + ", name_vi: a}]") == "ok");
  CHECK(Load(member("successor: H55, valid_to: 2025-06-30")) == "ok");
}

TEST_CASE("what is wrong with systems and certificates is refused") {
  const auto with = [](const std::string& digest) {
    return "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: " + digest + "}]}]";
  };
  const std::string digest(64, 'a');
  const Case cases[] = {
      {"bad system", "systems: [{id: \"VN:GOV:G01\"}]",
       "systems[0].id: \"VN:GOV:G01\" must be a system name such as VN:GOV:G01:population"},
      {"system of nobody", "systems: [{id: \"VN:GOV:G77:x\"}]",
       "systems[0].id: \"VN:GOV:G77:x\" names no member of the registry"},
      {"system of a malformed code", "systems: [{id: \"VN:GOV:G-1:x\"}]", "must be a system name"},
      {"system twice, other spelling", "systems: [{id: \"VN:GOV:G09.20:ho-so\"}]",
       "is a system already, as VN:GOV:G09.20:ho-so"},
      {"digest too short", with("12zz"),
       "systems[0].certificates[0].spki_sha256: \"12zz\" must be 64 hexadecimal digits"},
      {"digest with a letter", with(digest.substr(1) + "g"), "must be 64 hexadecimal digits"},
      {"digest too long", with(digest + "a"), "must be 64 hexadecimal digits"},
      {"digest missing", "systems: [{id: \"VN:GOV:G01:x\", certificates: [{}]}]",
       "systems[0].certificates[0].spki_sha256: is required"},
      {"digest twice",
       "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: " + digest +
           "}]}, {id: \"VN:GOV:G01:y\", certificates: [{spki_sha256: " + std::string(64, 'A') +
           "}]}]",
       "is registered already, for VN:GOV:G01:x"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THAT(Load(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(Load(c.yaml), Catch::StartsWith("more.yaml:"));
  }
}

TEST_CASE("certificates are found by digest, colons and case aside") {
  const std::string tail(62, 'c');
  const auto built = tests::BuildProbeRegistry(
      "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: \"AB:" + tail +
      "\", valid_to: 2026-01-31}]}]");
  REQUIRE(built.ok());
  const SystemEntry* system =
      (*built)->FindSystemByCertificate(absl::HexStringToBytes("ab" + tail));
  REQUIRE(system != nullptr);
  CHECK(system->id.text() == "VN:GOV:G01:x");
  CHECK(system->certificates[0].registered.Contains(absl::CivilDay(2026, 1, 31)));
  CHECK_FALSE(system->certificates[0].registered.Contains(absl::CivilDay(2026, 2, 1)));
  CHECK((*built)->FindSystemByCertificate(std::string(32, '\0')) == nullptr);
  CHECK((*built)->FindSystemByCertificate("") == nullptr);
}

TEST_CASE("endpoints are read, and plaintext stays on the machine") {
  constexpr const char* kForm = "must be unix:/path, host:port or embedded:<adapter name>";
  const Case cases[] = {
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
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadService("    endpoint: " + c.yaml + "\n"), Catch::Contains(c.error));
  }
  const std::string at_limit = "/run/" + std::string(107 - 5, 'a');
  CHECK(LoadService("    endpoint: \"unix:" + at_limit + "\"\n") == "ok");
  CHECK_THAT(LoadService("    endpoint: \"unix:" + at_limit + "a\"\n"),
             Catch::Contains("socket path"));
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

TEST_CASE("what is wrong with a service's methods is refused") {
  const std::string good = "    endpoint: \"unix:/run/a.sock\"\n";
  const auto methods = [&](const std::string& list) {
    return LoadService(good, "  methods: [" + list + "]\n");
  };
  CHECK(methods("{name: Get}, {name: Plain}") == "ok");
  CHECK(methods("{name: Get, effect: CHANGE}") == "ok");
  CHECK(methods("{name: Plain, idempotent: true, retry: {}}") == "ok");
  CHECK(methods("{name: Plain, retry: {attempts: 1}}") == "ok");
  CHECK_THAT(methods("{name: Gte}"),
             Catch::Contains("services[0].methods[0].name: \"Gte\" is not a method of the service "
                             "(did you mean `Get`?)"));
  CHECK_THAT(methods("{name: Get}, {name: Get}"),
             Catch::Contains("methods[1].name: \"Get\" is listed already"));
  CHECK_THAT(methods("{name: Plain, retry: {}}"),
             Catch::Contains("methods[0].retry: is for idempotent methods only"));
  CHECK_THAT(methods("{name: Get, retry: {backoff: 3s}}"),
             Catch::Contains("backoff_max: \"2s\" is shorter than backoff"));
  CHECK_THAT(methods("{name: Get, default_deadline: 2s, deadline_max: 1s}"),
             Catch::Contains("default_deadline: \"2s\" is over the longest deadline, 1s"));
  CHECK_THAT(methods("{name: Get, message_bytes_max: 65MiB}"),
             Catch::Contains("message_bytes_max: must be at most 64MiB"));
}

TEST_CASE("what is wrong with a service is refused") {
  const std::string good = "    endpoint: \"unix:/run/a.sock\"\n";
  CHECK_THAT(LoadService(good, "  descriptor_set: a.binpb\n"),
             Catch::Contains("services[0].adapter: \"people\" excludes descriptor_set"));
  const auto whole = [](const std::string& name, const std::string& lines) {
    return Load("services:\n- name: " + name +
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
  CHECK_THAT(Load("services: [{name: a.B, providers: []}]"),
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

TEST_CASE("an override that is laxer than the contract is refused") {
  const auto people = [](const std::string& method) {
    return LoadChanged("  adapter: people\n",
                       "  adapter: people\n  methods: [{name: " + method + "}]\n");
  };
  CHECK_THAT(people("Register, effect: READ"),
             Catch::Contains("contradicts the contract, which says CHANGE"));
  CHECK_THAT(people("Register, idempotent: true"),
             Catch::Contains("contradicts the contract, whose change is not idempotent"));
  CHECK_THAT(people("Register, write_ahead: false"),
             Catch::Contains("write_ahead: \"false\" contradicts the contract"));
  CHECK_THAT(people("Register, replay: FREE"),
             Catch::Contains("is laxer than the contract, which says "
                             "REPLAY_POLICY_WITH_APPROVAL"));
  CHECK(people("Register, replay: NEVER") == "ok");
  CHECK(people("LookUp, replay: NEVER, write_ahead: true") == "ok");
  CHECK(people("LookUp, effect: CHANGE") == "ok");
}

TEST_CASE("what is wrong with grants is refused") {
  const Case cases[] = {
      {"no such method", "methods: [probe.v1.PeopleService/Lookup]",
       "grants[0].methods[0]: \"probe.v1.PeopleService/Lookup\" is not a method of the registry; "
       "the nearest is probe.v1.PeopleService/LookUp"},
      {"no such service", "methods: [probe.v1.PeopelService/*]",
       "names no service of the registry; the nearest is probe.v1.PeopleService/"},
      {"service without method", "methods: [probe.v1.PeopleService]", "is not a method"},
      {"everything", "methods: [\"*\"]", "is not a method of the registry"},
      {"nothing", "methods: []", "grants[0].methods: must not be empty"},
      {"method twice", "methods: [probe.v1.PeopleService/Watch, /probe.v1.PeopleService/Watch]",
       "grants[0].methods[1]: \"/probe.v1.PeopleService/Watch\" is listed already"},
      {"no such purpose", "purposes: [tthcc]",
       "purposes[0]: \"tthcc\" is not a purpose of the catalogue (did you mean `tthc`?)"},
      {"purpose twice", "purposes: [tthc, tthc]", "purposes[1]: \"tthc\" is listed already"},
      {"reference twice", "required_references: [DOSSIER, dossier]",
       "required_references[1]: \"REFERENCE_DOSSIER\" is listed already"},
      {"no such reference", "required_references: [FILE]",
       "must be one of DOSSIER, OFFICER, PROCEDURE"},
      {"not a provider", "providers: [\"VN:GOV:H55:mot-cua\"]",
       "providers[0]: \"VN:GOV:H55:mot-cua\" provides none of the grant's methods"},
      {"provider twice", "providers: [\"VN:GOV:G01:backup\", \"VN:GOV:000.00.00.G01:backup\"]",
       "is listed already"},
      {"no such answer field", "answer_fields: [person.name]",
       "answer_fields[0]: \"person.name\" is not a field path: probe.v1.Person has no field "
       "`name`"},
      {"request field in the answer", "answer_fields: [citizen_id]",
       "probe.v1.LookUpResponse has no field `citizen_id`"},
      {"required request field left out", "request_fields: [citizen_id]",
       "request_fields: leaves out `name`, without which probe.v1.PeopleService/LookUp cannot be "
       "called"},
      {"no such request field", "request_fields: [name, person]",
       "request_fields[1]: \"person\" is not a field path"},
      {"hours past midnight", "hours: [{from: \"17:00\", to: \"08:00\"}]",
       "hours[0]: must begin before they end"},
      {"hours without end", "hours: [{from: \"07:00\"}]", "hours[0].to: is required"},
      {"quota of nothing", "quota: {per_second: 0}", "quota.per_second: must be at least 1"},
      {"quota below nothing", "quota: {per_day: -1}", "must be a whole number"},
      {"no such day", "valid_from: 2026-13-01", "must be an existing day"},
      {"dates in the wrong order", "valid_from: 2026-02-01\n  valid_to: 2026-01-31",
       "valid_to: \"2026-01-31\" is before valid_from, 2026-02-01"},
      {"upper-case name",
       "purposes: []\n- {name: G, consumer: \"VN:GOV:H55:mot-cua\", methods: "
       "[probe.v1.PeopleService/Watch], legal_basis: x}",
       "grants[1].name: \"G\" must be lower-case letters"},
      {"name twice",
       "purposes: []\n- {name: g, consumer: \"VN:GOV:H55:mot-cua\", methods: "
       "[probe.v1.PeopleService/Watch], legal_basis: x}",
       "grants[1].name: \"g\" is a grant already"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THAT(Load(Grant(c.yaml)), Catch::Contains(c.error));
    CHECK_THAT(Load(Grant(c.yaml)), Catch::StartsWith("more.yaml:"));
  }
  CHECK(Load(Grant("valid_from: 2026-02-01\n  valid_to: 2026-02-01")) == "ok");
  const auto changed = [](const std::string& from, const std::string& to) {
    return Load(absl::StrReplaceAll(Grant("purposes: [tthc]"), {{from, to}}));
  };
  CHECK_THAT(changed("QĐ 1", "\"\""), Catch::Contains("legal_basis: must not be empty"));
  CHECK_THAT(changed("H55:mot-cua", "H55:mot"),
             Catch::Contains("grants[0].consumer: \"VN:GOV:H55:mot\" is not a system"));
}

TEST_CASE("a path has to exist in every method's answer: nothing passes by not being there") {
  CHECK_THAT(
      Load(Grant("methods: [probe.v1.PeopleService/LookUp, probe.v1.PeopleService/Verify]\n"
                 "  answer_fields: [person.full_name]")),
      Catch::Contains("probe.v1.VerifyResponse has no field `person`; known: matches, the answer "
                      "of probe.v1.PeopleService/Verify"));
}

TEST_CASE("all faults are listed at once") {
  const std::string error = Load(
      "members: [{code: x, name_vi: B}]\nsystems: [{id: y}]\n"
      "grants: [{name: G, consumer: z, methods: [m], legal_basis: l}]");
  for (const char* part : {"members[0].code", "systems[0].id", "grants[0].name",
                           "grants[0].consumer", "grants[0].methods[0]"}) {
    CHECK_THAT(error, Catch::Contains(part));
  }
}

TEST_CASE("a registry is a directory of files, and descriptor sets beside it or elsewhere") {
  const tests::TempDir dir;
  const tests::TempDir descriptors;
  const std::string yaml = tests::ProbeRegistryYaml();
  const size_t at = yaml.find("services:");
  std::ofstream(dir.File("1-systems.yaml")) << yaml.substr(0, at);
  std::ofstream(dir.File("2-services.yaml")) << absl::StrReplaceAll(
      yaml.substr(at), {{"embedded:people", "unix:/run/people.sock"},
                        {"adapter: people", "descriptor_set: people.binpb"},
                        {"- name: probe.v1.CatalogueService\n",
                         "- name: probe.v1.CatalogueService\n  descriptor_set: people.binpb\n"}});
  const auto write = [](const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  RegistrySource source{.paths = {dir.path()}};
  CHECK_THAT(std::string(LoadRegistry(source).status().message()),
             Catch::Contains("2-services.yaml:3: services[0].descriptor_set: \"people.binpb\" is "
                             "not there"));
  write(descriptors.File("people.binpb"), tests::ProbeSource().embedded_adapters.at("people"));
  source.descriptor_directories = {descriptors.path()};
  const auto loaded = LoadRegistry(source);
  INFO(loaded.status());
  REQUIRE(loaded.ok());
  CHECK((*loaded)->FindMethod("/probe.v1.PeopleService/LookUp") != nullptr);
  // The one beside the registry comes first.
  write(dir.File("people.binpb"), "broken");
  CHECK_THAT(std::string(LoadRegistry(source).status().message()),
             Catch::Contains("is no google.protobuf.FileDescriptorSet"));
}

}  // namespace
}  // namespace ndx::registry

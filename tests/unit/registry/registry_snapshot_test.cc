#include "ndx/registry/registry_snapshot.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::registry {
namespace {

std::shared_ptr<const RegistrySnapshot> Build(const std::string& more) {
  auto snapshot = tests::BuildProbeRegistry(more);
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  return *snapshot;
}

TEST_CASE("members and systems are found by either spelling of the code") {
  const auto snapshot = Build("");
  const MemberEntry* member = snapshot->FindMember("G09.20");
  REQUIRE(member != nullptr);
  CHECK(snapshot->FindMember("000.00.20.G09") == member);
  CHECK(snapshot->FindMember("000.00.00.G01") == snapshot->FindMember("G01"));
  CHECK(snapshot->FindMember("G99") == nullptr);
  CHECK(snapshot->FindMember("not a code") == nullptr);
  const SystemEntry* system = snapshot->FindSystem("VN:GOV:G09.20:ho-so");
  REQUIRE(system != nullptr);
  CHECK(system->id.text() == "VN:GOV:G09.20:ho-so");
  CHECK(system->member == member);
  CHECK(snapshot->FindSystem("VN:GOV:000.00.20.G09:ho-so") == system);
  CHECK(snapshot->FindSystem("VN:COM:G09.20:ho-so") == nullptr);
  CHECK(snapshot->FindSystem("") == nullptr);
  CHECK(snapshot->FindSystem(std::string(10'000, ':')) == nullptr);
}

TEST_CASE("a method carries its types, its completed rules and its service") {
  const auto snapshot = Build("");
  const MethodEntry* look_up = snapshot->FindMethod("/probe.v1.PeopleService/LookUp");
  REQUIRE(look_up != nullptr);
  CHECK(look_up->name() == "probe.v1.PeopleService/LookUp");
  CHECK(look_up->input->full_name() == "probe.v1.LookUpRequest");
  CHECK(look_up->output->full_name() == "probe.v1.LookUpResponse");
  CHECK(look_up->default_deadline == absl::Seconds(3));
  CHECK(look_up->deadline_max == absl::Minutes(5));
  CHECK_FALSE(look_up->changes());
  CHECK(look_up->rules.idempotent());
  CHECK(look_up->retry.attempts == 3);
  CHECK(look_up->rules.message_bytes_max() == 4U << 20U);
  CHECK(look_up->service->providers.size() == 2);
  CHECK(look_up->checks.root() != nullptr);

  const MethodEntry* change = snapshot->FindMethod("/probe.v1.PeopleService/Register");
  CHECK(change->changes());
  CHECK(change->rules.write_ahead());
  CHECK(change->rules.replay() == options::v1::REPLAY_POLICY_WITH_APPROVAL);
  CHECK(change->retry.attempts == 1);

  // Nothing stated: the careful reading.
  const MethodEntry* plain = snapshot->FindMethod("/probe.v1.CatalogueService/Plain");
  CHECK(plain->changes());
  CHECK(plain->rules.replay() == options::v1::REPLAY_POLICY_NEVER);
  CHECK(plain->default_deadline == absl::Seconds(30));
  CHECK_FALSE(plain->rules.idempotent());

  CHECK(snapshot->FindMethod("/probe.v1.PeopleService/Watch")->server_streaming);
  CHECK(snapshot->FindMethod("/probe.v1.PeopleService/Upload")->client_streaming);
  CHECK(snapshot->FindMethod("/probe.v1.PeopleService/List")->retry.attempts == 3);
  CHECK(snapshot->FindMethod("/probe.v1.PeopleService/List")->rules.message_bytes_max() ==
        8U << 20U);
  CHECK(snapshot->FindMethod("probe.v1.PeopleService/LookUp") == nullptr);
  CHECK(snapshot->FindMethod("/probe.v1.PeopleService/LookUp/") == nullptr);
  CHECK(snapshot->FindMethod("/probe.v1.PeopleService/lookup") == nullptr);
}

TEST_CASE("the registry completes what a contract leaves open") {
  const auto snapshot = BuildRegistry({{.name = "r.yaml", .text = R"(
members: [{code: G01, name_vi: A}]
systems: [{id: "VN:GOV:G01:a"}]
services:
- name: probe.v1.CatalogueService
  title_vi: Danh mục
  providers:
  - system: "VN:GOV:G01:a"
    endpoint: "embedded:people"
    limits: {concurrent_calls: 7, breaker: {open_for: 2s}, retry_budget_percent: 0}
  methods:
  - name: Plain
    effect: READ
    default_deadline: 2s
    deadline_max: 4s
    replay: FREE
    message_bytes_max: 64MiB
    retry: {attempts: 5, backoff: 10ms}
)"}},
                                      tests::ProbeSource());
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const MethodEntry* plain = (*snapshot)->FindMethod("/probe.v1.CatalogueService/Plain");
  CHECK_FALSE(plain->changes());
  CHECK(plain->default_deadline == absl::Seconds(2));
  CHECK(plain->deadline_max == absl::Seconds(4));
  CHECK(plain->rules.replay() == options::v1::REPLAY_POLICY_FREE);
  CHECK(plain->rules.message_bytes_max() == 64U << 20U);
  CHECK(plain->retry.attempts == 5);
  CHECK(plain->retry.backoff == absl::Milliseconds(10));
  CHECK(plain->retry.backoff_max == absl::Seconds(2));
  const ProviderEntry& provider = plain->service->providers[0];
  CHECK(provider.concurrent_calls == 7);
  CHECK(provider.breaker.open_for == absl::Seconds(2));
  CHECK(provider.breaker.consecutive_failures == 5);
  CHECK(provider.retry_budget_percent == 0);
  CHECK(provider.connect_timeout == absl::Seconds(5));
  CHECK(provider.endpoint.kind == Endpoint::Kind::kEmbedded);
}

TEST_CASE("grants are held by method and consumer, whatever spelling they used") {
  const auto snapshot = Build(R"(
grants:
- name: all-people
  consumer: "VN:GOV:000.00.20.G09:ho-so"
  methods: ["probe.v1.PeopleService/*", "/probe.v1.PeopleService/Verify"]
  purposes: [tthc]
  legal_basis: QĐ 1
- name: look-up
  consumer: "VN:GOV:G09.20:ho-so"
  methods: [probe.v1.PeopleService/LookUp]
  answer_fields: [person.full_name]
  request_fields: [name, citizen_id]
  quota: {per_second: 5, per_day: 100}
  required_references: [DOSSIER, OFFICER]
  legal_basis: QĐ 2
)");
  const MethodEntry* look_up = snapshot->FindMethod("/probe.v1.PeopleService/LookUp");
  const auto& grants = snapshot->GrantsOf("VN:GOV:G09.20:ho-so", *look_up);
  REQUIRE(grants.size() == 2);
  CHECK(grants[0]->grant->name == "all-people");
  CHECK_FALSE(grants[0]->answer_fields.has_value());
  CHECK(grants[1]->grant == snapshot->FindGrant("look-up"));
  CHECK(grants[1]->answer_fields.has_value());
  CHECK(grants[1]->request_fields.has_value());
  CHECK(grants[1]->grant->quota_per_second == 5);
  CHECK(grants[1]->grant->quota_per_day == 100);
  CHECK(grants[1]->grant->dossier_required);
  CHECK(grants[1]->grant->officer_required);
  CHECK_FALSE(grants[1]->grant->procedure_required);
  const MethodEntry* verify = snapshot->FindMethod("/probe.v1.PeopleService/Verify");
  CHECK(snapshot->GrantsOf("VN:GOV:G09.20:ho-so", *verify).size() == 1);
  CHECK(snapshot->GrantsOf("VN:GOV:H55:mot-cua", *look_up).empty());
}

TEST_CASE("an unknown method gets the nearest one") {
  const auto snapshot = Build("");
  CHECK(snapshot->NearestMethod("/probe.v1.PeopleService/Lookup") ==
        "probe.v1.PeopleService/LookUp");
  CHECK(snapshot->NearestMethod("/probe.v1.PeopelService/Verfy") ==
        "probe.v1.PeopleService/Verify");
  CHECK(snapshot->NearestMethod("/probe.v1.Catalogue/Get") == "probe.v1.CatalogueService/Get");
  CHECK_FALSE(snapshot->NearestMethod("").empty());
  CHECK_FALSE(snapshot->NearestMethod(std::string(1'000'000, '/')).empty());
  const auto empty = BuildRegistry({{.name = "r.yaml", .text = ""}}, {});
  REQUIRE(empty.ok());
  CHECK((*empty)->NearestMethod("/a/b").empty());
}

TEST_CASE("the node's own services need no grant and answer from inside") {
  RegistrySource source = tests::ProbeSource();
  source.node_system = *core::SystemId::Parse("VN:GOV:G01:backup");
  source.node_services = {
      exchange::v1::GetReceiptRequest::descriptor()->file()->FindServiceByName("ExchangeService")};
  const std::vector<settings::SettingsFile> files = {
      {.name = "r.yaml", .text = tests::ProbeRegistryYaml()}};
  const auto snapshot = BuildRegistry(files, source);
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const MethodEntry* receipt =
      (*snapshot)->FindMethod("/ndx.exchange.v1.ExchangeService/GetReceipt");
  REQUIRE(receipt != nullptr);
  CHECK(receipt->service->of_node);
  CHECK(receipt->service->providers[0].concurrent_calls > 0);  // nobody else could say so
  CHECK(receipt->service->providers[0].endpoint.kind == Endpoint::Kind::kNode);
  CHECK_FALSE(receipt->changes());
  CHECK(receipt->checks.root() != nullptr);

  const auto granted = BuildRegistry(
      {files[0],
       {.name = "g.yaml",
        .text = "grants: [{name: g, consumer: \"VN:GOV:G01:backup\", legal_basis: l, methods: "
                "[ndx.exchange.v1.ExchangeService/GetReceipt]}]"}},
      source);
  CHECK_THAT(std::string(granted.status().message()), Catch::Contains("is open to every system"));
  source.node_system = *core::SystemId::Parse("VN:GOV:G22:ndxp");
  CHECK_THAT(std::string(BuildRegistry(files, source).status().message()),
             Catch::Contains("\"VN:GOV:G22:ndxp\" is this node's own system"));
}

TEST_CASE("the version follows the content, not where it lies") {
  const auto build = [](const std::string& name, const std::string& text,
                        const RegistrySource& source) {
    const auto snapshot = BuildRegistry({{.name = name, .text = text}}, source);
    INFO(snapshot.status());
    REQUIRE(snapshot.ok());
    return (*snapshot)->version();
  };
  const std::string& yaml = tests::ProbeRegistryYaml();
  const std::string version = build("/a/r.yaml", yaml, tests::ProbeSource());
  CHECK(version.size() == 16);
  CHECK(build("/b/r.yaml", yaml, tests::ProbeSource()) == version);
  CHECK(build("/b/s.yaml", yaml, tests::ProbeSource()) != version);
  CHECK(build("/a/r.yaml", yaml + "#", tests::ProbeSource()) != version);
  RegistrySource other = tests::ProbeSource();
  other.embedded_adapters["people"] += std::string("\x0A\x03\x0A\x01z", 5);  // an empty file `z`
  CHECK(build("/a/r.yaml", yaml, other) != version);
}

}  // namespace
}  // namespace ndx::registry

#include "ndx/routing/access_policy.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::routing {
namespace {

constexpr const char* kGrants = R"(
purposes:
- {code: kiem-ke, name_vi: Kiểm kê, valid_from: 2026-11-23, valid_to: 2026-11-24}
grants:
- name: full
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.PeopleService/LookUp]
  providers: ["VN:GOV:G01:population"]
  purposes: [tthc, thong-ke]
  required_references: [DOSSIER, OFFICER, PROCEDURE]
  hours: [{days: [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY], from: "07:30", to: "17:00"}]
  valid_from: 2026-01-01
  valid_to: 2026-12-31
  legal_basis: QĐ 1
- name: open
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.CatalogueService/*]
  legal_basis: QĐ 2
- name: night
  consumer: "VN:GOV:G09.20:ho-so"
  methods: [probe.v1.CatalogueService/Get]
  hours: [{from: "22:00", to: "24:00"}]
  legal_basis: QĐ 3
- name: statistics
  consumer: "VN:GOV:G09.20:ho-so"
  methods: [probe.v1.CatalogueService/Get]
  purposes: [thong-ke]
  legal_basis: QĐ 4
- name: counted
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.PeopleService/Register]
  providers: ["VN:GOV:G01:population"]
  purposes: [kiem-ke, tthc]
  legal_basis: QĐ 5
)";

// Facts that the grant "full" allows; a case changes one or two.
struct Facts {
  std::string consumer = "VN:GOV:H55:mot-cua";
  std::string method = "/probe.v1.PeopleService/LookUp";
  std::string provider = "VN:GOV:G01:population";
  std::string purpose = "tthc";
  std::string dossier = "H55-20260101-0000001";
  std::string officer = "CB01";
  std::string procedure = "1.011442";
  std::string at = "2026-11-23T08:00:00+07:00";  // a Monday
};

AccessDecision Decide(const registry::RegistrySnapshot& snapshot, const Facts& facts) {
  absl::Time now;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, facts.at, &now, nullptr));
  const auto consumer = core::SystemId::Parse(facts.consumer);
  REQUIRE(consumer.ok());
  const auto route = Router::Resolve(snapshot, facts.method, facts.provider, now);
  REQUIRE(std::holds_alternative<Route>(route));
  return AccessPolicy::Decide(snapshot,
                              {.consumer = &*consumer,
                               .route = std::get<Route>(route),
                               .purpose = facts.purpose,
                               .dossier = facts.dossier,
                               .officer = facts.officer,
                               .procedure = facts.procedure},
                              now);
}

const registry::RegistrySnapshot& PolicySnapshot() {
  static const auto* const kSnapshot =
      new std::shared_ptr<const registry::RegistrySnapshot>(*tests::BuildProbeRegistry(kGrants));
  return **kSnapshot;
}

// "rule" when allowed, "rule REASON" when not.
std::string Outcome(const Facts& facts) {
  const AccessDecision decision = Decide(PolicySnapshot(), facts);
  CHECK(decision.allowed() != decision.refusal.has_value());
  if (decision.allowed()) return decision.rule;
  return decision.rule + " " + core::ReasonName(decision.refusal->reason);
}

TEST_CASE("every reason, in its order") {
  struct Case {
    const char* name;
    Facts facts;
    const char* outcome;
  };
  const Case cases[] = {
      {"all is well", {}, "full"},
      {"other purpose of the grant", {.purpose = "thong-ke"}, "full"},
      {"no grant for the method",
       {.method = "/probe.v1.PeopleService/Verify"},
       "default-deny NO_GRANT"},
      {"no grant of the consumer", {.consumer = "VN:GOV:G09.20:ho-so"}, "default-deny NO_GRANT"},
      {"a consumer nobody knows", {.consumer = "VN:GOV:G77:x"}, "default-deny NO_GRANT"},
      {"no grant for the provider", {.provider = "VN:GOV:G01:backup"}, "default-deny NO_GRANT"},
      {"another purpose", {.purpose = "du-lich"}, "full PURPOSE_NOT_GRANTED"},
      {"purpose in capitals", {.purpose = "TTHC"}, "full PURPOSE_NOT_GRANTED"},
      {"no purpose", {.purpose = ""}, "full PURPOSE_MISSING"},
      {"no dossier", {.dossier = ""}, "full DOSSIER_MISSING"},
      {"no officer", {.officer = ""}, "full OFFICER_MISSING"},
      {"no procedure", {.procedure = ""}, "full PROCEDURE_MISSING"},
      {"the day before", {.at = "2025-12-31T23:59:59+07:00"}, "full GRANT_NOT_IN_FORCE"},
      {"the first day", {.at = "2026-01-01T08:00:00+07:00"}, "full"},
      {"the first day, still the last year in Greenwich", {.at = "2026-01-01T00:30:00Z"}, "full"},
      {"the last day", {.at = "2026-12-31T16:59:59+07:00"}, "full"},
      {"the day after", {.at = "2027-01-01T08:00:00+07:00"}, "full GRANT_NOT_IN_FORCE"},
      {"before hours", {.at = "2026-11-23T07:29:59+07:00"}, "full OUTSIDE_HOURS"},
      {"at the last second", {.at = "2026-11-23T16:59:59+07:00"}, "full"},
      {"after hours", {.at = "2026-11-23T17:00:00+07:00"}, "full OUTSIDE_HOURS"},
      {"on Sunday", {.at = "2026-11-22T08:00:00+07:00"}, "full OUTSIDE_HOURS"},
      {"purpose before dossier", {.purpose = "", .dossier = ""}, "full PURPOSE_MISSING"},
      {"dossier before officer", {.dossier = "", .officer = ""}, "full DOSSIER_MISSING"},
      {"officer before procedure", {.officer = "", .procedure = ""}, "full OFFICER_MISSING"},
      {"procedure before dates",
       {.procedure = "", .at = "2027-01-01T08:00:00+07:00"},
       "full PROCEDURE_MISSING"},
      {"dates before hours", {.at = "2027-01-02T20:00:00+07:00"}, "full GRANT_NOT_IN_FORCE"},
      {"a grant that asks for nothing",
       {.method = "/probe.v1.CatalogueService/Get",
        .purpose = "",
        .dossier = "",
        .officer = "",
        .procedure = ""},
       "open"},
      {"its wildcard", {.method = "/probe.v1.CatalogueService/Plain"}, "open"},
      {"two grants, the first allows",
       {.consumer = "VN:GOV:G09.20:ho-so",
        .method = "/probe.v1.CatalogueService/Get",
        .purpose = "",
        .at = "2026-11-23T22:00:00+07:00"},
       "night"},
      {"two grants, the second allows",
       {.consumer = "VN:GOV:G09.20:ho-so",
        .method = "/probe.v1.CatalogueService/Get",
        .purpose = "thong-ke"},
       "statistics"},
      {"two grants, neither: the one that came furthest",
       {.consumer = "VN:GOV:G09.20:ho-so",
        .method = "/probe.v1.CatalogueService/Get",
        .purpose = ""},
       "night OUTSIDE_HOURS"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(Outcome(c.facts) == c.outcome);
  }
}

TEST_CASE("a purpose may be stated on its days only") {
  const auto outcome = [](const char* at) {
    return Outcome({.method = "/probe.v1.PeopleService/Register", .purpose = "kiem-ke", .at = at});
  };
  CHECK(outcome("2026-11-23T00:00:00+07:00") == "counted");
  CHECK(outcome("2026-11-24T23:59:59+07:00") == "counted");
  CHECK(outcome("2026-11-22T23:59:59+07:00") == "counted PURPOSE_NOT_IN_USE");
  CHECK(outcome("2026-11-25T00:00:00+07:00") == "counted PURPOSE_NOT_IN_USE");
}

TEST_CASE("texts are filled in both languages, without a value of the caller") {
  const auto text = [](const Facts& facts, core::Language language) {
    const AccessDecision decision = Decide(PolicySnapshot(), facts);
    REQUIRE(decision.refusal.has_value());
    std::string filled = core::TextOf(*decision.refusal, language);
    CHECK(filled.find('?') == std::string::npos);
    return filled;
  };
  using enum core::Language;
  CHECK(text({.method = "/probe.v1.PeopleService/Verify"}, kVietnamese) ==
        "VN:GOV:H55:mot-cua chưa có quyền khai thác probe.v1.PeopleService/Verify; gửi yêu cầu tới "
        "Bộ Công an (trực ban 069).");
  CHECK(text({.purpose = "secret"}, kEnglish) == "Purpose not granted; allowed: thong-ke, tthc.");
  CHECK(text({.purpose = ""}, kVietnamese) ==
        "Thiếu mục đích khai thác; thêm `ndx-purpose`, một trong: thong-ke, tthc.");
  CHECK(text({.at = "2027-01-01T08:00:00+07:00"}, kEnglish) ==
        "The grant is in force only from 2026-01-01 to 2026-12-31; ask Bộ Công an (trực ban 069) "
        "to renew it.");
  CHECK(text({.at = "2026-11-22T08:00:00+07:00"}, kVietnamese) ==
        "Ngoài giờ được phép (T2–T6 07:30–17:00, giờ Việt Nam); gọi lại trong giờ.");
  CHECK(text({.at = "2026-11-22T08:00:00+07:00"}, kEnglish) ==
        "Outside the hours allowed (Mon–Fri 07:30–17:00, Vietnam time); call again within them.");
}

TEST_CASE("an allowed exchange carries the grant's hold on the method") {
  const AccessDecision decision = Decide(PolicySnapshot(), {});
  REQUIRE(decision.grant != nullptr);
  CHECK(decision.grant->grant->name == "full");
  CHECK(Decide(PolicySnapshot(), {.purpose = ""}).grant == nullptr);
}

TEST_CASE("a grant for certain addresses counts for calls from there") {
  const auto snapshot = tests::BuildProbeRegistry(R"(
grants:
- name: inside
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.CatalogueService/*]
  source_addresses: ["10.55.0.0/16", "::1"]
  legal_basis: QĐ 2
)");
  REQUIRE(snapshot.ok());
  const auto consumer = core::SystemId::Parse("VN:GOV:H55:mot-cua");
  AccessFacts facts{.consumer = &*consumer,
                    .route = std::get<Route>(Router::Resolve(
                        **snapshot, "/probe.v1.CatalogueService/Get", "", absl::UnixEpoch()))};
  const auto decide = [&] { return AccessPolicy::Decide(**snapshot, facts, absl::UnixEpoch()); };
  for (const char* inside : {"10.55.3.4:4711", "[::1]:4711"}) {
    facts.peer = inside;
    CHECK(decide().allowed());
  }
  for (const char* outside : {"10.56.3.4:4711", "[::2]:4711", "unix:pid=7", ""}) {
    facts.peer = outside;
    INFO(outside);
    const AccessDecision decision = decide();
    CHECK(decision.rule == "inside");
    REQUIRE(decision.refusal.has_value());
    CHECK(decision.refusal->reason == exchange::v1::ERROR_REASON_SOURCE_NOT_GRANTED);
    CHECK_THAT(core::TextOf(*decision.refusal, core::Language::kEnglish),
               Catch::Contains("only for 10.55.0.0/16, ::1"));
  }
  // A replay comes from nowhere.
  facts.peer = std::nullopt;
  CHECK(decide().allowed());
}

TEST_CASE(
    "signatures and proved officers are asked for last, and a grant that asks for neither does") {
  const auto snapshot = tests::BuildProbeRegistry(R"(
grants:
- name: strict
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.CatalogueService/*]
  purposes: [tthc]
  signed_requests: true
  officer_proved: true
  legal_basis: QĐ 2
- name: lax
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.CatalogueService/Plain]
  purposes: [tthc]
  legal_basis: QĐ 2
)");
  REQUIRE(snapshot.ok());
  const auto consumer = core::SystemId::Parse("VN:GOV:H55:mot-cua");
  AccessFacts facts{.consumer = &*consumer};
  const auto decide = [&](const char* method) {
    facts.route = std::get<Route>(Router::Resolve(
        **snapshot, absl::StrCat("/probe.v1.CatalogueService/", method), "", absl::UnixEpoch()));
    return AccessPolicy::Decide(**snapshot, facts, absl::UnixEpoch());
  };
  CHECK(decide("Get").refusal->reason == exchange::v1::ERROR_REASON_PURPOSE_MISSING);
  facts.purpose = "tthc";
  CHECK(decide("Get").refusal->reason == exchange::v1::ERROR_REASON_SIGNATURE_MISSING);
  CHECK(decide("Get").rule == "strict");
  CHECK(decide("Plain").rule == "lax");
  CHECK(decide("Plain").allowed());
  facts.request_signed = true;
  CHECK(decide("Get").refusal->reason == exchange::v1::ERROR_REASON_OFFICER_NOT_PROVED);
  facts.officer_proved = true;
  CHECK(decide("Get").allowed());
  CHECK(decide("Plain").rule == "strict");
}

TEST_CASE("each grant's verdict is told, in the order of the registry") {
  const auto consumer = core::SystemId::Parse("VN:GOV:G09.20:ho-so");
  const AccessFacts facts{
      .consumer = &*consumer,
      .route = std::get<Route>(Router::Resolve(PolicySnapshot(), "/probe.v1.CatalogueService/Get",
                                               "", absl::UnixEpoch())),
      .purpose = "thong-ke"};
  absl::Time noon;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, "2026-11-23T12:00:00+07:00", &noon, nullptr));
  const auto verdicts = AccessPolicy::Explain(PolicySnapshot(), facts, noon);
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].grant->name == "night");
  CHECK(verdicts[0].refusal->reason == exchange::v1::ERROR_REASON_OUTSIDE_HOURS);
  CHECK(verdicts[1].grant->name == "statistics");
  CHECK_FALSE(verdicts[1].refusal.has_value());
}

TEST_CASE("the node's own services are open to every registered system") {
  registry::RegistrySource source = tests::ProbeSource();
  source.node_system = *core::SystemId::Parse("VN:GOV:G01:backup");
  source.node_services = {
      exchange::v1::GetReceiptRequest::descriptor()->file()->FindServiceByName("ExchangeService")};
  const auto snapshot =
      registry::BuildRegistry({{.name = "r.yaml", .text = tests::ProbeRegistryYaml()}}, source);
  REQUIRE(snapshot.ok());
  const AccessDecision decision =
      Decide(**snapshot, {.method = "/ndx.exchange.v1.ExchangeService/GetReceipt", .provider = ""});
  CHECK(decision.allowed());
  CHECK(decision.rule == kNodeServiceRule);
}

constexpr char kShadowGrants[] = R"(
consumer_groups:
- {name: communes, systems: ["VN:GOV:H55:mot-cua", "VN:GOV:G09.20:ho-so"]}
grants:
- name: stricter
  consumer_group: communes
  methods: [probe.v1.CatalogueService/Get]
  purposes: [thong-ke]
  legal_basis: QĐ 2
  shadow: true
  shadow_of: by-group
- name: newcomer
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.PeopleService/Verify]
  purposes: [tthc]
  legal_basis: QĐ 3
  shadow: true
- name: by-group
  consumer_group: communes
  methods: [probe.v1.CatalogueService/Get]
  purposes: [tthc, thong-ke]
  legal_basis: QĐ 1
)";

TEST_CASE("a group's grant allows each of its systems, and nobody else") {
  const auto snapshot = tests::BuildProbeRegistry(kShadowGrants);
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const char* const method = "/probe.v1.CatalogueService/Get";
  for (const char* consumer : {"VN:GOV:H55:mot-cua", "VN:GOV:G09.20:ho-so"}) {
    CHECK(Decide(**snapshot, {.consumer = consumer, .method = method, .provider = ""}).rule ==
          "by-group");
  }
  CHECK(Decide(**snapshot, {.consumer = "VN:GOV:G01:backup", .method = method, .provider = ""})
            .rule == "default-deny");
}

TEST_CASE("a grant in shadow mode decides nothing and says what it would have decided") {
  const auto snapshot = tests::BuildProbeRegistry(kShadowGrants);
  REQUIRE(snapshot.ok());
  const char* const get = "/probe.v1.CatalogueService/Get";
  const auto refused = Decide(**snapshot, {.method = get, .provider = "", .purpose = "tthc"});
  CHECK(refused.rule == "by-group");
  CHECK(refused.allowed());
  REQUIRE(refused.shadow_differs());
  CHECK(refused.shadow->grant->grant->name == "stricter");
  CHECK(refused.shadow->refusal->reason == exchange::v1::ERROR_REASON_PURPOSE_NOT_GRANTED);

  const auto agreed = Decide(**snapshot, {.method = get, .provider = "", .purpose = "thong-ke"});
  CHECK(agreed.allowed());
  CHECK(agreed.shadow.has_value());  // asked again about body and quota
  CHECK_FALSE(agreed.shadow_differs());

  const char* const verify = "/probe.v1.PeopleService/Verify";
  const auto allowed = Decide(**snapshot, {.method = verify});
  CHECK_FALSE(allowed.allowed());
  CHECK(allowed.rule == "default-deny");
  REQUIRE(allowed.shadow_differs());
  CHECK(allowed.shadow->grant->grant->name == "newcomer");
  CHECK_FALSE(allowed.shadow->refusal.has_value());
  CHECK_FALSE(Decide(**snapshot, {.method = verify, .purpose = "thong-ke"}).shadow.has_value());

  // Who would have been asked where another replaced grant decided? Nobody.
  CHECK_FALSE(
      Decide(**snapshot, {.consumer = "VN:GOV:G09.20:ho-so", .method = verify}).shadow.has_value());
}

}  // namespace
}  // namespace ndx::routing

#include "ndx/registry/widening.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"

namespace ndx::registry {
namespace {

constexpr char kGrant[] = R"(
  name: "g" consumer: "VN:GOV:H55:mot-cua" methods: ["s/A", "s/B"] purposes: ["p", "q"]
  required_references: [REFERENCE_DOSSIER] answer_fields: ["citizen.name", "total"]
  request_fields: ["number"] quota { per_second: 10 per_day: 100 subjects_per_day: 7 }
  hours { days: [DAY_MONDAY] from: "08:00" to: "17:00" }
  valid_from: "2026-01-01" valid_to: "2026-12-31" source_addresses: ["10.0.0.0/8", "::1"]
  legal_basis: "QD 1")";
constexpr char kSystem[] = R"(id: "VN:GOV:H55:mot-cua" suspended: true
  certificates { spki_sha256: "aa" valid_to: "2026-12-31" })";
constexpr char kMember[] = R"(code: "H55" name_vi: "T" valid_to: "2026-06-30" suspended: true)";
constexpr char kService[] = R"(name: "s" title_vi: "t" providers { system: "x" endpoint: "unix:/a"
  limits { concurrent_calls: 3 } })";

v1::EntryChange Change(const std::string& text) {
  v1::EntryChange change;
  INFO(text);
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &change));
  return change;
}

EditableDocument Before() {
  EditableDocument document;
  for (const auto& [kind, entry] : {std::pair("grant", kGrant), std::pair("system", kSystem),
                                    std::pair("member", kMember), std::pair("service", kService)}) {
    REQUIRE(document.Apply(Change(std::string(kind) + " {" + entry + "}")).ok());
  }
  return document;
}

// The kinds of what the entry, with what follows it merged over it, widens.
std::vector<v1::WideningKind> Kinds(const std::string& kind, const std::string& entry) {
  std::vector<v1::WideningKind> kinds;
  for (const auto& widening :
       WideningsOf(Before(), {Change(std::string(kind).append(" {").append(entry).append("}"))})) {
    kinds.push_back(widening.kind());
  }
  return kinds;
}

// The grant with one text replaced.
std::vector<v1::WideningKind> Grant(const std::string& from, const std::string& to) {
  std::string text = kGrant;
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return Kinds("grant", text.replace(at, from.size(), to));
}

using List = std::vector<v1::WideningKind>;

TEST_CASE("a grant widens by each of its parts, and narrows by none") {
  CHECK(Grant("QD 1", "QD 2").empty());
  CHECK(Grant("\"g\"", "\"new\"") == List{v1::WIDENING_KIND_NEW_GRANT});
  CHECK(Grant(":mot-cua", ":khac") == List{v1::WIDENING_KIND_CONSUMER});
  CHECK(Grant(R"(["s/A", "s/B"])", R"(["s/A"])").empty());
  CHECK(Grant(R"(["s/A", "s/B"])", R"(["s/*"])") == List{v1::WIDENING_KIND_METHODS});
  CHECK(Grant("legal_basis", R"(providers: ["x"] legal_basis)").empty());
  CHECK(Grant(R"(["p", "q"])", R"(["q"])").empty());
  CHECK(Grant(R"(["p", "q"])", "[]") == List{v1::WIDENING_KIND_PURPOSES});
  CHECK(Grant(R"("q"])", R"("r"])") == List{v1::WIDENING_KIND_PURPOSES});
  CHECK(Grant("REFERENCE_DOSSIER", "REFERENCE_DOSSIER, REFERENCE_OFFICER").empty());
  CHECK(Grant("REFERENCE_DOSSIER", "REFERENCE_OFFICER") == List{v1::WIDENING_KIND_REFERENCES});
  CHECK(Grant(R"("citizen.name", "total")", R"("citizen.name.given")").empty());
  CHECK(Grant("citizen.name", "citizen") == List{v1::WIDENING_KIND_ANSWER_FIELDS});
  CHECK(Grant("citizen.name", "citizen.names") == List{v1::WIDENING_KIND_ANSWER_FIELDS});
  CHECK(Grant(R"(["citizen.name", "total"])", "[]") == List{v1::WIDENING_KIND_ANSWER_FIELDS});
  CHECK(Grant(R"(["number"])", R"(["number", "x"])") == List{v1::WIDENING_KIND_REQUEST_FIELDS});
  CHECK(Grant("per_second: 10", "per_second: 9").empty());
  CHECK(Grant("per_second: 10", "per_second: 11") == List{v1::WIDENING_KIND_QUOTA});
  CHECK(Grant("per_day: 100", "") == List{v1::WIDENING_KIND_QUOTA});
  CHECK(Grant("subjects_per_day: 7", "subjects_per_day: 6").empty());
  CHECK(Grant("subjects_per_day: 7", "subjects_per_day: 8") == List{v1::WIDENING_KIND_QUOTA});
  CHECK(Grant("17:00", "18:00") == List{v1::WIDENING_KIND_HOURS});
  CHECK(Grant(R"(hours { days: [DAY_MONDAY] from: "08:00" to: "17:00" })", "") ==
        List{v1::WIDENING_KIND_HOURS});
  CHECK(Grant("2026-12-31", "2026-12-30").empty());
  CHECK(Grant("2026-12-31", "2027-01-01") == List{v1::WIDENING_KIND_DATES});
  CHECK(Grant(R"(valid_to: "2026-12-31")", "") == List{v1::WIDENING_KIND_DATES});
  CHECK(Grant("2026-01-01", "2025-12-31") == List{v1::WIDENING_KIND_DATES});
  CHECK(Grant(R"(, "::1")", "").empty());
  CHECK(Grant("10.0.0.0/8", "10.0.0.0/7") == List{v1::WIDENING_KIND_SOURCES});
  CHECK(Grant("legal_basis", "signed_requests: true officer_proved: true legal_basis").empty());
}

TEST_CASE("a campaign, a proof no longer asked for and a shadow that counts are widenings") {
  const std::string campaign = "campaign { total: 10 per_second: 2 }";
  constexpr char kQuota[] = "quota { per_second: 10 per_day: 100 subjects_per_day: 7 }";
  CHECK(Grant(kQuota, campaign) == List{v1::WIDENING_KIND_QUOTA});
  EditableDocument before;
  const auto kinds = [&before](const std::string& was, const std::string& now) {
    REQUIRE(before.Apply(Change("grant { name: 'w' " + was + "}")).ok());
    List found;
    for (const auto& each : WideningsOf(before, {Change("grant { name: 'w' " + now + "}")})) {
      found.push_back(each.kind());
    }
    return found;
  };
  CHECK(kinds(campaign, "campaign { total: 9 per_second: 1 }").empty());
  CHECK(kinds(campaign, "campaign { total: 11 per_second: 2 }") == List{v1::WIDENING_KIND_QUOTA});
  CHECK(kinds(campaign, "campaign { total: 10 per_second: 3 }") == List{v1::WIDENING_KIND_QUOTA});
  CHECK(kinds(campaign, "") == List{v1::WIDENING_KIND_QUOTA});
  CHECK(kinds("signed_requests: true", "") == List{v1::WIDENING_KIND_PROOF});
  CHECK(kinds("officer_proved: true", "") == List{v1::WIDENING_KIND_PROOF});
  CHECK(kinds("", "shadow: true").empty());
  CHECK(kinds("shadow: true", "") == List{v1::WIDENING_KIND_SHADOW});
  CHECK(kinds("consumer: 'a'", "consumer_group: 'b'") == List{v1::WIDENING_KIND_CONSUMER});
}

TEST_CASE("a group widens by systems") {
  EditableDocument before;
  REQUIRE(before.Apply(Change("consumer_group { name: 'xa' systems: ['a', 'b'] }")).ok());
  const auto kinds = [&before](const std::string& now) {
    List found;
    for (const auto& each : WideningsOf(before, {Change("consumer_group { " + now + "}")})) {
      found.push_back(each.kind());
    }
    return found;
  };
  CHECK(kinds("name: 'xa' systems: ['b']").empty());
  CHECK(kinds("name: 'xa' systems: ['b', 'c']") == List{v1::WIDENING_KIND_GROUP});
  CHECK(kinds("name: 'moi' systems: ['b']") == List{v1::WIDENING_KIND_GROUP});
}

TEST_CASE("a peer widens by members, methods, keys and its place") {
  const std::string was =
      "peer { system: 'VN:GOV:H55:lgsp' may_speak_for: ['H55', 'H55.*'] methods: ['a', 'b'] "
      "journal_keys: ['j'] assertion_keys { public_key: 'k' } endpoint: 'a:1' ";
  EditableDocument before;
  REQUIRE(before.Apply(Change(was + "}")).ok());
  const auto kinds = [&before](const std::string& now) {
    List found;
    for (const auto& each : WideningsOf(before, {Change(now)})) found.push_back(each.kind());
    return found;
  };
  const auto changed = [&was](const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(was, {{from, to}}) + "}";
  };
  CHECK(kinds(was + "}").empty());
  CHECK(kinds(changed("'H55', ", "")).empty());
  CHECK(kinds(changed("['a', 'b']", "['a']")).empty());
  CHECK(kinds(changed("'H55', ", "'H20', ")) == List{v1::WIDENING_KIND_CONSUMER});
  CHECK(kinds(changed("methods: ['a', 'b']", "")) == List{v1::WIDENING_KIND_METHODS});
  CHECK(kinds(changed("['j']", "['i']")) == List{v1::WIDENING_KIND_KEY});
  CHECK(kinds(changed("'k'", "'l'")) == List{v1::WIDENING_KIND_KEY});
  CHECK(kinds(changed("'a:1'", "'a:2'")) == List{v1::WIDENING_KIND_ROUTE});
  CHECK(kinds("peer { system: 'VN:GOV:H20:lgsp' may_speak_for: ['H20'] }") ==
        List{v1::WIDENING_KIND_CONSUMER});
  // By either spelling of the member it is the same peer.
  CHECK(KeyOf(Change("peer { system: 'VN:GOV:000.00.20.H55:lgsp' }"))->name ==
        "VN:GOV:H55.20:lgsp");
}

TEST_CASE("keys, authorities and days widen members, systems and services") {
  const std::string key = "signing_keys { public_key: 'k' valid_to: '2026-12-31' }";
  EditableDocument before;
  REQUIRE(before
              .Apply(Change("system { id: 's' suspended: true " + key +
                            " valid_to: '2026-12-31' certificates { spki_sha256: 'aa' } }"))
              .ok());
  REQUIRE(before
              .Apply(Change("member { code: 'H55' issuer_spki_sha256: 'a' "
                            "officer_token_keys { public_key: 'o' } }"))
              .ok());
  REQUIRE(before.Apply(Change("service { name: 'v' valid_to: '2026-12-31' }")).ok());
  const auto kinds = [&before](const std::string& now) {
    List found;
    for (const auto& each : WideningsOf(before, {Change(now)})) found.push_back(each.kind());
    return found;
  };
  const std::string system = "system { id: 's' suspended: true ";
  CHECK(kinds(system + key + " valid_to: '2026-12-30' }").empty());
  CHECK(kinds(system + key + "}") == List{v1::WIDENING_KIND_DATES});
  CHECK(kinds(system + "valid_to: '2026-12-31' signing_keys { public_key: 'k' } }") ==
        List{v1::WIDENING_KIND_KEY});
  CHECK(kinds(system + "valid_to: '2026-12-31' signing_keys { public_key: 'x' } }") ==
        List{v1::WIDENING_KIND_KEY});
  CHECK(kinds(system + "valid_to: '2026-12-31' certificates { spki_sha256: 'aa' without_uri: true "
                       "} }") == List{v1::WIDENING_KIND_CERTIFICATE});
  CHECK(kinds("member { code: 'H55' issuer_spki_sha256: 'a' }").empty());
  CHECK(kinds("member { code: 'H55' }") == List{v1::WIDENING_KIND_KEY});
  CHECK(kinds("member { code: 'H55' issuer_spki_sha256: 'a' officer_token_keys { public_key: 'p' } "
              "}") == List{v1::WIDENING_KIND_KEY});
  CHECK(kinds("service { name: 'v' valid_to: '2026-12-31' least_method: 'm' }").empty());
  CHECK(kinds("service { name: 'v' }") == List{v1::WIDENING_KIND_DATES});
  CHECK(kinds("service { name: 'v' valid_to: '2026-12-31' providers { signed_answers: true } }") ==
        List{v1::WIDENING_KIND_ROUTE});
}

TEST_CASE("a system widens by certificates and by being released") {
  CHECK(Kinds("system", kSystem).empty());
  CHECK(Kinds("system", R"(id: "VN:GOV:H55:mot-cua" suspended: true name_vi: "n")").empty());
  CHECK(Kinds("system", R"(id: "VN:GOV:H55:mot-cua")") == List{v1::WIDENING_KIND_RELEASE});
  const std::string base = R"(id: "VN:GOV:H55:mot-cua" suspended: true )";
  CHECK(Kinds("system", base + R"(certificates { spki_sha256: "aa" valid_to: "2026-11-30" })")
            .empty());
  CHECK(Kinds("system", base + R"(certificates { spki_sha256: "aa" })") ==
        List{v1::WIDENING_KIND_CERTIFICATE});
  CHECK(Kinds("system", base + R"(certificates { spki_sha256: "bb" })") ==
        List{v1::WIDENING_KIND_CERTIFICATE});
  CHECK(Kinds("system", R"(id: "VN:GOV:H55:moi" certificates { spki_sha256: "cc" })") ==
        List{v1::WIDENING_KIND_CERTIFICATE});
  CHECK(Kinds("system", R"(id: "VN:GOV:H55:moi")").empty());
}

TEST_CASE("a member widens by its days and by being released; a new one gives nobody anything") {
  CHECK(Kinds("member", R"(code: "H55" name_vi: "X" valid_to: "2026-06-30" suspended: true)")
            .empty());
  CHECK(Kinds("member", R"(code: "H55" valid_to: "2026-06-30")") ==
        List{v1::WIDENING_KIND_RELEASE});
  CHECK(Kinds("member", R"(code: "H55" suspended: true)") == List{v1::WIDENING_KIND_DATES});
  CHECK(Kinds("member", R"(code: "H56" name_vi: "X")").empty());
}

TEST_CASE("days of a system, a key that alone says whose it is, and issuing authorities widen") {
  EditableDocument before;
  const std::string system = R"(system { id: "VN:GOV:H55:a" valid_from: "2026-01-01" )";
  const std::string member = R"(member { code: "H55" name_vi: "T" )";
  const std::string key = R"(certificates { spki_sha256: "aa" } )";
  REQUIRE(before.Apply(Change(system + key + R"(valid_to: "2026-12-31" })")).ok());
  REQUIRE(before.Apply(Change(member + R"(issuer_spki_sha256: ["ca", "cb"] })")).ok());
  const auto kinds = [&](const std::string& change) {
    List found;
    for (const auto& widening : WideningsOf(before, {Change(change)})) {
      found.push_back(widening.kind());
    }
    return found;
  };
  CHECK(kinds(system + key + R"(valid_to: "2026-11-30" })").empty());
  CHECK(kinds(system + key + "}") == List{v1::WIDENING_KIND_DATES});
  CHECK(kinds(system + R"(valid_to: "2026-12-31"
    certificates { spki_sha256: "aa" without_uri: true } })") ==
        List{v1::WIDENING_KIND_CERTIFICATE});
  CHECK(kinds(member + R"(issuer_spki_sha256: "cb" })").empty());
  CHECK(kinds(member + R"(issuer_spki_sha256: ["ca", "cc"] })") == List{v1::WIDENING_KIND_KEY});
  CHECK(kinds(member + "}") == List{v1::WIDENING_KIND_KEY});
}

TEST_CASE("a purpose widens by its days; a new one gives nobody anything") {
  EditableDocument before;
  REQUIRE(
      before.Apply(Change(R"(purpose { code: "p" name_vi: "P" valid_to: "2026-06-30" })")).ok());
  const auto widens = [&](const std::string& change) {
    return !WideningsOf(before, {Change(change)}).empty();
  };
  CHECK(widens(R"(purpose { code: "p" name_vi: "P" })"));
  CHECK_FALSE(widens(R"(purpose { code: "p" name_vi: "Q" valid_to: "2026-05-31" })"));
  CHECK_FALSE(widens(R"(purpose { code: "q" name_vi: "Q" })"));
}

TEST_CASE("a service widens by where its calls go; names, shares and limits do not matter") {
  CHECK(Kinds("service", R"(name: "s" title_vi: "u" share: 7 providers { system: "x"
    endpoint: "unix:/a" limits { concurrent_calls: 99 } })")
            .empty());
  CHECK(Kinds("service", R"(name: "s" providers { system: "x" endpoint: "unix:/b" })") ==
        List{v1::WIDENING_KIND_ROUTE});
  CHECK(Kinds("service", R"(name: "new" providers { system: "x" endpoint: "unix:/b" })").empty());
}

TEST_CASE("a widening names its entry; removals widen nothing") {
  const auto widenings =
      WideningsOf(Before(), {Change(R"(grant { name: "new" })"),
                             Change(R"(removed { kind: ENTRY_KIND_GRANT name: "g" })")});
  REQUIRE(widenings.size() == 1);
  CHECK(widenings[0].entry().kind() == v1::ENTRY_KIND_GRANT);
  CHECK(widenings[0].entry().name() == "new");
}

}  // namespace
}  // namespace ndx::registry

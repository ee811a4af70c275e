#include "ndx/routing/router.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::routing {
namespace {

const registry::RegistrySnapshot& RouterSnapshot() {
  static const auto* const kSnapshot =
      new std::shared_ptr<const registry::RegistrySnapshot>(*tests::BuildProbeRegistry(""));
  return **kSnapshot;
}

// The provider's name, or the reason with its parameters.
std::string Resolve(const std::string& path, const std::string& provider) {
  const auto resolved = Router::Resolve(RouterSnapshot(), path, provider, absl::UnixEpoch());
  if (const Route* route = std::get_if<Route>(&resolved)) return route->provider->system->id.text();
  const auto& refusal = std::get<core::Refusal>(resolved);
  std::string text = core::ReasonName(refusal.reason);
  for (const auto& [name, value] : refusal.parameters)
    absl::StrAppend(&text, " ", name, "=", value);
  return text;
}

TEST_CASE("a method and a provider become a route, or a reason") {
  const std::string people = "/probe.v1.PeopleService/LookUp";
  const std::string both = "list=VN:GOV:G01:population, VN:GOV:G01:backup";
  struct Case {
    const char* name;
    std::string path;
    std::string provider;
    std::string result;
  };
  const Case cases[] = {
      {"one provider", "/probe.v1.CatalogueService/Get", "", "VN:GOV:G01:population"},
      {"one provider, named", "/probe.v1.CatalogueService/Get", "VN:GOV:G01:population",
       "VN:GOV:G01:population"},
      {"two providers, one named", people, "VN:GOV:G01:backup", "VN:GOV:G01:backup"},
      {"named in the legacy spelling", people, "VN:GOV:000.00.00.G01:backup", "VN:GOV:G01:backup"},
      {"two providers, none named", people, "", "PROVIDER_AMBIGUOUS " + both},
      {"another system named", people, "VN:GOV:H55:mot-cua", "PROVIDER_UNKNOWN " + both},
      {"nobody named", people, "VN:GOV:G77:x", "PROVIDER_UNKNOWN " + both},
      {"no name at all", people, "population", "PROVIDER_UNKNOWN " + both},
      {"unknown method", "/probe.v1.PeopleService/Lookup", "",
       "METHOD_UNKNOWN nearest=probe.v1.PeopleService/LookUp"},
      {"unknown service", "/probe.v1.PeopleServices/LookUp", "",
       "METHOD_UNKNOWN nearest=probe.v1.PeopleService/LookUp"},
      {"no path", "", "", "METHOD_UNKNOWN nearest=probe.v1.PeopleService/List"},
      {"server stream", "/probe.v1.PeopleService/Watch", "VN:GOV:G01:backup", "VN:GOV:G01:backup"},
      {"client stream", "/probe.v1.PeopleService/Upload", "VN:GOV:G01:backup",
       "STREAMING_UNSUPPORTED"},
      {"client stream without provider: the earlier reason", "/probe.v1.PeopleService/Upload", "",
       "PROVIDER_AMBIGUOUS " + both},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(Resolve(c.path, c.provider) == c.result);
  }
}

TEST_CASE("a refusal never repeats what the caller sent") {
  const auto resolved = Router::Resolve(RouterSnapshot(), "/probe.v1.PeopleService/LookUp",
                                        "VN:GOV:G77:secret", absl::UnixEpoch());
  const auto& refusal = std::get<core::Refusal>(resolved);
  CHECK(core::TextOf(refusal, core::Language::kVietnamese).find("secret") == std::string::npos);
}

TEST_CASE("a service is offered on its days only") {
  const auto snapshot = registry::BuildRegistry(
      {{.name = "r.yaml",
        .text = absl::StrReplaceAll(tests::ProbeRegistryYaml(),
                                    {{"- name: probe.v1.CatalogueService\n",
                                      "- name: probe.v1.CatalogueService\n  valid_from: "
                                      "2026-11-23\n  valid_to: 2026-11-24\n"}})}},
      tests::ProbeSource());
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const auto reason = [&](absl::CivilSecond at) {
    const auto resolved = Router::Resolve(**snapshot, "/probe.v1.CatalogueService/Get", "",
                                          absl::FromCivil(at, registry::VietnamTimeZone()));
    const auto* const refusal = std::get_if<core::Refusal>(&resolved);
    return refusal == nullptr ? "" : core::TextOf(*refusal, core::Language::kEnglish);
  };
  CHECK(reason(absl::CivilSecond(2026, 11, 23)).empty());
  CHECK(reason(absl::CivilSecond(2026, 11, 24, 23, 59, 59)).empty());
  for (const absl::CivilSecond at :
       {absl::CivilSecond(2026, 11, 22, 23, 59, 59), absl::CivilSecond(2026, 11, 25)}) {
    CHECK(reason(at) ==
          "The service is offered only from 2026-11-23 to 2026-11-24; look for another version in "
          "the catalogue or ask Bộ Công an (trực ban 069).");
  }
}

TEST_CASE("a provider is asked on its days only; where one has ended the other needs no name") {
  const auto snapshot = registry::BuildRegistry(
      {{.name = "r.yaml",
        .text = absl::StrReplaceAll(tests::ProbeRegistryYaml(),
                                    {{R"({id: "VN:GOV:G01:backup"})",
                                      R"({id: "VN:GOV:G01:backup", valid_to: 2026-11-24})"}})}},
      tests::ProbeSource());
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const auto resolved = [&](const std::string& provider, absl::CivilSecond at) {
    const auto found = Router::Resolve(**snapshot, "/probe.v1.PeopleService/LookUp", provider,
                                       absl::FromCivil(at, registry::VietnamTimeZone()));
    if (const Route* route = std::get_if<Route>(&found)) return route->provider->system->id.text();
    return core::TextOf(std::get<core::Refusal>(found), core::Language::kEnglish);
  };
  const absl::CivilSecond last(2026, 11, 24, 23, 59, 59);
  CHECK(resolved("VN:GOV:G01:backup", last) == "VN:GOV:G01:backup");
  CHECK(
      resolved("VN:GOV:G01:backup", last + 1) ==
      "The system that provides the service is in use only from … to 2026-11-24; look for another "
      "provider in the catalogue or ask Bộ Công an (trực ban 069).");
  CHECK(resolved("", last + 1) == "VN:GOV:G01:population");
  CHECK(resolved("", last) != "VN:GOV:G01:population");
}

}  // namespace
}  // namespace ndx::routing

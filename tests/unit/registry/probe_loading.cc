#include "probe_loading.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::tests {

std::string LoadWith(const std::string& more) {
  const auto built = BuildProbeRegistry(more);
  return built.ok() ? "ok" : std::string(built.status().message());
}

std::string LoadChanged(const std::string& from, const std::string& to) {
  const std::string yaml = absl::StrReplaceAll(ProbeRegistryYaml(), {{from, to}});
  NDX_CHECK(yaml != ProbeRegistryYaml());
  const auto built = registry::BuildRegistry({{.name = "base.yaml", .text = yaml}}, ProbeSource());
  return built.ok() ? "ok" : std::string(built.status().message());
}

std::string GrantWith(const std::string& line) {
  const bool methods = line.rfind("methods:", 0) == 0;
  return absl::StrCat(
      "\ngrants:\n- name: g\n  consumer: \"VN:GOV:H55:mot-cua\"\n  legal_basis: QĐ 1\n",
      methods ? "" : "  methods: [probe.v1.PeopleService/LookUp]\n", "  ", line, "\n");
}

std::string LoadService(const std::string& provider_lines, const std::string& lines) {
  std::string base = ProbeRegistryYaml();
  base.resize(base.find("- name: probe.v1.CatalogueService"));
  const std::string service =
      absl::StrCat("services:\n- name: probe.v1.CatalogueService\n  adapter: people\n", lines,
                   "  providers:\n  - system: \"VN:GOV:H55:mot-cua\"\n", provider_lines);
  const auto built = registry::BuildRegistry(
      {{.name = "base.yaml", .text = base}, {.name = "/etc/more.yaml", .text = service}},
      ProbeSource());
  return built.ok() ? "ok" : std::string(built.status().message());
}

}  // namespace ndx::tests

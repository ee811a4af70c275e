// YAML from a file that somebody broke: read as a node's settings and as a registry, it is
// understood or refused with a text that names the file; never more.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "fuzz_check.h"
#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/settings/v1/node_settings.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ndx::registry::v1::RegistryDocument registry;
  const absl::Status as_registry =
      ndx::settings::ParseSettings({{"fuzz.yaml", text}}, registry, nullptr);
  FUZZ_CHECK(as_registry.ok() || absl::StrContains(as_registry.message(), "fuzz.yaml"));
  ndx::settings::v1::NodeSettings settings;
  const absl::Status as_settings =
      ndx::settings::ParseSettings({{"fuzz.yaml", text}}, settings, nullptr);
  FUZZ_CHECK(as_settings.ok() || absl::StrContains(as_settings.message(), "fuzz.yaml"));
  return 0;
}

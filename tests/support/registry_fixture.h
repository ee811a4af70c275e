// A small registry from text, for tests of everything that works from a snapshot: three members,
// four systems, one service with two providers, one with one, and whatever a test adds.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/registry/registry_source.h"

namespace ndx::tests {

// The contract of the fixture's services, as .proto text: probe.v1.PeopleService (LookUp, Verify,
// Register, Watch, Upload, List) and probe.v1.CatalogueService (Get, and Plain without options).
// Use tests/support/proto_source.h to make messages of it.
const std::string& ProbeProto();

// Purposes, members, systems and services of the fixture; no grants.
const std::string& ProbeRegistryYaml();

// A source with the adapter "people", which has both services, and no files.
registry::RegistrySource ProbeSource();

// The fixture and more YAML beside it.
absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> BuildProbeRegistry(
    absl::string_view more_yaml);

}  // namespace ndx::tests

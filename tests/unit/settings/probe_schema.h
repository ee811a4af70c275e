// A schema with every kind of field, and YAML read into it.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "ndx/tests/support/proto_source.h"

namespace ndx::tests {

// probe.Probe has every kind of field, probe.Ruled every kind of rule.
ProtoSource& ProbeSchema();

// The message's debug text, or the error. The file's name is f.yaml.
std::string LoadText(const std::string& type, const std::string& yaml);

// As probe.Probe.
std::string Probe(const std::string& yaml);

}  // namespace ndx::tests

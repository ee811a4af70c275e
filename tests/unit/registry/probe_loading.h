// Loading of the fixture's registry with something changed or added: "ok", or the error's text.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>

namespace ndx::tests {

// With more YAML beside it, in a file more.yaml.
std::string LoadWith(const std::string& more);

// With its text changed, in a file base.yaml.
std::string LoadChanged(const std::string& from, const std::string& to);

// With probe.v1.CatalogueService provided as these lines say, in a file /etc/more.yaml.
std::string LoadService(const std::string& provider_lines, const std::string& lines = "");

// The YAML of a grant that loads, with one line more.
std::string GrantWith(const std::string& line);

// One wrong text and what is said of it.
struct LoadingCase {
  const char* name;
  std::string yaml;
  const char* error;
};

}  // namespace ndx::tests

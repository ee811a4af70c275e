// The text of one YAML document as a plain tree: the only place that sees yaml-cpp and its
// exceptions. Private to the folder.
//
// Thread-safety: value type; ParseYaml is thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/settings/fault_list.h"

namespace ndx::settings {

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  std::string text;     // of a scalar, as written
  bool quoted = false;  // "5" is a text, 5 a number
  int line = 0;         // from 1
  std::vector<YamlNode> elements;
  std::vector<YamlEntry> entries;  // of a mapping, in order, duplicates kept
};

// Not a std::pair: clang needs its members complete where YamlNode is not yet.
struct YamlEntry {
  YamlNode key;  // a scalar
  YamlNode value;
};

// Null for an empty document. Faults (of syntax, of encoding, of limits) are added to the list and
// the tree is then null.
YamlNode ParseYaml(absl::string_view text, absl::string_view file, FaultList& faults);

// The text of a tree: mappings and sequences in block style, quoted scalars in double quotes.
std::string YamlText(const YamlNode& root);

}  // namespace ndx::settings

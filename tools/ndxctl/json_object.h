// A small JSON object whose members keep their order, for what is no message of a contract.
//
// Thread-safety: value type.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::tools::ndxctl {

class JsonObject {
 public:
  void Add(absl::string_view name, absl::string_view text);
  // An absent text adds nothing.
  void AddUnlessEmpty(absl::string_view name, absl::string_view text);
  void Add(absl::string_view name, const std::vector<std::string>& texts);
  void Add(absl::string_view name, const JsonObject& object);

  // {"name":"text",…} on one line.
  std::string ToString() const { return "{" + members_ + "}"; }

 private:
  void AddValue(absl::string_view name, const std::string& value);

  std::string members_;
};

// The text with its quotes. Bytes that are no UTF-8 become U+FFFD.
std::string JsonText(absl::string_view text);

}  // namespace ndx::tools::ndxctl

// A JSON object of texts and whole numbers and nothing else: the headers and claims of signatures.
// Stricter than RFC 8259: no nesting, no escapes, no characters beyond printable ASCII, no signs,
// fractions or leading zeros, and no member twice. The parsers at hand take the last of two equal
// members, which is how two readers of one signed text come to different conclusions.
//
// Thread-safety: value type; Parse is thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::crypto {

class FlatJson {
 public:
  static constexpr size_t kMembersMax = 16;
  static constexpr size_t kDigitsMax = 15;

  // Nothing unless the whole text is such an object, white space between tokens aside.
  static std::optional<FlatJson> Parse(absl::string_view text);

  FlatJson& Add(std::string name, std::string text);
  FlatJson& Add(std::string name, int64_t number);  // not negative

  // Null if there is no such member, or one of the other type.
  const std::string* Text(absl::string_view name) const;
  const int64_t* Number(absl::string_view name) const;
  size_t size() const { return members_.size(); }

  // Without white space, members in their order.
  std::string ToString() const;

 private:
  using Value = std::variant<std::string, int64_t>;
  const Value* Find(absl::string_view name) const;

  std::vector<std::pair<std::string, Value>> members_;
};

}  // namespace ndx::crypto

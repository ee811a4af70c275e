// JSON of others, read strictly. Private to this folder.
//
// Thread-safety: thread-safe functions. Source: RFC 8259, as jansson implements it; a name that
// stands twice in an object is an error, because readers differ on which one counts.
#pragma once

#include <jansson.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::security {

struct FreeJson {
  void operator()(json_t* json) const { json_decref(json); }
};
using Json = std::unique_ptr<json_t, FreeJson>;

// Of what jansson and cjose hand out.
struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

// Null unless the text is one object and nothing else.
inline Json ParseJsonObject(absl::string_view text) {
  Json json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
  return json_is_object(json.get()) ? std::move(json) : nullptr;
}

// The text of a member; nullopt where it is absent or no text.
inline std::optional<std::string> TextIn(const json_t* object, const char* name) {
  const json_t* const member = json_object_get(object, name);
  if (!json_is_string(member)) return std::nullopt;
  return std::string(json_string_value(member), json_string_length(member));
}

}  // namespace ndx::security

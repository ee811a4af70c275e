#include "ndx/tools/ndxctl/json_object.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"

namespace ndx::tools::ndxctl {

std::string JsonText(absl::string_view text) {
  google::protobuf::StringValue value;
  value.set_value(std::string(text));
  std::string json;
  // The wrapper's JSON is the quoted text alone.
  const auto status = google::protobuf::util::MessageToJsonString(value, &json);
  return status.ok() ? json : "\"\xEF\xBF\xBD\"";
}

void JsonObject::AddValue(absl::string_view name, const std::string& value) {
  absl::StrAppend(&members_, members_.empty() ? "" : ",", JsonText(name), ":", value);
}

void JsonObject::Add(absl::string_view name, absl::string_view text) {
  AddValue(name, JsonText(text));
}

void JsonObject::AddUnlessEmpty(absl::string_view name, absl::string_view text) {
  if (!text.empty()) Add(name, text);
}

void JsonObject::Add(absl::string_view name, const std::vector<std::string>& texts) {
  const auto quoted = [](std::string* out, const std::string& text) {
    out->append(JsonText(text));
  };
  AddValue(name, absl::StrCat("[", absl::StrJoin(texts, ",", quoted), "]"));
}

void JsonObject::Add(absl::string_view name, const JsonObject& object) {
  AddValue(name, object.ToString());
}

}  // namespace ndx::tools::ndxctl

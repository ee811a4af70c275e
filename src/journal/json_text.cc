#include "json_text.h"

#include "google/protobuf/util/json_util.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {

std::string FormatJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = true;
  std::string json;
  NDX_CHECK(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

absl::Status ParseJson(const std::string& json, google::protobuf::Message* message) {
  if (google::protobuf::util::JsonStringToMessage(json, message).ok()) return absl::OkStatus();
  return absl::InvalidArgumentError("the JSON cannot be read");
}

}  // namespace ndx::journal

// Messages as JSON for people to read: manifests and marks. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace ndx::journal {

std::string FormatJson(const google::protobuf::Message& message);

// kInvalidArgument for what is not such a message.
absl::Status ParseJson(const std::string& json, google::protobuf::Message* message);

}  // namespace ndx::journal

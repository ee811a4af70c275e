// Types of a method's messages from a descriptor set, so that messages can be cut into the parts
// that a receipt commits to.
//
// Thread-safety: immutable. Ownership: descriptors live as long as the object.
// Errors: kInvalidArgument for descriptors that do not fit together.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace ndx::tools::verify {

class MessageTypes {
 public:
  // A serialized FileDescriptorSet with all imports.
  static absl::StatusOr<std::unique_ptr<MessageTypes>> FromSet(absl::string_view bytes);

  // Null where the set has no such method. path: /package.Service/Method.
  const google::protobuf::MethodDescriptor* Find(absl::string_view path) const;

 private:
  MessageTypes() = default;

  google::protobuf::DescriptorPool pool_;
};

}  // namespace ndx::tools::verify

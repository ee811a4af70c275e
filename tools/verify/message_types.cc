#include "ndx/tools/verify/message_types.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.pb.h"

namespace ndx::tools::verify {

absl::StatusOr<std::unique_ptr<MessageTypes>> MessageTypes::FromSet(absl::string_view bytes) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("not a set of descriptors");
  }
  std::unique_ptr<MessageTypes> types(new MessageTypes());
  for (const auto& file : set.file()) {
    if (types->pool_.BuildFile(file) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the descriptors do not fit together at ", file.name()));
    }
  }
  return types;
}

const google::protobuf::MethodDescriptor* MessageTypes::Find(absl::string_view path) const {
  std::string name(absl::StripPrefix(path, "/"));
  absl::StrReplaceAll({{"/", "."}}, &name);
  return pool_.FindMethodByName(name);
}

}  // namespace ndx::tools::verify

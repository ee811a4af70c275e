// Types known only at run time: from the node's registry or from a descriptor file.
//
// Thread-safety: thread-compatible. Ownership: messages it makes must not outlive it.
// Errors: kInvalidArgument for descriptors that do not fit together and for JSON that is not of the
// type; kNotFound for a service or method that is not there, naming what is.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"

namespace ndx::tools::ndxctl {

class DescriptorLibrary {
 public:
  static absl::StatusOr<std::unique_ptr<DescriptorLibrary>> Build(
      const google::protobuf::FileDescriptorSet& set);
  // A serialized FileDescriptorSet, as protoc --include_imports --descriptor_set_out writes it.
  static absl::StatusOr<std::unique_ptr<DescriptorLibrary>> FromFile(const std::string& path);

  // package.Service/Method, with or without a leading slash.
  absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(
      absl::string_view name) const;
  // Null when there is none.
  const google::protobuf::Descriptor* FindType(const std::string& name) const;

  // JSON text of a message of the type to its serialized bytes.
  absl::StatusOr<std::string> ToBytes(const google::protobuf::Descriptor& type,
                                      const std::string& json);
  // And back. pretty: over several lines.
  absl::StatusOr<std::string> ToJson(const google::protobuf::Descriptor& type,
                                     const std::string& bytes, bool pretty);

 private:
  DescriptorLibrary() : factory_(&pool_) {}

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace ndx::tools::ndxctl

// .proto text compiled while the test runs, so that a test shows the schema it speaks of. Imports
// of ndx/options, ndx/settings and google/protobuf are found when they are linked in.
//
// Thread-safety: thread-compatible. Ownership: descriptors and messages must not outlive it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/compiler/importer.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace ndx::tests {

class ProtoSource {
 public:
  using Files = std::map<std::string, std::string>;

  // File names and their texts. A text that does not compile aborts the test with the compiler's
  // message.
  explicit ProtoSource(Files files);
  ~ProtoSource();
  ProtoSource(const ProtoSource&) = delete;
  ProtoSource& operator=(const ProtoSource&) = delete;

  const google::protobuf::Descriptor& Type(absl::string_view full_name) const;
  std::unique_ptr<google::protobuf::Message> New(absl::string_view full_name);

  // A message from text format; aborts when it is none.
  std::unique_ptr<google::protobuf::Message> Parse(absl::string_view full_name,
                                                   absl::string_view text_format);

  // The FileDescriptorSet with all files given and what they import, as `protoc --include_imports`
  // writes it.
  std::string DescriptorSet() const;

 private:
  class Texts;
  class Errors;

  Files files_;
  std::unique_ptr<Texts> texts_;
  std::unique_ptr<Errors> errors_;
  google::protobuf::DescriptorPoolDatabase linked_;
  google::protobuf::compiler::SourceTreeDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

}  // namespace ndx::tests

// Descriptor sets into one pool. Private to the folder.
//
// The files of google/protobuf and ndx/options are always those linked into the program, so that a
// set built with others still means the same. A file that two sets contain must be the same file in
// both.
//
// Thread-safety: thread-compatible. Ownership: borrows the pool.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace ndx::registry {

class DescriptorLoader {
 public:
  explicit DescriptorLoader(google::protobuf::DescriptorPool& pool) : pool_(pool) {}

  // Adds a serialized FileDescriptorSet; `name` is for errors. kInvalidArgument: it is none, is too
  // large, lacks an import, does not build, or has a file that differs from one of the same name
  // added before.
  absl::Status Add(absl::string_view name, absl::string_view serialized);

  // Adds a file that is linked into the program.
  absl::Status AddLinked(const google::protobuf::FileDescriptor& file);

 private:
  struct Added {
    std::string from;
    std::string bytes;  // without source positions
  };
  using Files = std::map<std::string, google::protobuf::FileDescriptorProto>;

  absl::Status AddFile(absl::string_view set, Files& files, const std::string& name, int depth);

  google::protobuf::DescriptorPool& pool_;
  std::map<std::string, Added> added_;
};

}  // namespace ndx::registry

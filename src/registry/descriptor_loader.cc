#include "descriptor_loader.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/registry_source.h"

namespace ndx::registry {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

// Imports of imports; a cycle would never end otherwise.
constexpr int kImportDepthMax = 100;

bool IsOwn(const std::string& name) {
  return absl::StartsWith(name, "google/protobuf/") || absl::StartsWith(name, "ndx/options/");
}

class FirstError final : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element,
                const google::protobuf::Message* /*descriptor*/, ErrorLocation /*location*/,
                const std::string& text) override {
    if (first_.empty()) first_ = absl::StrCat(file, ": ", element, ": ", text);
  }
  const std::string& first() const { return first_; }

 private:
  std::string first_;
};

std::string WithoutPositions(const FileDescriptorProto& file) {
  FileDescriptorProto copy = file;
  copy.clear_source_code_info();
  return copy.SerializeAsString();
}

}  // namespace

absl::Status DescriptorLoader::Add(absl::string_view name, absl::string_view serialized) {
  if (serialized.size() > kDescriptorSetBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("is over ", kDescriptorSetBytesMax, " bytes"));
  }
  FileDescriptorSet set;
  if (!set.ParseFromArray(serialized.data(), static_cast<int>(serialized.size()))) {
    return absl::InvalidArgumentError("is no google.protobuf.FileDescriptorSet");
  }
  if (set.file_size() == 0) return absl::InvalidArgumentError("has no file in it");
  Files files;
  for (FileDescriptorProto& file : *set.mutable_file()) {
    const std::string file_name = file.name();
    if (!files.emplace(file_name, std::move(file)).second) {
      return absl::InvalidArgumentError(absl::StrCat("has ", file_name, " twice"));
    }
  }
  for (const auto& [file_name, file] : files) {
    NDX_RETURN_IF_ERROR(AddFile(name, files, file_name, 0));
  }
  return absl::OkStatus();
}

absl::Status DescriptorLoader::AddLinked(const FileDescriptor& file) {
  Files files;
  file.CopyTo(&files[file.name()]);
  return AddFile("the program", files, file.name(), 0);
}

absl::Status DescriptorLoader::AddFile(absl::string_view set, Files& files, const std::string& name,
                                       int depth) {
  if (depth > kImportDepthMax) return absl::InvalidArgumentError("imports in a circle");
  const FileDescriptor* linked = DescriptorPool::generated_pool()->FindFileByName(name);
  const auto given = files.find(name);
  FileDescriptorProto file;
  if (linked != nullptr && (IsOwn(name) || given == files.end())) {
    linked->CopyTo(&file);
  } else if (given != files.end()) {
    file = given->second;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("lacks the import ", name, "; write it with --include_imports"));
  }
  std::string bytes = WithoutPositions(file);
  if (const auto earlier = added_.find(name); earlier != added_.end()) {
    if (earlier->second.bytes == bytes) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("has another ", name, " than ", earlier->second.from));
  }
  for (const std::string& import : file.dependency()) {
    NDX_RETURN_IF_ERROR(AddFile(set, files, import, depth + 1));
  }
  FirstError errors;
  if (pool_.BuildFileCollectingErrors(file, &errors) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("does not build: ", errors.first()));
  }
  added_.emplace(name, Added{.from = std::string(set), .bytes = std::move(bytes)});
  return absl::OkStatus();
}

}  // namespace ndx::registry

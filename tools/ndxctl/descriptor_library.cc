#include "ndx/tools/ndxctl/descriptor_library.h"

#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"

namespace ndx::tools::ndxctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// What protobuf says of descriptors that it does not take.
class FirstError final : public google::protobuf::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& filename, const std::string& element,
                const google::protobuf::Message*, ErrorLocation,
                const std::string& message) override {
    if (text.empty()) text = absl::StrCat(filename, ": ", element, ": ", message);
  }
  std::string text;
};

std::string MethodNames(const ServiceDescriptor& service) {
  std::vector<std::string> names;
  for (int i = 0; i < service.method_count(); ++i) names.push_back(service.method(i)->name());
  return absl::StrJoin(names, ", ");
}

}  // namespace

absl::StatusOr<std::unique_ptr<DescriptorLibrary>> DescriptorLibrary::Build(
    const FileDescriptorSet& set) {
  std::unique_ptr<DescriptorLibrary> library(new DescriptorLibrary());
  // protoc writes imports first; files are taken in that order.
  for (const FileDescriptorProto& file : set.file()) {
    FirstError errors;
    if (library->pool_.FindFileByName(file.name()) != nullptr) continue;
    if (library->pool_.BuildFileCollectingErrors(file, &errors) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("descriptors do not build: ", errors.text));
    }
  }
  return library;
}

absl::StatusOr<std::unique_ptr<DescriptorLibrary>> DescriptorLibrary::FromFile(
    const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  FileDescriptorSet set;
  if (!set.ParseFromIstream(&in)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is no FileDescriptorSet"));
  }
  return Build(set);
}

absl::StatusOr<const MethodDescriptor*> DescriptorLibrary::FindMethod(
    absl::string_view name) const {
  name = absl::StripPrefix(name, "/");
  const size_t slash = name.find('/');
  if (slash == absl::string_view::npos) {
    return absl::InvalidArgumentError("a method is written package.Service/Method");
  }
  const ServiceDescriptor* const service =
      pool_.FindServiceByName(std::string(name.substr(0, slash)));
  if (service == nullptr) return absl::NotFoundError("no service of that name is registered");
  const MethodDescriptor* const method =
      service->FindMethodByName(std::string(name.substr(slash + 1)));
  if (method == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(service->full_name(), " has no such method; it has ", MethodNames(*service)));
  }
  return method;
}

const Descriptor* DescriptorLibrary::FindType(const std::string& name) const {
  return pool_.FindMessageTypeByName(name);
}

absl::StatusOr<std::string> DescriptorLibrary::ToBytes(const Descriptor& type,
                                                       const std::string& json) {
  const std::unique_ptr<google::protobuf::Message> message(factory_.GetPrototype(&type)->New());
  const auto status = google::protobuf::util::JsonStringToMessage(json, message.get());
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the JSON is no ", type.full_name(), ": ", status.ToString()));
  }
  return message->SerializeAsString();
}

absl::StatusOr<std::string> DescriptorLibrary::ToJson(const Descriptor& type,
                                                      const std::string& bytes, bool pretty) {
  const std::unique_ptr<google::protobuf::Message> message(factory_.GetPrototype(&type)->New());
  if (!message->ParseFromString(bytes)) {
    return absl::InvalidArgumentError(absl::StrCat("the answer is no ", type.full_name()));
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = pretty;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(*message, &json, options);
  if (!status.ok()) return absl::InternalError(status.ToString());
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

}  // namespace ndx::tools::ndxctl

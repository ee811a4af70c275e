#include "ndx/adapters/sdk/request_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/options/v1/options.pb.h"

namespace ndx::sdk {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

absl::Status CheckMessage(const Message& message, const std::string& prefix);

absl::Status CheckText(const std::string& text, const std::string& path) {
  if (text.size() > kTextFieldBytesMax) {
    return FieldError(path, absl::StrCat("is longer than ", kTextFieldBytesMax, " bytes"));
  }
  if (text.find('\0') != std::string::npos) return FieldError(path, "holds a NUL byte");
  return absl::OkStatus();
}

absl::Status CheckRepeated(const Message& message, const FieldDescriptor& field,
                           const std::string& path) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  if (size > kRepeatedFieldMax) {
    return FieldError(path, absl::StrCat("has more than ", kRepeatedFieldMax, " elements"));
  }
  for (int i = 0; i < size; ++i) {
    const std::string element = absl::StrCat(path, "[", i, "]");
    if (field.type() == FieldDescriptor::TYPE_STRING) {
      NDX_RETURN_IF_ERROR(CheckText(reflection.GetRepeatedString(message, &field, i), element));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      NDX_RETURN_IF_ERROR(
          CheckMessage(reflection.GetRepeatedMessage(message, &field, i), element + "."));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMessage(const Message& message, const std::string& prefix) {
  const Reflection& reflection = *message.GetReflection();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.options().GetExtension(options::v1::field).required()) {
      const bool present = field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                                               : reflection.HasField(message, &field);
      if (!present) return FieldError(prefix + field.name(), "is required");
    }
  }
  std::vector<const FieldDescriptor*> present;
  reflection.ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    const std::string path = prefix + field->name();
    if (field->is_repeated()) {
      NDX_RETURN_IF_ERROR(CheckRepeated(message, *field, path));
    } else if (field->type() == FieldDescriptor::TYPE_STRING) {
      NDX_RETURN_IF_ERROR(CheckText(reflection.GetString(message, field), path));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      NDX_RETURN_IF_ERROR(CheckMessage(reflection.GetMessage(message, field), path + "."));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRequest(const Message& request) { return CheckMessage(request, ""); }

}  // namespace ndx::sdk

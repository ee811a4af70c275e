#include "ndx/broker/business_code.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "ndx/options/v1/options.pb.h"

namespace ndx::broker {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

const FieldDescriptor* CodeField(const google::protobuf::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->options().GetExtension(options::v1::field).business_code()) return field;
  }
  return nullptr;
}

bool IsCode(absl::string_view text) {
  return text.size() <= kBusinessCodeBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

// VERIFY_RESULT_ for the enum VerifyResult.
std::string ValuePrefix(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    const auto letter = static_cast<unsigned char>(c);
    if (absl::ascii_isupper(letter) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(letter);
  }
  return prefix + "_";
}

std::string NameOf(const FieldDescriptor& field, uint64_t number) {
  if (field.type() != FieldDescriptor::TYPE_ENUM) return absl::StrCat(number);
  const auto* value = field.enum_type()->FindValueByNumber(static_cast<int>(number));
  if (value == nullptr) return absl::StrCat(static_cast<int>(number));
  return std::string(absl::StripPrefix(value->name(), ValuePrefix(*field.enum_type())));
}

}  // namespace

std::string BusinessCode(const google::protobuf::Descriptor& type, absl::string_view message) {
  const FieldDescriptor* field = CodeField(type);
  if (field == nullptr) return "";
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(message.data()),
                                            static_cast<int>(message.size()));
  std::string code;
  while (const uint32_t tag = in.ReadTag()) {
    const bool wanted = WireFormatLite::GetTagFieldNumber(tag) == field->number();
    const auto wire_type = WireFormatLite::GetTagWireType(tag);
    if (wanted && wire_type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::ReadBytes(&in, &code)) return "";
    } else if (wanted && wire_type == WireFormatLite::WIRETYPE_VARINT) {
      uint64_t number = 0;
      if (!in.ReadVarint64(&number)) return "";
      code = NameOf(*field, number);
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return "";
    }
  }
  return IsCode(code) ? code : "";
}

}  // namespace ndx::broker

#include "ndx/tests/support/random_message.h"

#include "google/protobuf/descriptor.h"

namespace ndx::tests {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string RandomText(FakeRandom& random) {
  static const char* const kTexts[] = {
      "",           "001085012345",         "12345",      "19",       "00269", "Nguyễn Văn A",
      "0100109106", "H55-20260101-0000001", "2025-02-30", "123456789"};
  return kTexts[Below(random, std::size(kTexts))];
}

void SetOne(Message& message, const FieldDescriptor& field, FakeRandom& random, int depth) {
  const Reflection& to = *message.GetReflection();
  const bool many = field.is_repeated();
  const uint64_t bits = Below(random, 4) == 0 ? 0 : random.Next64();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      const auto value = static_cast<int32_t>(bits);
      many ? to.AddInt32(&message, &field, value) : to.SetInt32(&message, &field, value);
      return;
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      const auto value = static_cast<int64_t>(bits);
      many ? to.AddInt64(&message, &field, value) : to.SetInt64(&message, &field, value);
      return;
    }
    case FieldDescriptor::CPPTYPE_UINT64:
      many ? to.AddUInt64(&message, &field, bits) : to.SetUInt64(&message, &field, bits);
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const auto value = static_cast<double>(bits);
      many ? to.AddDouble(&message, &field, value) : to.SetDouble(&message, &field, value);
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      many ? to.AddBool(&message, &field, bits % 2 == 1)
           : to.SetBool(&message, &field, bits % 2 == 1);
      return;
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string value = RandomText(random);
      many ? to.AddString(&message, &field, value) : to.SetString(&message, &field, value);
      return;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth == 0) return;
      FillAtRandom(many ? *to.AddMessage(&message, &field) : *to.MutableMessage(&message, &field),
                   random, depth - 1);
      return;
    default:
      return;  // the fixture has no other types
  }
}

std::string UnknownField(FakeRandom& random) {
  static const std::string kFields[] = {
      std::string("\xC0\x3E\x01", 3),                               // 1000: varint 1
      std::string("\xC1\x3E\x01\x02\x03\x04\x05\x06\x07\x08", 10),  // 1000: fixed64
      std::string("\xC2\x3E\x03"
                  "abc",
                  6),                              // 1000: three bytes
      std::string("\xCB\x3E\x08\x01\xCC\x3E", 6),  // 1001: a group with one field
      std::string("\xCD\x3E\x01\x02\x03\x04", 6),  // 1001: fixed32
  };
  return kFields[Below(random, std::size(kFields))];
}

}  // namespace

uint64_t Below(FakeRandom& random, uint64_t bound) { return random.Next64() % bound; }

void FillAtRandom(Message& message, FakeRandom& random, int depth) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const uint64_t count = Below(random, field.is_repeated() ? 4 : 2);
    for (uint64_t n = 0; n < count; ++n) SetOne(message, field, random, depth);
  }
}

std::string WithUnknownFields(const Message& message, FakeRandom& random) {
  const Reflection& from = *message.GetReflection();
  std::string bytes = Below(random, 2) == 0 ? UnknownField(random) : "";
  std::vector<const FieldDescriptor*> set;
  from.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    // One field at a time, so that something can stand between.
    const std::unique_ptr<Message> part(message.New());
    const bool whole = field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map() ||
                       Below(random, 3) == 0;
    if (whole) {
      part->CopyFrom(message);
      for (const FieldDescriptor* other : set) {
        if (other != field) part->GetReflection()->ClearField(part.get(), other);
      }
      bytes += part->SerializeAsString();
    } else {
      const int count = field->is_repeated() ? from.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        const Message& inner = field->is_repeated() ? from.GetRepeatedMessage(message, field, i)
                                                    : from.GetMessage(message, field);
        const std::string content = WithUnknownFields(inner, random);
        bytes.push_back(
            static_cast<char>(field->number() << 3 | 2));  // the fixture's numbers are below 16
        for (size_t rest = content.size();; rest >>= 7U) {
          bytes.push_back(static_cast<char>(rest < 0x80 ? rest : (rest & 0x7FU) | 0x80U));
          if (rest < 0x80) break;
        }
        bytes += content;
      }
    }
    if (Below(random, 4) == 0) bytes += UnknownField(random);
  }
  return bytes;
}

}  // namespace ndx::tests

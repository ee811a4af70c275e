#include "wire_reader.h"

#include "google/protobuf/stubs/common.h"

namespace ndx::routing {
namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kVarintBytesMax = 10;
// Of a tag or a length. protobuf's parser takes no longer ones, whatever their value.
constexpr size_t kShortVarintBytesMax = 5;
constexpr size_t kFixed64Bytes = 8;
constexpr size_t kFixed32Bytes = 4;

WireType ExpectedType(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kLengthDelimited;
    case FieldDescriptor::TYPE_GROUP:
      return WireType::kStartGroup;
    default:
      return WireType::kVarint;
  }
}

bool TakeVarintUpTo(size_t bytes_max, absl::string_view& bytes, uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < bytes.size() && i < bytes_max; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool IsWholePacked(WireType type, absl::string_view values) {
  if (type == WireType::kFixed64) return values.size() % kFixed64Bytes == 0;
  if (type == WireType::kFixed32) return values.size() % kFixed32Bytes == 0;
  uint64_t ignored = 0;
  while (!values.empty()) {
    if (!TakeVarint(values, ignored)) return false;
  }
  return true;
}

bool IsUtf8(absl::string_view text) {
  return google::protobuf::internal::IsStructurallyValidUTF8(text.data(),
                                                             static_cast<int>(text.size()));
}

}  // namespace

bool TakeVarint(absl::string_view& bytes, uint64_t& value) {
  return TakeVarintUpTo(kVarintBytesMax, bytes, value);
}

void AppendVarint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

WireReader::Step WireReader::Fail() {
  rest_ = {};
  return Step::kMalformed;
}

WireReader::Step WireReader::Next(WireField& field) {
  if (rest_.empty()) return Step::kEnd;
  const char* const begin = rest_.data();
  if (!ReadTag(field) || !ReadValue(field, 0)) return Fail();
  field.raw = {begin, static_cast<size_t>(rest_.data() - begin)};
  return Step::kField;
}

bool WireReader::ReadTag(WireField& field) {
  uint64_t tag = 0;
  if (!TakeVarintUpTo(kShortVarintBytesMax, rest_, tag) || tag > UINT32_MAX) return false;
  field.number = static_cast<int>(tag >> 3U);
  const auto type = static_cast<uint8_t>(tag & 7U);
  field.type = static_cast<WireType>(type);
  return field.number != 0 && type <= static_cast<uint8_t>(WireType::kFixed32);
}

bool WireReader::ReadValue(WireField& field, int depth) {
  size_t size = 0;
  switch (field.type) {
    case WireType::kVarint:
      return TakeVarint(rest_, field.varint);
    case WireType::kFixed64:
      size = kFixed64Bytes;
      break;
    case WireType::kFixed32:
      size = kFixed32Bytes;
      break;
    case WireType::kLengthDelimited: {
      uint64_t length = 0;
      if (!TakeVarintUpTo(kShortVarintBytesMax, rest_, length) || length > rest_.size()) {
        return false;
      }
      size = static_cast<size_t>(length);
      break;
    }
    case WireType::kStartGroup:
      return ReadGroup(field, depth);
    case WireType::kEndGroup:
      return false;  // of a group that never began
  }
  if (size > rest_.size()) return false;
  field.payload = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool WireReader::ReadGroup(WireField& field, int depth) {
  if (depth >= kMessageDepthMax) return false;
  const char* const begin = rest_.data();
  while (!rest_.empty()) {
    const char* const end = rest_.data();
    WireField inner;
    if (!ReadTag(inner)) return false;
    if (inner.type == WireType::kEndGroup) {
      field.payload = {begin, static_cast<size_t>(end - begin)};
      return inner.number == field.number;
    }
    if (!ReadValue(inner, depth + 1)) return false;
  }
  return false;
}

WireFit FitOf(const FieldDescriptor& descriptor, const WireField& field) {
  const WireType expected = ExpectedType(descriptor);
  if (field.type == expected) {
    const bool text =
        descriptor.type() == FieldDescriptor::TYPE_STRING &&
        descriptor.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
    return text && !IsUtf8(field.payload) ? WireFit::kMalformed : WireFit::kFits;
  }
  if (field.type == WireType::kLengthDelimited && descriptor.is_packable()) {
    return IsWholePacked(expected, field.payload) ? WireFit::kPacked : WireFit::kMalformed;
  }
  return WireFit::kOther;
}

}  // namespace ndx::routing

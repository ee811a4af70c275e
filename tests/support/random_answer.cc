#include "ndx/tests/support/random_answer.h"

#include <iterator>

#include "ndx/tests/support/random_message.h"

namespace ndx::tests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

enum WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kEnd = 4,
  kFixed32 = 5
};

constexpr uint64_t kHugeOneIn = 4000;
constexpr size_t kHugeBytesMax = size_t{64} << 10;

class AnswerWriter {
 public:
  explicit AnswerWriter(FakeRandom& random) : random_(random) {}

  void Message(const Descriptor& type, int depth, std::string& out) {
    for (uint64_t fields = 1 + Below(random_, 8); fields > 0; --fields) {
      const uint64_t kind = Below(random_, 16);
      const FieldDescriptor* field =
          type.field_count() == 0 ? nullptr
                                  : type.field(static_cast<int>(
                                        Below(random_, static_cast<uint64_t>(type.field_count()))));
      if (kind < 2 || field == nullptr) {
        Unknown(UnknownNumber(type), depth, out);
      } else if (kind == 2) {
        WronglyTyped(*field, depth, out);
      } else {
        Known(*field, depth, out);
      }
    }
  }

 private:
  void Varint(uint64_t value, std::string& out) {
    // A few are written longer than they need be.
    const size_t least = Below(random_, 32) == 0 ? 1 + Below(random_, 9) : 0;
    for (size_t i = 0;; ++i, value >>= 7U) {
      const bool more = value >= 0x80 || i < least;
      out.push_back(static_cast<char>((value & 0x7FU) | (more ? 0x80U : 0U)));
      if (!more) return;
    }
  }

  // Tags and lengths are never padded: parsers disagree in how long they may be.
  static void Plain(uint64_t value, std::string& out) {
    for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
    out.push_back(static_cast<char>(value));
  }

  static void Tag(int number, WireType type, std::string& out) {
    Plain(static_cast<uint64_t>(number) << 3U | type, out);
  }

  static void Delimited(int number, const std::string& content, std::string& out) {
    Tag(number, kBytes, out);
    Plain(content.size(), out);
    out += content;
  }

  uint64_t Number() { return Below(random_, 3) == 0 ? Below(random_, 4) : random_.Next64(); }

  std::string Bytes() {
    if (Below(random_, kHugeOneIn) == 0) return std::string(Below(random_, kHugeBytesMax), 'h');
    static const char* const kTexts[] = {"", "a", "19", "00269", "999085012345", "Nguyễn Văn A"};
    return kTexts[Below(random_, std::size(kTexts))];
  }

  void FixedBytes(size_t size, std::string& out) {
    for (size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(random_.Next64()));
  }

  int UnknownNumber(const Descriptor& type) {
    static const int kNumbers[] = {19, 31, 99, 1000, 70'000, 536'870'911};
    const int number = kNumbers[Below(random_, std::size(kNumbers))];
    return type.FindFieldByNumber(number) == nullptr ? number : 268'435'455;
  }

  void Value(int number, WireType type, int depth, std::string& out) {
    if (type == kBytes) return Delimited(number, Bytes(), out);
    Tag(number, type, out);
    if (type == kVarint) return Varint(Number(), out);
    if (type == kFixed64) return FixedBytes(8, out);
    if (type == kFixed32) return FixedBytes(4, out);
    for (uint64_t inner = depth > 0 ? Below(random_, 3) : 0; inner > 0; --inner) {
      Unknown(static_cast<int>(1 + Below(random_, 20)), depth - 1, out);
    }
    Tag(number, kEnd, out);
  }

  void Unknown(int number, int depth, std::string& out) {
    static const WireType kTypes[] = {kVarint, kFixed64, kBytes, kGroup, kFixed32};
    Value(number, kTypes[Below(random_, std::size(kTypes))], depth, out);
  }

  static WireType TypeOf(const FieldDescriptor& field) {
    switch (field.type()) {
      case FieldDescriptor::TYPE_DOUBLE:
      case FieldDescriptor::TYPE_FIXED64:
      case FieldDescriptor::TYPE_SFIXED64:
        return kFixed64;
      case FieldDescriptor::TYPE_FLOAT:
      case FieldDescriptor::TYPE_FIXED32:
      case FieldDescriptor::TYPE_SFIXED32:
        return kFixed32;
      case FieldDescriptor::TYPE_GROUP:
        return kGroup;
      case FieldDescriptor::TYPE_STRING:
      case FieldDescriptor::TYPE_BYTES:
      case FieldDescriptor::TYPE_MESSAGE:
        return kBytes;
      default:
        return kVarint;
    }
  }

  // Another wire type than the field's; bytes in a list of numbers are a packed list, not that.
  void WronglyTyped(const FieldDescriptor& field, int depth, std::string& out) {
    static const WireType kTypes[] = {kVarint, kFixed64, kBytes, kGroup, kFixed32};
    WireType type = kVarint;
    do {
      type = kTypes[Below(random_, std::size(kTypes))];
    } while (type == TypeOf(field) || (type == kBytes && field.is_packable()));
    Value(field.number(), type, depth, out);
  }

  void Packed(const FieldDescriptor& field, std::string& out) {
    std::string values;
    const bool huge = Below(random_, kHugeOneIn) == 0;
    for (uint64_t count = Below(random_, huge ? kHugeBytesMax / 8 : 5); count > 0; --count) {
      const WireType type = TypeOf(field);
      if (type == kVarint) Varint(Number(), values);
      if (type == kFixed64) FixedBytes(8, values);
      if (type == kFixed32) FixedBytes(4, values);
    }
    Delimited(field.number(), values, out);
  }

  void Known(const FieldDescriptor& field, int depth, std::string& out) {
    if (field.is_packable() && Below(random_, 2) == 0) return Packed(field, out);
    if (field.message_type() == nullptr) {
      return Value(field.number(), TypeOf(field), depth, out);
    }
    std::string content;
    if (depth > 0) Message(*field.message_type(), depth - 1, content);
    if (field.type() != FieldDescriptor::TYPE_GROUP) {
      return Delimited(field.number(), content, out);
    }
    Tag(field.number(), kGroup, out);
    out += content;
    Tag(field.number(), kEnd, out);
  }

  FakeRandom& random_;
};

}  // namespace

std::string RandomAnswer(const Descriptor& type, FakeRandom& random, int depth) {
  std::string out;
  AnswerWriter(random).Message(type, depth, out);
  return out;
}

std::string Damaged(std::string answer, FakeRandom& random) {
  for (uint64_t times = 1 + Below(random, 3); times > 0; --times) {
    const size_t at = answer.empty() ? 0 : Below(random, answer.size());
    switch (Below(random, 5)) {
      case 0:
        answer.insert(at, 1, static_cast<char>(random.Next64()));
        break;
      case 1:
        answer.erase(at, 1 + Below(random, 4));
        break;
      case 2:
        answer.insert(at, answer.substr(at, 1 + Below(random, 8)));
        break;
      default:
        if (!answer.empty()) answer[at] = static_cast<char>(answer[at] ^ (1 << Below(random, 8)));
    }
  }
  return answer;
}

}  // namespace ndx::tests

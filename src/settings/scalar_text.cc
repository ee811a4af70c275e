#include "scalar_text.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "ndx/settings/nearest_name.h"

namespace ndx::settings {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::string_view kDuration = "google.protobuf.Duration";
constexpr absl::string_view kTimestamp = "google.protobuf.Timestamp";

// google.protobuf.Duration reaches further than absl's int64 nanoseconds would, but no setting
// does.
constexpr absl::Duration kDurationMax = absl::Hours(24 * 366 * 100);

bool IsMessageNamed(const FieldDescriptor& field, absl::string_view name) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == std::string(name);
}

// 0, 7, -12; no sign on zero, no leading zeros (YAML 1.1 reads those as octal, people do not).
bool IsWholeNumber(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

struct SizeUnit {
  absl::string_view name;
  int shift;
};
constexpr SizeUnit kUnits[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};

template <typename Int>
std::optional<Int> ParseWhole(absl::string_view text, bool size) {
  Int unit = 1;
  if (size) {
    for (const SizeUnit& known : kUnits) {
      if (!absl::ConsumeSuffix(&text, known.name)) continue;
      if (known.shift >= std::numeric_limits<Int>::digits) return std::nullopt;
      unit = static_cast<Int>(Int{1} << known.shift);
      break;
    }
  }
  Int value = 0;
  if (!IsWholeNumber(text) || !absl::SimpleAtoi(text, &value)) return std::nullopt;
  if (value < 0 ? value < std::numeric_limits<Int>::min() / unit
                : value > std::numeric_limits<Int>::max() / unit) {
    return std::nullopt;
  }
  return static_cast<Int>(value * unit);
}

std::optional<absl::Duration> ParseSpan(absl::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) return std::nullopt;
  if (duration < absl::ZeroDuration() || duration > kDurationMax) return std::nullopt;
  return duration;
}

// EFFECT_ of EFFECT_UNSPECIFIED; empty where the zero value is not named so.
absl::string_view PrefixOf(const EnumDescriptor& type) {
  absl::string_view zero = type.value(0)->name();
  return absl::ConsumeSuffix(&zero, "UNSPECIFIED") ? zero : absl::string_view();
}

std::vector<std::string> EnumNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    // "unspecified" is what leaving the setting out says.
    if (absl::EndsWith(name, "_UNSPECIFIED")) continue;
    names.emplace_back(absl::StripPrefix(name, PrefixOf(type)));
  }
  return names;
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, absl::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(text);
  // All of one case: rEaD is a slip, not a spelling.
  if (text != upper && text != absl::AsciiStrToLower(text)) return nullptr;
  if (absl::EndsWith(upper, "UNSPECIFIED")) return nullptr;
  const EnumValueDescriptor* value = type.FindValueByName(upper);
  return value != nullptr ? value : type.FindValueByName(absl::StrCat(PrefixOf(type), upper));
}

template <typename Int>
std::string RangeText() {
  return absl::StrCat("must be a whole number from ", std::numeric_limits<Int>::min(), " to ",
                      std::numeric_limits<Int>::max());
}

bool HasControlCharacter(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

// Sets or adds, whichever the field needs.
#define NDX_PUT(Type, value)                                       \
  do {                                                             \
    if (field.is_repeated()) {                                     \
      message.GetReflection()->Add##Type(&message, &field, value); \
    } else {                                                       \
      message.GetReflection()->Set##Type(&message, &field, value); \
    }                                                              \
    return absl::OkStatus();                                       \
  } while (false)

Message& MessageToFill(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field);
}

absl::Status SetMoment(Message& message, const FieldDescriptor& field, absl::string_view text) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  if (IsMessageNamed(field, kDuration)) {
    const auto span = ParseSpan(text);
    if (!span) return absl::InvalidArgumentError(ExpectedText(field));
    absl::Duration rest = *span;
    seconds = absl::IDivDuration(rest, absl::Seconds(1), &rest);
    nanos = absl::ToInt64Nanoseconds(rest);
  } else {
    absl::Time at;
    if (!absl::ParseTime(absl::RFC3339_full, text, &at, nullptr)) {
      return absl::InvalidArgumentError(ExpectedText(field));
    }
    seconds = absl::ToUnixSeconds(at);
    nanos = absl::ToInt64Nanoseconds(at - absl::FromUnixSeconds(seconds));
  }
  Message& moment = MessageToFill(message, field);
  const auto& type = *moment.GetDescriptor();
  moment.GetReflection()->SetInt64(&moment, type.FindFieldByName("seconds"), seconds);
  moment.GetReflection()->SetInt32(&moment, type.FindFieldByName("nanos"),
                                   static_cast<int32_t>(nanos));
  return absl::OkStatus();
}

absl::Status SetText(Message& message, const FieldDescriptor& field, absl::string_view text) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes)) {
      return absl::InvalidArgumentError(ExpectedText(field));
    }
    NDX_PUT(String, bytes);
  }
  if (HasControlCharacter(text)) return absl::InvalidArgumentError("has a control character");
  NDX_PUT(String, std::string(text));
}

absl::Status SetNumber(Message& message, const FieldDescriptor& field, absl::string_view text) {
  const bool size = IsSizeField(field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (const auto value = ParseWhole<int32_t>(text, size)) NDX_PUT(Int32, *value);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      if (const auto value = ParseWhole<int64_t>(text, size)) NDX_PUT(Int64, *value);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (const auto value = ParseWhole<uint32_t>(text, size)) NDX_PUT(UInt32, *value);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (const auto value = ParseWhole<uint64_t>(text, size)) NDX_PUT(UInt64, *value);
      break;
    default: {
      double value = 0;
      const bool number = absl::SimpleAtod(text, &value) && value - value == 0;  // no inf, no nan
      if (!number) break;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) NDX_PUT(Double, value);
      if (value >= -std::numeric_limits<float>::max() &&
          value <= std::numeric_limits<float>::max()) {
        NDX_PUT(Float, static_cast<float>(value));
      }
      break;
    }
  }
  return absl::InvalidArgumentError(ExpectedText(field));
}

std::optional<std::string> Compare(const Message& parsed_holder, const Message& message,
                                   const FieldDescriptor& field, bool least,
                                   absl::string_view bound) {
  const Reflection& reflection = *message.GetReflection();
  const auto outside = [&](const auto& value, const auto& limit) {
    return least ? value < limit : limit < value;
  };
  bool bad = false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      bad =
          outside(reflection.GetInt32(message, &field), reflection.GetInt32(parsed_holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      bad =
          outside(reflection.GetInt64(message, &field), reflection.GetInt64(parsed_holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      bad = outside(reflection.GetUInt32(message, &field),
                    reflection.GetUInt32(parsed_holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      bad = outside(reflection.GetUInt64(message, &field),
                    reflection.GetUInt64(parsed_holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      bad = outside(reflection.GetDouble(message, &field),
                    reflection.GetDouble(parsed_holder, &field));
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto span = [&](const Message& holder) {
        const Message& value = reflection.GetMessage(holder, &field);
        const auto& type = *value.GetDescriptor();
        const Reflection& inner = *value.GetReflection();
        return absl::Seconds(inner.GetInt64(value, type.FindFieldByName("seconds"))) +
               absl::Nanoseconds(inner.GetInt32(value, type.FindFieldByName("nanos")));
      };
      bad = outside(span(message), span(parsed_holder));
      break;
    }
    default:
      break;
  }
  if (!bad) return std::nullopt;
  return absl::StrCat(least ? "must be at least " : "must be at most ", bound);
}

}  // namespace

bool IsScalarField(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsMessageNamed(field, kDuration) ||
         IsMessageNamed(field, kTimestamp);
}

bool IsSizeField(const FieldDescriptor& field) {
  return absl::StrContains(absl::StrCat("_", field.name(), "_"), "_bytes_");
}

std::string ExpectedText(const FieldDescriptor& field) {
  const std::string size = IsSizeField(field) ? ", or a size such as 4MiB" : "";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return RangeText<int32_t>() + size;
    case FieldDescriptor::CPPTYPE_INT64:
      return RangeText<int64_t>() + size;
    case FieldDescriptor::CPPTYPE_UINT32:
      return RangeText<uint32_t>() + size;
    case FieldDescriptor::CPPTYPE_UINT64:
      return RangeText<uint64_t>() + size;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "must be a number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "must be true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("must be one of ", absl::StrJoin(EnumNames(*field.enum_type()), ", "));
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "must be base64 text" : "must be a text";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsMessageNamed(field, kDuration)) return "must be a duration such as 5s, 250ms or 1m30s";
      if (IsMessageNamed(field, kTimestamp)) {
        return "must be an instant such as 2026-01-02T03:04:05+07:00";
      }
      return "must be a mapping";
  }
  return "";
}

absl::Status SetScalar(Message& message, const FieldDescriptor& field, absl::string_view text,
                       bool quoted) {
  const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                       field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM ||
                       field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (quoted && !is_text) {
    return absl::InvalidArgumentError(absl::StrCat(ExpectedText(field), ", without quotes"));
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetText(message, field, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") break;
      NDX_PUT(Bool, text == "true");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* value = FindEnumValue(*field.enum_type(), text);
      if (value == nullptr) break;
      NDX_PUT(Enum, value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMoment(message, field, text);
    default:
      return SetNumber(message, field, text);
  }
  return absl::InvalidArgumentError(ExpectedText(field));
}

#undef NDX_PUT

std::optional<std::string> OutOfBounds(const Message& message, const FieldDescriptor& field,
                                       absl::string_view least, absl::string_view most) {
  for (const bool lower : {true, false}) {
    const absl::string_view bound = lower ? least : most;
    if (bound.empty()) continue;
    const std::unique_ptr<Message> holder(message.New());
    if (!SetScalar(*holder, field, bound, false).ok()) {
      return absl::StrCat("has a bound in its schema that cannot be read: ", bound);
    }
    if (auto problem = Compare(*holder, message, field, lower, bound)) return problem;
  }
  return std::nullopt;
}

std::string ScalarText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool list = field.is_repeated();
#define NDX_TAKE(Type)                                         \
  (list ? reflection.GetRepeated##Type(message, &field, index) \
        : reflection.Get##Type(message, &field))
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return NDX_TAKE(Bool) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(NDX_TAKE(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(NDX_TAKE(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(NDX_TAKE(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(NDX_TAKE(UInt64));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(NDX_TAKE(Float));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(NDX_TAKE(Double));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor& value = *NDX_TAKE(Enum);
      return std::string(absl::StripPrefix(value.name(), PrefixOf(*value.type())));
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = NDX_TAKE(String);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text;
    }
    default:
      break;
  }
  const Message& moment = NDX_TAKE(Message);
#undef NDX_TAKE
  const auto& type = *moment.GetDescriptor();
  const absl::Duration since =
      absl::Seconds(moment.GetReflection()->GetInt64(moment, type.FindFieldByName("seconds"))) +
      absl::Nanoseconds(moment.GetReflection()->GetInt32(moment, type.FindFieldByName("nanos")));
  if (IsMessageNamed(field, kDuration)) return absl::FormatDuration(since);
  return absl::FormatTime(absl::RFC3339_full, absl::UnixEpoch() + since, absl::UTCTimeZone());
}

}  // namespace ndx::settings

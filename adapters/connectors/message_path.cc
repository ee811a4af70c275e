#include "ndx/adapters/connectors/message_path.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "ndx/core/status_macros.h"

namespace ndx::connectors {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status NoSuchPath(const Descriptor& type, absl::string_view path) {
  return absl::NotFoundError(absl::StrCat(type.full_name(), " has no field ", path));
}

// The message that holds the last field of the path, and that field. The message is null when one
// on the way is not set.
struct Place {
  const Message* holder = nullptr;
  const FieldDescriptor* field = nullptr;
};

absl::StatusOr<Place> FindPlace(const Message& message, absl::string_view path) {
  Place place{&message, nullptr};
  const Descriptor* type = message.GetDescriptor();
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i < names.size(); ++i) {
    place.field = type->FindFieldByName(names[i]);
    if (place.field == nullptr) return NoSuchPath(*message.GetDescriptor(), path);
    if (i + 1 == names.size()) break;
    if (place.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || place.field->is_repeated()) {
      return NoSuchPath(*message.GetDescriptor(), path);
    }
    type = place.field->message_type();
    if (place.holder == nullptr) continue;
    const auto& reflection = *place.holder->GetReflection();
    place.holder = reflection.HasField(*place.holder, place.field)
                       ? &reflection.GetMessage(*place.holder, place.field)
                       : nullptr;
  }
  return place;
}

absl::StatusOr<std::pair<Message*, const FieldDescriptor*>> MakePlace(Message& message,
                                                                      absl::string_view path) {
  Message* holder = &message;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0;; ++i) {
    const FieldDescriptor* field = holder->GetDescriptor()->FindFieldByName(names[i]);
    if (field == nullptr) return NoSuchPath(*message.GetDescriptor(), path);
    if (i + 1 == names.size()) return std::make_pair(holder, field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) {
      return NoSuchPath(*message.GetDescriptor(), path);
    }
    holder = holder->GetReflection()->MutableMessage(holder, field);
  }
}

absl::StatusOr<int64_t> AsNumber(const SqlValue& value, const FieldDescriptor& field) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  int64_t number = 0;
  if (!absl::SimpleAtoi(std::get<std::string>(value), &number)) {
    return absl::InvalidArgumentError(absl::StrCat("no whole number for ", field.full_name()));
  }
  return number;
}

std::string AsText(const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
  return std::get<std::string>(value);
}

template <typename Narrow>
absl::StatusOr<Narrow> InRange(int64_t number, const FieldDescriptor& field) {
  if (!std::in_range<Narrow>(number)) {
    return absl::InvalidArgumentError(absl::StrCat("number out of range for ", field.full_name()));
  }
  return static_cast<Narrow>(number);
}

absl::Status WriteNumber(Message& holder, const FieldDescriptor& field, int64_t number) {
  const auto& reflection = *holder.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      NDX_ASSIGN_OR_RETURN(const int32_t narrow, InRange<int32_t>(number, field));
      reflection.SetInt32(&holder, &field, narrow);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      NDX_ASSIGN_OR_RETURN(const uint32_t narrow, InRange<uint32_t>(number, field));
      reflection.SetUInt32(&holder, &field, narrow);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      NDX_ASSIGN_OR_RETURN(const uint64_t wide, InRange<uint64_t>(number, field));
      reflection.SetUInt64(&holder, &field, wide);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(&holder, &field, number);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(&holder, &field, number != 0);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      NDX_ASSIGN_OR_RETURN(const int value, InRange<int>(number, field));
      reflection.SetEnumValue(&holder, &field, value);
      return absl::OkStatus();
    }
    default:
      return absl::InvalidArgumentError(absl::StrCat(field.full_name(), " takes no column"));
  }
}

absl::Status WriteJsonMap(Message& holder, const FieldDescriptor& field, absl::string_view json) {
  const std::unique_ptr<Message> parsed(holder.New());
  const std::string wrapped = absl::StrCat("{\"", field.name(), "\":", json, "}");
  if (!google::protobuf::util::JsonStringToMessage(wrapped, parsed.get()).ok()) {
    return absl::InvalidArgumentError(absl::StrCat("no JSON object for ", field.full_name()));
  }
  holder.MergeFrom(*parsed);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<const FieldDescriptor*> FieldAt(const Descriptor& type, absl::string_view path) {
  const Descriptor* holder = &type;
  const FieldDescriptor* field = nullptr;
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (holder == nullptr) return NoSuchPath(type, path);
    field = holder->FindFieldByName(std::string(name));
    if (field == nullptr) return NoSuchPath(type, path);
    holder = field->is_repeated() ? nullptr : field->message_type();
  }
  return field;
}

absl::StatusOr<SqlValue> ReadField(const Message& message, absl::string_view path) {
  NDX_ASSIGN_OR_RETURN(const Place place, FindPlace(message, path));
  const FieldDescriptor& field = *place.field;
  if (field.is_repeated()) return NoSuchPath(*message.GetDescriptor(), path);
  const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (place.holder == nullptr) return is_text ? SqlValue(std::string()) : SqlValue(int64_t{0});
  const auto& reflection = *place.holder->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SqlValue(reflection.GetString(*place.holder, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return SqlValue(int64_t{reflection.GetInt32(*place.holder, &field)});
    case FieldDescriptor::CPPTYPE_UINT32:
      return SqlValue(int64_t{reflection.GetUInt32(*place.holder, &field)});
    case FieldDescriptor::CPPTYPE_INT64:
      return SqlValue(reflection.GetInt64(*place.holder, &field));
    case FieldDescriptor::CPPTYPE_UINT64: {
      const uint64_t number = reflection.GetUInt64(*place.holder, &field);
      if (!std::in_range<int64_t>(number)) {
        return absl::InvalidArgumentError(absl::StrCat(path, " is too large"));
      }
      return SqlValue(static_cast<int64_t>(number));
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return SqlValue(int64_t{reflection.GetBool(*place.holder, &field)});
    case FieldDescriptor::CPPTYPE_ENUM:
      return SqlValue(int64_t{reflection.GetEnumValue(*place.holder, &field)});
    default:
      return NoSuchPath(*message.GetDescriptor(), path);
  }
}

absl::StatusOr<bool> IsGiven(const Message& message, absl::string_view path) {
  NDX_ASSIGN_OR_RETURN(const Place place, FindPlace(message, path));
  if (place.holder == nullptr) return false;
  const auto& reflection = *place.holder->GetReflection();
  if (place.field->is_repeated()) return reflection.FieldSize(*place.holder, place.field) > 0;
  if (!reflection.HasField(*place.holder, place.field)) return false;
  return place.field->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
         !reflection.GetString(*place.holder, place.field).empty();
}

absl::Status WriteField(Message& message, absl::string_view path, const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) {
    return FieldAt(*message.GetDescriptor(), path).status();
  }
  NDX_ASSIGN_OR_RETURN(const auto place, MakePlace(message, path));
  const auto& [holder, field] = place;
  if (field->is_map()) return WriteJsonMap(*holder, *field, AsText(value));
  if (field->is_repeated()) return NoSuchPath(*message.GetDescriptor(), path);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    holder->GetReflection()->SetString(holder, field, AsText(value));
    return absl::OkStatus();
  }
  NDX_ASSIGN_OR_RETURN(const int64_t number, AsNumber(value, *field));
  return WriteNumber(*holder, *field, number);
}

absl::Status WriteEnum(Message& message, absl::string_view path, absl::string_view value_name) {
  NDX_ASSIGN_OR_RETURN(const FieldDescriptor* field, FieldAt(*message.GetDescriptor(), path));
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) {
    return NoSuchPath(*message.GetDescriptor(), path);
  }
  const auto* value = field->enum_type()->FindValueByName(std::string(value_name));
  if (value == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(field->enum_type()->full_name(), " has no value ", value_name));
  }
  return WriteField(message, path, SqlValue(int64_t{value->number()}));
}

absl::Status WriteRow(Message& message, const SqlRow& row) {
  for (size_t i = 0; i < row.columns.size(); ++i) {
    if (row.columns[i].empty() || row.columns[i][0] == '-') continue;
    NDX_RETURN_IF_ERROR(WriteField(message, row.columns[i], row.values[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<Message*> RowTarget(Message& message, absl::string_view path) {
  if (path.empty()) return &message;
  NDX_ASSIGN_OR_RETURN(const auto place, MakePlace(message, path));
  const auto& [holder, field] = place;
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) {
    return NoSuchPath(*message.GetDescriptor(), path);
  }
  const auto& reflection = *holder->GetReflection();
  return field->is_repeated() ? reflection.AddMessage(holder, field)
                              : reflection.MutableMessage(holder, field);
}

}  // namespace ndx::connectors

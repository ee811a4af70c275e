// Fields of a message by path, "citizen.permanent_address.commune_code", through reflection.
//
// Thread-safety: thread-safe for different messages.
// Errors: kNotFound when the type has no such path, kInvalidArgument when a value does not fit.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ndx/adapters/connectors/sql_value.h"

namespace ndx::connectors {

// The field at the end of the path; all before it are single messages.
absl::StatusOr<const google::protobuf::FieldDescriptor*> FieldAt(
    const google::protobuf::Descriptor& type, absl::string_view path);

// A single text, number, truth value or enum. Text that is not set is empty, a number 0.
absl::StatusOr<SqlValue> ReadField(const google::protobuf::Message& message,
                                   absl::string_view path);

// True when the field, text or message, is there and not empty.
absl::StatusOr<bool> IsGiven(const google::protobuf::Message& message, absl::string_view path);

// Sets a single field, making the messages on the way; NULL leaves everything as it is. A
// map<string, string> takes the text of a JSON object.
absl::Status WriteField(google::protobuf::Message& message, absl::string_view path,
                        const SqlValue& value);

// Sets an enum field by the name of its value.
absl::Status WriteEnum(google::protobuf::Message& message, absl::string_view path,
                       absl::string_view value_name);

// Sets the fields that the row's columns name; columns that begin with "-" are left out.
absl::Status WriteRow(google::protobuf::Message& message, const SqlRow& row);

// The message that takes a row: a new element of a repeated field, a single message, or the message
// itself for an empty path.
absl::StatusOr<google::protobuf::Message*> RowTarget(google::protobuf::Message& message,
                                                     absl::string_view path);

}  // namespace ndx::connectors

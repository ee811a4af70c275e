// The text of one value into a field of a message, and comparisons of such values with bounds.
// Private to the folder.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace ndx::settings {

// Whether a field's value (or an element of it) is written as one text: everything but messages
// other than Duration and Timestamp.
bool IsScalarField(const google::protobuf::FieldDescriptor& field);

// Whether an integer field may be written as "4MiB".
bool IsSizeField(const google::protobuf::FieldDescriptor& field);

// What a field wants, for errors: "must be a whole number from 0 to 4294967295", "must be one of
// READ, CHANGE".
std::string ExpectedText(const google::protobuf::FieldDescriptor& field);

// Sets a singular field or adds to a repeated one. kInvalidArgument with ExpectedText, or what else
// is wrong, as message. A quoted text is accepted only for fields that are texts.
absl::Status SetScalar(google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field, absl::string_view text,
                       bool quoted);

// The value of a field, or of an element of a repeated one (index), as SetScalar() reads it.
std::string ScalarText(const google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field, int index);

// "must be at least 1s" when a singular field's value is outside its bounds (empty bounds are
// none).
std::optional<std::string> OutOfBounds(const google::protobuf::Message& message,
                                       const google::protobuf::FieldDescriptor& field,
                                       absl::string_view least, absl::string_view most);

}  // namespace ndx::settings

#include "message_reader.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/settings/nearest_name.h"
#include "ndx/settings/v1/setting_rules.pb.h"
#include "scalar_text.h"

namespace ndx::settings {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Child(const std::string& path, absl::string_view name) {
  return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
}

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

}  // namespace

void MessageReader::Fault(const YamlNode& node, const Path& path, absl::string_view problem) {
  faults_.Add({.file = file_, .line = node.line, .path = path.local},
              node.kind == YamlNode::Kind::kScalar ? node.text : "", problem);
}

void MessageReader::Read(const YamlNode& root, const std::string& file) {
  file_ = file;
  sources_.Add("", {.file = file});
  if (root.kind == YamlNode::Kind::kNull) return;  // an empty file says nothing
  ReadMessage(root, into_, {});
}

void MessageReader::ReadMessage(const YamlNode& node, Message& message, const Path& path) {
  if (node.kind != YamlNode::Kind::kMapping) {
    Fault(node, path, "must be a mapping of keys to values");
    return;
  }
  for (const auto& [key, value] : node.entries) ReadEntry(key, value, message, path);
}

void MessageReader::ReadEntry(const YamlNode& key, const YamlNode& value, Message& message,
                              const Path& path) {
  const Descriptor& type = *message.GetDescriptor();
  const FieldDescriptor* field = type.FindFieldByName(key.text);
  if (field == nullptr) {
    Fault(key, path, absl::StrCat("is not a known key", NearestHint(key.text, FieldNames(type))));
    return;
  }
  const Path below = {Child(path.local, key.text), Child(path.merged, key.text)};
  const bool joined = path.merged.empty() && field->is_repeated();
  const auto [earlier, first] =
      given_.try_emplace(below.merged, SourceLocation{file_, key.line, below.local});
  if (!first && (!joined || earlier->second.file == file_)) {
    faults_.Add({file_, key.line, below.local}, "",
                absl::StrCat("is given a second time; first in ", earlier->second.file, ":",
                             earlier->second.line));
    return;
  }
  if (joined) earlier->second = {file_, key.line, below.local};
  sources_.Add(below.merged, {file_, key.line, below.local});
  if (value.kind == YamlNode::Kind::kNull) {
    Fault(value, below, "has no value; remove the key or give one");
    return;
  }
  if (OneofTaken(message, *field, key, below)) return;
  if (field->is_map()) {
    ReadMap(value, message, *field, below);
  } else if (field->is_repeated()) {
    ReadRepeated(value, message, *field, below);
  } else {
    ReadSingular(value, message, *field, below);
  }
}

bool MessageReader::OneofTaken(const Message& message, const FieldDescriptor& field,
                               const YamlNode& key, const Path& path) {
  const auto* oneof = field.real_containing_oneof();
  if (oneof == nullptr || !message.GetReflection()->HasOneof(message, oneof)) return false;
  const FieldDescriptor* taken = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  faults_.Add({file_, key.line, path.local}, "",
              absl::StrCat("excludes `", taken->name(), "`, which is given too"));
  return true;
}

void MessageReader::ReadSingular(const YamlNode& node, Message& message,
                                 const FieldDescriptor& field, const Path& path) {
  if (IsScalarField(field)) {
    ReadScalar(node, message, field, path);
  } else {
    ReadMessage(node, *message.GetReflection()->MutableMessage(&message, &field), path);
  }
}

bool MessageReader::ReadScalar(const YamlNode& node, Message& message, const FieldDescriptor& field,
                               const Path& path) {
  if (node.kind != YamlNode::Kind::kScalar) {
    Fault(node, path, ExpectedText(field));
    return false;
  }
  const absl::Status set = SetScalar(message, field, node.text, node.quoted);
  if (!set.ok()) Fault(node, path, set.message());
  return set.ok();
}

void MessageReader::ReadRepeated(const YamlNode& node, Message& message,
                                 const FieldDescriptor& field, const Path& path) {
  if (node.kind != YamlNode::Kind::kSequence) {
    Fault(node, path, absl::StrCat("must be a list; write `- ` before each ", field.name()));
    return;
  }
  const Reflection& reflection = *message.GetReflection();
  for (size_t i = 0; i < node.elements.size(); ++i) {
    const YamlNode& element = node.elements[i];
    const int at = reflection.FieldSize(message, &field);
    const Path below = {absl::StrCat(path.local, "[", i, "]"),
                        absl::StrCat(path.merged, "[", at, "]")};
    const SourceLocation where{file_, element.line, below.local};
    sources_.Add(below.merged, where);
    given_.try_emplace(below.merged, where);
    if (IsScalarField(field)) {
      ReadScalar(element, message, field, below);
    } else {
      ReadMessage(element, *reflection.AddMessage(&message, &field), below);
    }
  }
}

void MessageReader::ReadMap(const YamlNode& node, Message& message, const FieldDescriptor& field,
                            const Path& path) {
  if (node.kind != YamlNode::Kind::kMapping) {
    Fault(node, path, "must be a mapping of keys to values");
    return;
  }
  const FieldDescriptor& key_field = *field.message_type()->map_key();
  const FieldDescriptor& value_field = *field.message_type()->map_value();
  for (const auto& [key, value] : node.entries) {
    const Path below = {Child(path.local, key.text), Child(path.merged, key.text)};
    const SourceLocation where{file_, key.line, below.local};
    const auto [earlier, first] = given_.try_emplace(below.merged, where);
    if (!first) {
      faults_.Add(where, "",
                  absl::StrCat("is given a second time; first in ", earlier->second.file, ":",
                               earlier->second.line));
      continue;
    }
    sources_.Add(below.merged, where);
    Message& entry = *message.GetReflection()->AddMessage(&message, &field);
    if (ReadScalar(key, entry, key_field, below)) ReadSingular(value, entry, value_field, below);
  }
}

void MessageReader::ApplyRules() { ApplyRulesTo(into_, ""); }

void MessageReader::ApplyRulesTo(Message& message, const std::string& path) {
  const Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string below = Child(path, field.name());
    if (field.options().HasExtension(v1::setting)) ApplyFieldRules(message, field, below);
    if (IsScalarField(field) || field.is_map()) continue;
    if (!field.is_repeated()) {
      if (reflection.HasField(message, &field)) {
        ApplyRulesTo(*reflection.MutableMessage(&message, &field), below);
      }
      continue;
    }
    for (int at = 0; at < reflection.FieldSize(message, &field); ++at) {
      ApplyRulesTo(*reflection.MutableRepeatedMessage(&message, &field, at),
                   absl::StrCat(below, "[", at, "]"));
    }
  }
}

bool MessageReader::IsGiven(const Message& message, const FieldDescriptor& field,
                            const std::string& path) const {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
  if (reflection.HasField(message, &field)) return true;
  // A zero given in so many words is given; an empty text says nothing.
  return field.cpp_type() != FieldDescriptor::CPPTYPE_STRING && given_.count(path) > 0;
}

void MessageReader::ApplyFieldRules(Message& message, const FieldDescriptor& field,
                                    const std::string& path) {
  const v1::SettingRules& rules = field.options().GetExtension(v1::setting);
  if (!IsGiven(message, field, path)) {
    // A value that could not be read was given, and has its own fault already.
    const auto attempted = given_.find(path);
    const bool text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (rules.required() && (attempted == given_.end() || text || field.is_repeated())) {
      faults_.Add(sources_.Find(path), "",
                  attempted == given_.end() ? "is required" : "must not be empty");
    } else if (attempted == given_.end() && !rules.default_value().empty()) {
      if (IsScalarField(field)) {
        const absl::Status set = SetScalar(message, field, rules.default_value(), false);
        if (!set.ok()) faults_.Add(sources_.Find(path), rules.default_value(), set.message());
      } else {
        message.GetReflection()->MutableMessage(&message, &field);
      }
    }
    return;
  }
  if (field.is_repeated() || !IsScalarField(field)) return;
  if (const auto problem = OutOfBounds(message, field, rules.least(), rules.most())) {
    faults_.Add(sources_.Find(path), "", *problem);
  }
}

}  // namespace ndx::settings

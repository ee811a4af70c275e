// Messages into YAML: the way back of message_reader.cc.
#include <memory>
#include <vector>

#include "google/protobuf/message.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/settings/v1/setting_rules.pb.h"
#include "scalar_text.h"
#include "yaml_tree.h"

namespace ndx::settings {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

YamlNode Scalar(const Message& message, const FieldDescriptor& field, int index) {
  return {.kind = YamlNode::Kind::kScalar,
          .text = ScalarText(message, field, index),
          .quoted = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING};
}

YamlNode Key(const std::string& name) { return {.kind = YamlNode::Kind::kScalar, .text = name}; }

YamlNode Tree(const Message& message);

bool HasDefault(const Message& message, const FieldDescriptor& field) {
  const std::string& text = field.options().GetExtension(v1::setting).default_value();
  if (text.empty() || field.is_repeated() || !IsScalarField(field)) return false;
  const std::unique_ptr<Message> fresh(message.New());
  return SetScalar(*fresh, field, text, false).ok() &&
         ScalarText(*fresh, field, 0) == ScalarText(message, field, 0);
}

YamlNode Value(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const bool scalar = IsScalarField(field);
  if (!field.is_repeated()) {
    return scalar ? Scalar(message, field, 0) : Tree(reflection.GetMessage(message, &field));
  }
  YamlNode list{.kind = field.is_map() ? YamlNode::Kind::kMapping : YamlNode::Kind::kSequence};
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (scalar) {
      list.elements.push_back(Scalar(message, field, i));
      continue;
    }
    const Message& element = reflection.GetRepeatedMessage(message, &field, i);
    if (!field.is_map()) {
      list.elements.push_back(Tree(element));
      continue;
    }
    const auto& type = *element.GetDescriptor();
    list.entries.push_back({.key = Key(ScalarText(element, *type.map_key(), 0)),
                            .value = Value(element, *type.map_value())});
  }
  return list;
}

YamlNode Tree(const Message& message) {
  YamlNode node{.kind = YamlNode::Kind::kMapping};
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* const field : fields) {
    if (HasDefault(message, *field)) continue;
    YamlNode value = Value(message, *field);
    // A message that only holds defaults, and is one itself.
    const bool empty = value.kind == YamlNode::Kind::kMapping && value.entries.empty();
    if (empty && field->options().GetExtension(v1::setting).default_value() == "{}") continue;
    node.entries.push_back({.key = Key(field->name()), .value = std::move(value)});
  }
  return node;
}

}  // namespace

std::string SettingsText(const Message& message) { return YamlText(Tree(message)); }

}  // namespace ndx::settings

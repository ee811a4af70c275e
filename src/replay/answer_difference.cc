#include "ndx/replay/answer_difference.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/unknown_field_set.h"

namespace ndx::replay {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownFieldSet;

class FieldComparison {
 public:
  explicit FieldComparison(AnswerDifference& difference) : difference_(difference) {}

  void Add(std::string path, std::string recorded, std::string now) {
    if (difference_.fields.size() == kDifferentFieldsMax) {
      difference_.more = true;
    } else {
      difference_.fields.push_back({std::move(path), std::move(recorded), std::move(now)});
    }
  }

  // Either may be null: then the other's fields are those that differ.
  void Messages(const std::string& prefix, const Message& a, const Message& b) {
    std::map<int, const FieldDescriptor*> set;
    for (const Message* message : {&a, &b}) {
      std::vector<const FieldDescriptor*> fields;
      message->GetReflection()->ListFields(*message, &fields);
      for (const FieldDescriptor* field : fields) set[field->number()] = field;
    }
    for (const auto& [number, field] : set) {
      const std::string path = absl::StrCat(prefix, field->name());
      if (field->is_map()) {
        Maps(path, *field, a, b);
      } else if (field->is_repeated()) {
        Repeated(path, *field, a, b);
      } else {
        Singular(path, *field, a, b);
      }
    }
    Unknown(prefix, a, b);
  }

 private:
  static std::string Text(const Message& message, const FieldDescriptor& field, int index) {
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    printer.PrintFieldValueToString(message, &field, index, &text);
    return text;
  }

  void Singular(const std::string& path, const FieldDescriptor& field, const Message& a,
                const Message& b) {
    const bool in_a = a.GetReflection()->HasField(a, &field);
    const bool in_b = b.GetReflection()->HasField(b, &field);
    if (in_a && in_b && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return Messages(absl::StrCat(path, "."), a.GetReflection()->GetMessage(a, &field),
                      b.GetReflection()->GetMessage(b, &field));
    }
    const std::string recorded = in_a ? Text(a, field, -1) : "";
    const std::string now = in_b ? Text(b, field, -1) : "";
    if (in_a != in_b || recorded != now) Add(path, recorded, now);
  }

  void Repeated(const std::string& path, const FieldDescriptor& field, const Message& a,
                const Message& b) {
    const int of_a = a.GetReflection()->FieldSize(a, &field);
    const int of_b = b.GetReflection()->FieldSize(b, &field);
    for (int i = 0; i < std::max(of_a, of_b); ++i) {
      const std::string element = absl::StrCat(path, "[", i, "]");
      const bool both = i < of_a && i < of_b;
      if (both && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Messages(absl::StrCat(element, "."), a.GetReflection()->GetRepeatedMessage(a, &field, i),
                 b.GetReflection()->GetRepeatedMessage(b, &field, i));
        continue;
      }
      const std::string recorded = i < of_a ? Text(a, field, i) : "";
      const std::string now = i < of_b ? Text(b, field, i) : "";
      if (!both || recorded != now) Add(element, recorded, now);
    }
  }

  // Entries in the order of their keys' texts: on the wire they have none.
  void Maps(const std::string& path, const FieldDescriptor& field, const Message& a,
            const Message& b) {
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& value = *field.message_type()->map_value();
    const auto entries = [&](const Message& message) {
      std::map<std::string, std::string> texts;
      const auto& reflection = *message.GetReflection();
      for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
        const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
        texts[Text(entry, key, -1)] = Text(entry, value, -1);
      }
      return texts;
    };
    const auto of_a = entries(a);
    const auto of_b = entries(b);
    std::set<std::string> keys;
    for (const auto* texts : {&of_a, &of_b}) {
      for (const auto& [name, text] : *texts) keys.insert(name);
    }
    for (const std::string& name : keys) {
      const auto in_a = of_a.find(name);
      const auto in_b = of_b.find(name);
      const bool both = in_a != of_a.end() && in_b != of_b.end();
      if (both && in_a->second == in_b->second) continue;
      // The key may be somebody's number: the path says only which entry, by its place.
      Add(absl::StrCat(path, "[", std::distance(keys.begin(), keys.find(name)), "]"),
          in_a == of_a.end() ? "" : absl::StrCat(name, ": ", in_a->second),
          in_b == of_b.end() ? "" : absl::StrCat(name, ": ", in_b->second));
    }
  }

  void Unknown(const std::string& prefix, const Message& a, const Message& b) {
    const auto by_number = [](const Message& message) {
      std::map<int, std::string> bytes;
      const UnknownFieldSet& fields = message.GetReflection()->GetUnknownFields(message);
      for (int i = 0; i < fields.field_count(); ++i) {
        UnknownFieldSet one;
        one.AddField(fields.field(i));
        std::string text;
        one.SerializeToString(&text);
        bytes[fields.field(i).number()] += text;
      }
      return bytes;
    };
    auto of_a = by_number(a);
    auto of_b = by_number(b);
    std::set<int> numbers;
    for (const auto& [number, bytes] : of_a) numbers.insert(number);
    for (const auto& [number, bytes] : of_b) numbers.insert(number);
    for (const int number : numbers) {
      if (of_a[number] == of_b[number]) continue;
      Add(absl::StrCat(prefix, "#", number), absl::BytesToHexString(of_a[number]),
          absl::BytesToHexString(of_b[number]));
    }
  }

  AnswerDifference& difference_;
};

}  // namespace

AnswerDifference CompareAnswers(const google::protobuf::Descriptor& type,
                                absl::Span<const std::string> recorded,
                                absl::Span<const std::string> now) {
  AnswerDifference difference;
  FieldComparison comparison(difference);
  google::protobuf::DynamicMessageFactory factory;
  const Message* const prototype = factory.GetPrototype(&type);
  const size_t messages = std::max(recorded.size(), now.size());
  for (size_t i = 0; i < messages; ++i) {
    const bool both = i < recorded.size() && i < now.size();
    if (both && recorded[i] == now[i]) continue;
    const std::string prefix = messages > 1 ? absl::StrCat("[", i, "].") : "";
    const std::unique_ptr<Message> a(prototype->New());
    const std::unique_ptr<Message> b(prototype->New());
    const bool parsed = (i >= recorded.size() || a->ParseFromString(recorded[i])) &&
                        (i >= now.size() || b->ParseFromString(now[i]));
    if (parsed) {
      comparison.Messages(prefix, *a, *b);
      if (both || !difference.same()) continue;
    }
    // Unreadable, or an empty message that only one of the streams has.
    comparison.Add(absl::StrCat(prefix, "(bytes)"),
                   i < recorded.size() ? absl::BytesToHexString(recorded[i]) : "",
                   i < now.size() ? absl::BytesToHexString(now[i]) : "");
  }
  return difference;
}

}  // namespace ndx::replay

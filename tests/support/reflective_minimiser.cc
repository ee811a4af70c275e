#include "ndx/tests/support/reflective_minimiser.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/message_differencer.h"
#include "ndx/routing/minimiser.h"

namespace ndx::tests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Node = registry::FieldPlan::Node;

std::string Join(const std::string& parent, absl::string_view name) {
  return parent.empty() ? std::string(name) : absl::StrCat(parent, ".", name);
}

void Trim(Message& message, const Node* node, const std::string& path,
          std::set<std::string>& removed) {
  const auto& reflection = *message.GetReflection();
  auto& unknown = *reflection.MutableUnknownFields(&message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    removed.insert(Join(path, absl::StrCat("#", unknown.field(i).number())));
  }
  unknown.Clear();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const Node* below = nullptr;
    if (node != nullptr) {
      const auto selected = node->fields.find(field->number());
      if (selected == node->fields.end()) {
        removed.insert(Join(path, field->name()));
        reflection.ClearField(&message, field);
        continue;
      }
      below = selected->second.get();
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string inner = Join(path, field->name());
    if (!field->is_repeated()) {
      Trim(*reflection.MutableMessage(&message, field), below, inner, removed);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Trim(*reflection.MutableRepeatedMessage(&message, field, i), below, inner, removed);
    }
  }
}

void ListPaths(const Descriptor& type, const std::string& parent, int depth,
               std::vector<std::string>& paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = Join(parent, field.name());
    paths.push_back(path);
    if (field.message_type() != nullptr && !field.is_map() && depth > 0) {
      ListPaths(*field.message_type(), path, depth - 1, paths);
    }
  }
}

bool AllNamed(const std::set<std::string>& removed, const std::vector<std::string>& named) {
  const bool whole = named.empty() || named.back() != "…";
  return !whole || std::includes(named.begin(), named.end(), removed.begin(), removed.end());
}

MinimiserComparison Differ(absl::string_view what) {
  return {.agreement = Agreement::kDifferent, .detail = std::string(what)};
}

}  // namespace

std::set<std::string> TrimByReflection(Message& message, const registry::FieldPlan& plan) {
  std::set<std::string> removed;
  Trim(message, &plan.root(), "", removed);
  return removed;
}

std::vector<std::string> FieldPathsOf(const Descriptor& type, int depth) {
  std::vector<std::string> paths;
  ListPaths(type, "", depth, paths);
  return paths;
}

MinimiserComparison CompareMinimisers(const registry::FieldPlan& plan, absl::string_view bytes,
                                      const Message& prototype) {
  const auto parse = [&prototype](absl::string_view from) {
    std::unique_ptr<Message> message(prototype.New());
    if (!message->ParseFromArray(from.data(), static_cast<int>(from.size()))) message.reset();
    return message;
  };
  const auto minimised = routing::Minimise(plan, bytes);
  const auto expected = parse(bytes);
  if (!minimised.ok()) {
    return {.agreement = expected == nullptr ? Agreement::kRefused : Agreement::kStricter,
            .detail = {}};
  }
  const auto actual = parse(minimised->bytes);
  if (actual == nullptr) return Differ("what is left is no message");
  MinimiserComparison comparison;
  if (expected == nullptr) {
    if (!TrimByReflection(*actual, plan).empty()) return Differ("more is left than is granted");
    comparison.agreement = Agreement::kLooser;
  } else {
    const auto removed = TrimByReflection(*expected, plan);
    // Every field there is counts, also one that says the same as none.
    google::protobuf::util::DefaultFieldComparator numbers;
    numbers.set_treat_nan_as_equal(true);
    google::protobuf::util::MessageDifferencer differencer;
    differencer.set_field_comparator(&numbers);
    std::string report;
    differencer.ReportDifferencesToString(&report);
    if (!differencer.Compare(*expected, *actual)) return Differ(report);
    if (!AllNamed(removed, minimised->removed)) return Differ("something removed is not named");
  }
  const auto again = routing::Minimise(plan, minimised->bytes);
  if (!again.ok() || again->bytes != minimised->bytes || !again->removed.empty()) {
    return Differ("doing it again changes it");
  }
  return comparison;
}

}  // namespace ndx::tests

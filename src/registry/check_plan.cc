#include "ndx/registry/check_plan.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ndx::registry {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRules;

const FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

bool HasRule(const FieldDescriptor& field) {
  return RulesOf(field).required() || RulesOf(field).format() != options::v1::FORMAT_UNSPECIFIED;
}

// A type and all types below it, each once; types may contain themselves.
std::vector<const Descriptor*> Reachable(const Descriptor& root) {
  std::vector<const Descriptor*> found = {&root};
  absl::flat_hash_set<const Descriptor*> seen = {&root};
  for (size_t at = 0; at < found.size(); ++at) {
    for (int i = 0; i < found[at]->field_count(); ++i) {
      const Descriptor* below = found[at]->field(i)->message_type();
      if (below != nullptr && seen.insert(below).second) found.push_back(below);
    }
  }
  return found;
}

// The types that have a rule, or contain one that has.
absl::flat_hash_set<const Descriptor*> TypesWithRules(const std::vector<const Descriptor*>& types) {
  absl::flat_hash_set<const Descriptor*> ruled;
  for (bool grew = true; grew;) {
    grew = false;
    for (const Descriptor* type : types) {
      if (ruled.contains(type)) continue;
      for (int i = 0; i < type->field_count(); ++i) {
        const FieldDescriptor& field = *type->field(i);
        const Descriptor* below = field.message_type();
        if (!HasRule(field) && (below == nullptr || !ruled.contains(below))) continue;
        ruled.insert(type);
        grew = true;
        break;
      }
    }
  }
  return ruled;
}

}  // namespace

absl::StatusOr<CheckPlan> CheckPlan::Compile(const Descriptor& type) {
  const std::vector<const Descriptor*> types = Reachable(type);
  const auto ruled = TypesWithRules(types);
  CheckPlan plan;
  absl::flat_hash_map<const Descriptor*, MessageChecks*> made;
  for (const Descriptor* each : types) {
    if (!ruled.contains(each)) continue;
    plan.owned_.push_back(std::make_unique<MessageChecks>());
    plan.owned_.back()->type = each;
    made[each] = plan.owned_.back().get();
  }
  for (const auto& message : plan.owned_) {
    for (int i = 0; i < message->type->field_count(); ++i) {
      const FieldDescriptor& field = *message->type->field(i);
      const auto below = made.find(field.message_type());
      if (!HasRule(field) && below == made.end()) continue;
      const FieldRules& rules = RulesOf(field);
      if (rules.format() != options::v1::FORMAT_UNSPECIFIED &&
          field.type() != FieldDescriptor::TYPE_STRING) {
        return absl::InvalidArgumentError(
            absl::StrCat(field.full_name(), " has a format and is no text"));
      }
      message->index[field.number()] = message->checks.size();
      message->checks.push_back({.field = &field,
                                 .format = rules.format(),
                                 .required = rules.required(),
                                 .below = below == made.end() ? nullptr : below->second});
    }
  }
  const auto root = made.find(&type);
  plan.root_ = root == made.end() ? nullptr : root->second;
  return plan;
}

absl::Status CheckPlan::SetWarn(absl::string_view path, bool warn) {
  if (path.empty()) {
    for (const auto& message : owned_) {
      for (FieldCheck& check : message->checks) check.warn = warn;
    }
    return absl::OkStatus();
  }
  MessageChecks* message = root_;
  FieldCheck* found = nullptr;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const FieldDescriptor* const field =
        message == nullptr ? nullptr : message->type->FindFieldByName(std::string(name));
    if (field == nullptr || !message->index.contains(field->number())) {
      return absl::InvalidArgumentError("has no check rule in the request");
    }
    found = &message->checks[message->index.at(field->number())];
    message = found->below;
  }
  if (found->format == options::v1::FORMAT_UNSPECIFIED && !found->required) {
    return absl::InvalidArgumentError("has no check rule of its own; name a field below it");
  }
  found->warn = warn;
  return absl::OkStatus();
}

}  // namespace ndx::registry

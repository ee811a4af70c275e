#include "ndx/registry/field_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"
#include "ndx/settings/nearest_name.h"

namespace ndx::registry {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

absl::StatusOr<const FieldDescriptor*> FindField(const Descriptor& type, absl::string_view name) {
  const FieldDescriptor* field = type.FindFieldByName(std::string(name));
  if (field != nullptr) return field;
  std::vector<std::string> known;
  known.reserve(static_cast<size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
  return absl::InvalidArgumentError(absl::StrCat("is not a field path: ", type.full_name(),
                                                 " has no field `", name, "`",
                                                 settings::NearestHint(name, known)));
}

// The fields along a path.
absl::StatusOr<std::vector<const FieldDescriptor*>> Resolve(const Descriptor& root,
                                                            absl::string_view path) {
  std::vector<const FieldDescriptor*> steps;
  const Descriptor* type = &root;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("is not a field path: `", steps.back()->name(), "` has no fields"));
    }
    if (!steps.empty() && steps.back()->is_map()) {
      return absl::InvalidArgumentError(
          absl::StrCat("passes through the map `", steps.back()->name(), "`; name the map whole"));
    }
    NDX_ASSIGN_OR_RETURN(const FieldDescriptor* field, FindField(*type, name));
    steps.push_back(field);
    type = field->message_type();
  }
  return steps;
}

void Select(FieldPlan::Node& root, const std::vector<const FieldDescriptor*>& steps) {
  FieldPlan::Node* node = &root;
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto [at, added] = node->fields.try_emplace(steps[i]->number());
    if (i + 1 == steps.size()) {
      at->second.reset();  // the whole field, whatever was selected within it before
      return;
    }
    if (!added && at->second == nullptr) return;  // selected whole already
    if (added) {
      at->second = std::make_unique<FieldPlan::Node>();
      at->second->type = steps[i]->message_type();
    }
    node = at->second.get();
  }
}

}  // namespace

absl::StatusOr<FieldPlan> FieldPlan::Compile(const Descriptor& type,
                                             const std::vector<std::string>& paths) {
  FieldPlan plan;
  plan.root_ = std::make_unique<Node>();
  plan.root_->type = &type;
  for (const std::string& path : paths) {
    NDX_ASSIGN_OR_RETURN(const auto steps, Resolve(type, path));
    Select(*plan.root_, steps);
  }
  return plan;
}

absl::Status FieldPlan::CheckPath(const Descriptor& type, absl::string_view path) {
  return Resolve(type, path).status();
}

FieldPlan::Part FieldPlan::Selects(absl::string_view path) const {
  const auto steps = Resolve(*root_->type, path);
  if (!steps.ok()) return Part::kNone;
  const Node* node = root_.get();
  for (const FieldDescriptor* const step : *steps) {
    const auto found = node->fields.find(step->number());
    if (found == node->fields.end()) return Part::kNone;
    if (found->second == nullptr) return Part::kAll;
    node = found->second.get();
  }
  return Part::kSome;
}

}  // namespace ndx::registry

#include "ndx/registry/contract_change.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/options/v1/options.pb.h"
#include "ndx/registry/contract_source.h"
#include "ndx/registry/field_plan.h"

namespace ndx::registry {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using v1::ContractDifference;

constexpr char kServicePayload[] = "ndx.registry/broken-service";
// Differences named in an error; the others are counted.
constexpr size_t kNamedMax = 20;

std::string TypeOf(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

std::string LabelOf(const FieldDescriptor& field) {
  if (field.is_repeated()) return "repeated";
  return field.has_optional_keyword() ? "optional" : "single";
}

// Without the oneof that an `optional` makes.
std::string OneofOf(const FieldDescriptor& field) {
  const auto* const oneof = field.real_containing_oneof();
  return oneof == nullptr ? "" : oneof->name();
}

std::string YesNo(bool yes) { return yes ? "true" : "false"; }

class Comparison {
 public:
  Comparison(const ServiceDescriptor& was, const ServiceDescriptor& now) : was_(was), now_(now) {}

  std::vector<ContractDifference> Run() && {
    for (int i = 0; i < was_.method_count(); ++i) {
      const MethodDescriptor& was = *was_.method(i);
      const MethodDescriptor* const now = now_.FindMethodByName(was.name());
      if (now == nullptr) {
        Add(v1::CONTRACT_DIFFERENCE_KIND_METHOD_REMOVED, true, was, was.name(), "");
      } else {
        CompareMethods(was, *now);
      }
    }
    return std::move(found_);
  }

 private:
  template <typename Element>
  void Add(v1::ContractDifferenceKind kind, bool breaking, const Element& element, std::string was,
           std::string now) {
    ContractDifference& difference = found_.emplace_back();
    difference.set_kind(kind);
    difference.set_breaking(breaking);
    difference.set_service(was_.full_name());
    difference.set_file(FileOf(element));
    difference.set_element(element.full_name());
    difference.set_was(std::move(was));
    difference.set_now(std::move(now));
  }
  template <typename Element>
  void AddIfOther(v1::ContractDifferenceKind kind, bool breaking, const Element& element,
                  std::string was, std::string now) {
    if (was != now) Add(kind, breaking, element, std::move(was), std::move(now));
  }
  static std::string FileOf(const MethodDescriptor& method) {
    return method.service()->file()->name();
  }
  static std::string FileOf(const FieldDescriptor& field) { return field.file()->name(); }
  static std::string FileOf(const google::protobuf::EnumValueDescriptor& value) {
    return value.type()->file()->name();
  }

  void CompareMethods(const MethodDescriptor& was, const MethodDescriptor& now) {
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_INPUT_TYPE, true, now, was.input_type()->full_name(),
               now.input_type()->full_name());
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_OUTPUT_TYPE, true, now, was.output_type()->full_name(),
               now.output_type()->full_name());
    const auto streams = [](const MethodDescriptor& method) {
      return absl::StrCat(method.client_streaming() ? "stream" : "one", " → ",
                          method.server_streaming() ? "stream" : "one");
    };
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_STREAMING, true, now, streams(was), streams(now));
    CompareRules(was, now);
    CompareMessages(*was.input_type(), *now.input_type(), /*asked=*/true);
    CompareMessages(*was.output_type(), *now.output_type(), /*asked=*/false);
  }

  void CompareRules(const MethodDescriptor& was_method, const MethodDescriptor& now_method) {
    const options::v1::MethodRules& was = was_method.options().GetExtension(options::v1::method);
    const options::v1::MethodRules& now = now_method.options().GetExtension(options::v1::method);
    // What is not stated is a change, and is never executed again.
    if (was.effect() != options::v1::EFFECT_READ && now.effect() == options::v1::EFFECT_READ) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_EFFECT, true, now_method, Effect_Name(was.effect()),
          Effect_Name(now.effect()));
    }
    const auto repeatable = [](const options::v1::MethodRules& rules) {
      return rules.idempotent() || rules.effect() == options::v1::EFFECT_READ;
    };
    if (!repeatable(was) && repeatable(now)) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_IDEMPOTENT, true, now_method, YesNo(false), YesNo(true));
    }
    if (was.write_ahead() && !now.write_ahead()) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_WRITE_AHEAD, true, now_method, YesNo(true), YesNo(false));
    }
    const auto replay = [](const options::v1::MethodRules& rules) {
      return rules.replay() == options::v1::REPLAY_POLICY_UNSPECIFIED
                 ? options::v1::REPLAY_POLICY_NEVER
                 : rules.replay();
    };
    if (replay(now) < replay(was)) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_REPLAY, true, now_method, ReplayPolicy_Name(replay(was)),
          ReplayPolicy_Name(replay(now)));
    }
    const bool smaller =
        now.message_bytes_max() != 0 && now.message_bytes_max() < was.message_bytes_max();
    if (smaller) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_MESSAGE_SIZE, false, now_method,
          absl::StrCat(was.message_bytes_max()), absl::StrCat(now.message_bytes_max()));
    }
  }

  void CompareMessages(const Descriptor& was, const Descriptor& now, bool asked) {
    // Once for each pair, for those that are asked and those that are answered: types may hold
    // themselves.
    if (!seen_.emplace(&was, asked).second || was.full_name() != now.full_name()) return;
    for (int i = 0; i < was.field_count(); ++i) {
      const FieldDescriptor& field = *was.field(i);
      const FieldDescriptor* const other = now.FindFieldByNumber(field.number());
      if (other != nullptr) {
        CompareFields(field, *other, asked);
      } else {
        AddGone(field, now);
      }
    }
    if (!asked) return;
    for (int i = 0; i < now.field_count(); ++i) {
      const FieldDescriptor& field = *now.field(i);
      if (was.FindFieldByNumber(field.number()) == nullptr) CompareRequired(false, field);
    }
  }

  void AddGone(const FieldDescriptor& field, const Descriptor& now) {
    const FieldDescriptor* const moved = now.FindFieldByName(field.name());
    const std::string number = absl::StrCat(field.number());
    if (moved != nullptr) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_FIELD_NUMBER, true, *moved, number,
          absl::StrCat(moved->number()));
      return;
    }
    const bool reserved = now.IsReservedNumber(field.number());
    Add(reserved ? v1::CONTRACT_DIFFERENCE_KIND_FIELD_RESERVED
                 : v1::CONTRACT_DIFFERENCE_KIND_FIELD_REMOVED,
        !reserved, field, absl::StrCat(TypeOf(field), " = ", number), "");
  }

  void CompareFields(const FieldDescriptor& was, const FieldDescriptor& now, bool asked) {
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_JSON_NAME, false, now,
               absl::StrCat(was.name(), "/", was.json_name()),
               absl::StrCat(now.name(), "/", now.json_name()));
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_FIELD_TYPE, true, now, TypeOf(was), TypeOf(now));
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_FIELD_LABEL, true, now, LabelOf(was), LabelOf(now));
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_FIELD_ONEOF, true, now, OneofOf(was), OneofOf(now));
    CompareFieldRules(was, now, asked);
    if (was.message_type() != nullptr && now.message_type() != nullptr) {
      CompareMessages(*was.message_type(), *now.message_type(), asked);
    }
    if (was.enum_type() != nullptr && now.enum_type() != nullptr) {
      CompareEnums(*was.enum_type(), *now.enum_type());
    }
  }

  void CompareFieldRules(const FieldDescriptor& was_field, const FieldDescriptor& now_field,
                         bool asked) {
    const options::v1::FieldRules& was = was_field.options().GetExtension(options::v1::field);
    const options::v1::FieldRules& now = now_field.options().GetExtension(options::v1::field);
    if (now.personal_data() < was.personal_data()) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_PERSONAL_DATA, true, now_field,
          PersonalData_Name(was.personal_data()), PersonalData_Name(now.personal_data()));
    }
    if (was.subject() != options::v1::SUBJECT_UNSPECIFIED && now.subject() != was.subject()) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_PERSONAL_DATA, true, now_field, Subject_Name(was.subject()),
          Subject_Name(now.subject()));
    }
    AddIfOther(v1::CONTRACT_DIFFERENCE_KIND_FORMAT, false, now_field, Format_Name(was.format()),
               Format_Name(now.format()));
    if (asked) CompareRequired(was.required(), now_field);
  }

  void CompareRequired(bool was, const FieldDescriptor& now_field) {
    const bool now = now_field.options().GetExtension(options::v1::field).required();
    if (now && !was) {
      Add(v1::CONTRACT_DIFFERENCE_KIND_REQUIRED, true, now_field, YesNo(was), YesNo(now));
    }
  }

  void CompareEnums(const EnumDescriptor& was, const EnumDescriptor& now) {
    if (!seen_.emplace(&was, false).second || was.full_name() != now.full_name()) return;
    for (int i = 0; i < was.value_count(); ++i) {
      const auto& value = *was.value(i);
      const auto* const other = now.FindValueByNumber(value.number());
      if (other == nullptr) {
        Add(v1::CONTRACT_DIFFERENCE_KIND_ENUM_VALUE_REMOVED, true, value,
            absl::StrCat(value.number()), "");
      } else if (now.FindValueByName(value.name()) == nullptr) {
        Add(v1::CONTRACT_DIFFERENCE_KIND_JSON_NAME, false, value, value.name(), other->name());
      }
    }
  }

  const ServiceDescriptor& was_;
  const ServiceDescriptor& now_;
  std::set<std::pair<const void*, bool>> seen_;
  std::vector<ContractDifference> found_;
};

ContractDifference OfGrant(const ServiceDescriptor& service, const v1::Grant& grant,
                           absl::string_view named) {
  ContractDifference difference;
  difference.set_kind(v1::CONTRACT_DIFFERENCE_KIND_GRANT);
  difference.set_breaking(true);
  difference.set_service(service.full_name());
  difference.set_element(absl::StrCat(grant.name(), " ", named));
  difference.set_was(std::string(named));
  return difference;
}

// What a grant names of one method's type that was there and is gone.
void AddVanished(const v1::Grant& grant,
                 const google::protobuf::RepeatedPtrField<std::string>& paths,
                 const Descriptor& was, const Descriptor& now, const ServiceDescriptor& service,
                 std::vector<ContractDifference>& found) {
  for (const std::string& path : paths) {
    if (FieldPlan::CheckPath(was, path).ok() && !FieldPlan::CheckPath(now, path).ok()) {
      found.push_back(OfGrant(service, grant, path));
    }
  }
}

void AddVanishedOfGrant(const v1::Grant& grant, const ServiceDescriptor& was,
                        const ServiceDescriptor& now, std::vector<ContractDifference>& found) {
  for (const std::string& method : grant.methods()) {
    absl::string_view name = absl::StripPrefix(method, "/");
    if (!absl::ConsumePrefix(&name, was.full_name()) || !absl::ConsumePrefix(&name, "/")) continue;
    for (int i = 0; i < was.method_count(); ++i) {
      const MethodDescriptor& granted = *was.method(i);
      if (name != "*" && name != granted.name()) continue;
      const MethodDescriptor* const left = now.FindMethodByName(granted.name());
      if (left == nullptr) {
        if (name != "*") found.push_back(OfGrant(was, grant, granted.full_name()));
        continue;
      }
      AddVanished(grant, grant.answer_fields(), *granted.output_type(), *left->output_type(), was,
                  found);
      AddVanished(grant, grant.request_fields(), *granted.input_type(), *left->input_type(), was,
                  found);
    }
  }
}

std::string TextOf(const ContractDifference& difference) {
  const std::string& kind = v1::ContractDifferenceKind_Name(difference.kind());
  return absl::StrCat(difference.file(), difference.file().empty() ? "" : ": ",
                      difference.element(), " ",
                      absl::StripPrefix(kind, "CONTRACT_DIFFERENCE_KIND_"), " (", difference.was(),
                      difference.now().empty() ? "" : " → ", difference.now(), ")");
}

}  // namespace

std::vector<ContractDifference> DifferencesOf(const ServiceDescriptor& was,
                                              const ServiceDescriptor& now) {
  return Comparison(was, now).Run();
}

absl::StatusOr<std::vector<ContractDifference>> DifferencesOfContracts(
    const RegisteredContract& registered, const v1::RegistryDocument& after,
    const RegistrySource& source) {
  std::vector<ContractDifference> all;
  for (const v1::Service& service : after.services()) {
    const ServiceDescriptor* const was = registered(service.name());
    if (was == nullptr) continue;
    const auto loaded = LoadedContract::Load(service, source);
    if (!loaded.ok()) {
      return absl::Status(loaded.status().code(),
                          absl::StrCat("services[", service.name(), "].descriptor_set: \"",
                                       service.descriptor_set(), "\" ", loaded.status().message()));
    }
    std::vector<ContractDifference> found = DifferencesOf(*was, (*loaded)->service());
    if (found.empty()) continue;
    for (const v1::Grant& grant : after.grants()) {
      AddVanishedOfGrant(grant, *was, (*loaded)->service(), found);
    }
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

absl::Status RefuseIfBreaking(const std::vector<ContractDifference>& differences) {
  std::vector<std::string> named;
  std::string service;
  size_t more = 0;
  for (const ContractDifference& difference : differences) {
    if (!difference.breaking()) continue;
    if (service.empty()) service = difference.service();
    if (named.size() < kNamedMax) {
      named.push_back(TextOf(difference));
    } else {
      ++more;
    }
  }
  if (named.empty()) return absl::OkStatus();
  std::string text = absl::StrJoin(named, "; ");
  if (more > 0) absl::StrAppend(&text, "; +", more);
  absl::Status status = absl::FailedPreconditionError(text);
  status.SetPayload(kServicePayload, absl::Cord(service));
  return status;
}

absl::Status RefuseIfBreaking(const RegistrySnapshot& registered,
                              const std::vector<settings::SettingsFile>& files,
                              const RegistrySource& source) {
  const auto document = ParseRegistry(files);
  if (!document.ok()) return absl::OkStatus();
  const auto differences = DifferencesOfContracts(
      [&registered](const std::string& name) -> const ServiceDescriptor* {
        const ServiceEntry* const service = registered.FindService(name);
        return service == nullptr || service->of_node ? nullptr : service->descriptor;
      },
      *document, source);
  return differences.ok() ? RefuseIfBreaking(*differences) : absl::OkStatus();
}

std::optional<std::string> BrokenServiceOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kServicePayload);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

}  // namespace ndx::registry

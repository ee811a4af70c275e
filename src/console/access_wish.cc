#include "ndx/console/access_wish.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/options/v1/options.pb.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/widening.h"

namespace ndx::console {
namespace {

using google::protobuf::Descriptor;
using registry::MethodEntry;
using registry::RegistrySnapshot;
using registry::ServiceEntry;
using registry::v1::Grant;

// A grant as an entry of the registry.
registry::v1::EntryChange EntryOfGrant(const Grant& grant) {
  registry::v1::EntryChange change;
  *change.mutable_grant() = grant;
  return change;
}

// Methods of the registry that a grant's entry names.
std::vector<const MethodEntry*> MethodsNamed(const std::string& named,
                                             const RegistrySnapshot& registry) {
  absl::string_view service_name = absl::StripPrefix(named, "/");
  if (absl::ConsumeSuffix(&service_name, "/*")) {
    const ServiceEntry* const service = registry.FindService(service_name);
    return service == nullptr ? std::vector<const MethodEntry*>() : service->methods;
  }
  const MethodEntry* const method = registry.FindMethod(absl::StrCat("/", service_name));
  if (method == nullptr) return {};
  return {method};
}

std::vector<const MethodEntry*> MethodsOf(const Grant& grant, const RegistrySnapshot& registry) {
  std::vector<const MethodEntry*> methods;
  for (const std::string& named : grant.methods()) {
    const auto found = MethodsNamed(named, registry);
    methods.insert(methods.end(), found.begin(), found.end());
  }
  return methods;
}

bool NamesSubject(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    const auto& rules = field.options().GetExtension(options::v1::field);
    if (rules.subject() != options::v1::SUBJECT_UNSPECIFIED) return true;
    if (field.message_type() != nullptr && NamesSubject(*field.message_type(), seen)) return true;
  }
  return false;
}

bool AsksAboutSubjects(const MethodEntry* method) {
  std::set<const Descriptor*> seen;
  return NamesSubject(*method->input, seen);
}

absl::Status AddMethods(const v1::AccessWish& wish, const RegistrySnapshot& registry,
                        Grant& grant) {
  for (const std::string& name : wish.methods()) {
    const bool whole = absl::StrContains(name, "/");
    if (!whole && wish.service().empty()) {
      return AccessRequestInvalid(
          absl::StrCat("method ", name, " needs its service (chức năng phải kèm dịch vụ)"));
    }
    grant.add_methods(whole ? std::string(absl::StripPrefix(name, "/"))
                            : absl::StrCat(wish.service(), "/", name));
  }
  if (!grant.methods().empty()) return absl::OkStatus();
  const ServiceEntry* const service = registry.FindService(wish.service());
  if (service == nullptr || service->of_node) {
    return AccessRequestInvalid(absl::StrCat(
        "\"", wish.service(),
        "\" is no service that is granted; `ndxctl services` lists them (không có dịch vụ này)"));
  }
  if (service->least_method == nullptr) {
    return AccessRequestInvalid(absl::StrCat(
        wish.service(),
        " has no least method; name the methods wanted (phải nêu rõ các chức năng cần khai thác)"));
  }
  grant.add_methods(std::string(service->least_method->name()));
  return absl::OkStatus();
}

// What a new request has to say.
absl::Status CheckComplete(const Grant& grant, const RegistrySnapshot& registry,
                           absl::CivilDay today) {
  if (grant.consumer().empty() == grant.consumer_group().empty()) {
    return AccessRequestInvalid(
        "it is for one consumer or one consumer group (cho một hệ thống hoặc một nhóm hệ thống)");
  }
  if (grant.purposes().empty()) {
    return AccessRequestInvalid("a purpose is missing (thiếu mục đích khai thác)");
  }
  const std::vector<const MethodEntry*> methods = MethodsOf(grant, registry);
  const auto tells_more = [](const MethodEntry* method) {
    return method->service->least_method != method;
  };
  if (grant.answer_fields().empty() && std::any_of(methods.begin(), methods.end(), tells_more)) {
    return AccessRequestInvalid(
        "more than the least method is asked for: name the fields of the answer that are needed "
        "(phải nêu các trường dữ liệu cần trả về)");
  }
  if (grant.quota().per_day() == 0) {
    return AccessRequestInvalid(
        "the number of exchanges expected a day is missing (thiếu số giao dịch dự kiến mỗi ngày)");
  }
  if (grant.quota().subjects_per_day() == 0 &&
      std::any_of(methods.begin(), methods.end(), AsksAboutSubjects)) {
    return AccessRequestInvalid(
        "the number of persons or enterprises asked about a day is missing (thiếu số chủ thể dữ "
        "liệu dự kiến mỗi ngày)");
  }
  const auto last = registry::ParseDay(grant.valid_to());
  if (!last.ok() || *last < today) {
    return AccessRequestInvalid(
        "its last day must be a day to come, yyyy-MM-dd (ngày kết thúc phải là ngày sắp tới)");
  }
  return absl::OkStatus();
}

absl::Status CheckLegalBasis(const std::string& text) {
  if (OperatorLedger::CheckReason(text, OperatorLedger::ReasonNeed::kRequired).ok()) {
    return absl::OkStatus();
  }
  return AccessRequestInvalid(absl::StrCat(
      "the legal basis is missing, or is not one line of at most ", kOperatorReasonBytesMax,
      " bytes without numbers of persons (thiếu hoặc sai căn cứ pháp lý)"));
}

absl::StatusOr<Grant> Renewed(const v1::AccessWish& wish,
                              const registry::EditableDocument& document, absl::CivilDay today) {
  const auto found = document.entries().find({registry::v1::ENTRY_KIND_GRANT, wish.renews()});
  if (found == document.entries().end()) {
    return AccessRequestInvalid(
        absl::StrCat("there is no grant \"", wish.renews(), "\" (không có quyền này)"));
  }
  v1::AccessWish other = wish;
  other.clear_renews();
  other.clear_valid_to();
  other.clear_legal_basis();
  if (other.ByteSizeLong() > 0) {
    return AccessRequestInvalid(
        "an extension names only the grant, its new last day and a new legal basis (gia hạn chỉ "
        "nêu quyền, ngày kết thúc mới và căn cứ pháp lý mới)");
  }
  Grant grant = found->second.grant();
  const auto last = registry::ParseDay(wish.valid_to());
  if (!last.ok() || *last < today || wish.valid_to() <= grant.valid_to() ||
      grant.valid_to().empty()) {
    return AccessRequestInvalid(
        absl::StrCat("the new last day must be behind the present one, ",
                     grant.valid_to().empty() ? "and it has none" : grant.valid_to(),
                     " (ngày kết thúc mới phải sau ngày hiện tại của quyền)"));
  }
  grant.set_valid_to(wish.valid_to());
  if (!wish.legal_basis().empty()) grant.set_legal_basis(wish.legal_basis());
  NDX_RETURN_IF_ERROR(CheckLegalBasis(grant.legal_basis()));
  return grant;
}

void AddMembersOfSystem(const std::string& system, const RegistrySnapshot& registry,
                        std::set<std::string>& members) {
  const registry::SystemEntry* const found = registry.FindSystem(system);
  if (found != nullptr) members.insert(found->member->code.text());
}

}  // namespace

absl::Status AccessRequestInvalid(absl::string_view fault) {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_ACCESS_REQUEST_INVALID,
                        .parameters = {{"fault", std::string(fault)}}});
}

absl::StatusOr<Grant> GrantOfWish(const v1::AccessWish& wish, uint64_t number,
                                  const registry::EditableDocument& document,
                                  const RegistrySnapshot& registry, absl::CivilDay today) {
  if (!wish.renews().empty()) return Renewed(wish, document, today);
  Grant grant;
  grant.set_name(wish.name().empty() ? absl::StrCat("access-", number) : wish.name());
  if (document.entries().contains({registry::v1::ENTRY_KIND_GRANT, grant.name()})) {
    return AccessRequestInvalid(
        absl::StrCat("there is a grant \"", grant.name(), "\" already (đã có quyền mang tên này)"));
  }
  grant.set_consumer(wish.consumer());
  grant.set_consumer_group(wish.consumer_group());
  NDX_RETURN_IF_ERROR(AddMethods(wish, registry, grant));
  *grant.mutable_providers() = wish.providers();
  *grant.mutable_answer_fields() = wish.answer_fields();
  *grant.mutable_request_fields() = wish.request_fields();
  *grant.mutable_purposes() = wish.purposes();
  *grant.mutable_required_references() = wish.required_references();
  grant.set_legal_basis(wish.legal_basis());
  if (wish.per_day() > 0) grant.mutable_quota()->set_per_day(wish.per_day());
  if (wish.subjects_per_day() > 0) {
    grant.mutable_quota()->set_subjects_per_day(wish.subjects_per_day());
  }
  if (wish.per_second() > 0) grant.mutable_quota()->set_per_second(wish.per_second());
  grant.set_valid_from(wish.valid_from());
  grant.set_valid_to(wish.valid_to());
  NDX_RETURN_IF_ERROR(CheckComplete(grant, registry, today));
  NDX_RETURN_IF_ERROR(CheckLegalBasis(grant.legal_basis()));
  return grant;
}

absl::StatusOr<Grant> Narrowed(const Grant& asked, Grant left,
                               const v1::NarrowAccessRequestRequest& narrowing) {
  const std::string before = left.SerializeAsString();
  if (!narrowing.methods().empty()) *left.mutable_methods() = narrowing.methods();
  if (!narrowing.answer_fields().empty()) *left.mutable_answer_fields() = narrowing.answer_fields();
  if (!narrowing.purposes().empty()) *left.mutable_purposes() = narrowing.purposes();
  for (const int reference : narrowing.required_references()) {
    const auto& had = left.required_references();
    if (std::find(had.begin(), had.end(), reference) == had.end()) {
      left.add_required_references(static_cast<registry::v1::Reference>(reference));
    }
  }
  if (narrowing.per_day() > 0) left.mutable_quota()->set_per_day(narrowing.per_day());
  if (narrowing.subjects_per_day() > 0) {
    left.mutable_quota()->set_subjects_per_day(narrowing.subjects_per_day());
  }
  if (narrowing.per_second() > 0) left.mutable_quota()->set_per_second(narrowing.per_second());
  if (!narrowing.valid_to().empty()) left.set_valid_to(narrowing.valid_to());
  if (left.SerializeAsString() == before) {
    return AccessRequestInvalid("nothing would be less (không có gì bị thu hẹp)");
  }
  registry::EditableDocument document;
  NDX_RETURN_IF_ERROR(document.Apply(EntryOfGrant(asked)));
  if (!registry::WideningsOf(document, {EntryOfGrant(left)}).empty()) {
    return AccessRequestInvalid(
        "the owner may leave less than was asked for, not more (chỉ được thu hẹp so với yêu cầu)");
  }
  return left;
}

std::set<std::string> OwnersOf(const Grant& grant, const RegistrySnapshot& registry) {
  std::set<std::string> members;
  std::set<const registry::SystemEntry*> only;
  for (const std::string& provider : grant.providers()) only.insert(registry.FindSystem(provider));
  for (const MethodEntry* const method : MethodsOf(grant, registry)) {
    for (const registry::ProviderEntry& provider : method->service->providers) {
      if (only.empty() || only.count(provider.system) > 0) {
        members.insert(provider.system->member->code.text());
      }
    }
  }
  return members;
}

std::set<std::string> ConsumingMembersOf(const Grant& grant,
                                         const registry::EditableDocument& document,
                                         const RegistrySnapshot& registry) {
  std::set<std::string> members;
  if (grant.consumer_group().empty()) {
    AddMembersOfSystem(grant.consumer(), registry, members);
    return members;
  }
  const auto group =
      document.entries().find({registry::v1::ENTRY_KIND_CONSUMER_GROUP, grant.consumer_group()});
  if (group == document.entries().end()) return members;
  for (const std::string& system : group->second.consumer_group().systems()) {
    AddMembersOfSystem(system, registry, members);
  }
  return members;
}

}  // namespace ndx::console

// Grants of a registry: the part of SnapshotBuilder that ties consumers to methods.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/settings/nearest_name.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

template <typename T>
bool Contains(const std::vector<T>& list, const T& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

void SnapshotBuilder::BuildGrants() {
  for (int i = 0; i < document_.grants_size(); ++i) {
    BuildGrant(document_.grants(i), absl::StrCat("grants[", i, "]"));
  }
  LinkShadowGrants();
}

void SnapshotBuilder::BuildGrant(const v1::Grant& grant, const std::string& path) {
  CheckName(grant.name(), path + ".name");
  auto entry = std::make_unique<GrantEntry>();
  entry->name = grant.name();
  entry->legal_basis = grant.legal_basis();
  entry->answer_fields.assign(grant.answer_fields().begin(), grant.answer_fields().end());
  ReadConsumers(grant, path, *entry);
  entry->in_force = ReadDates(grant.valid_from(), grant.valid_to(), path);
  ReadQuota(grant, path, *entry);
  entry->shadow = grant.shadow();
  if (!grant.shadow_of().empty() && !grant.shadow()) {
    Fault(path + ".shadow_of", grant.shadow_of(),
          "is given for a grant that is not in shadow mode");
  }
  for (int i = 0; i < grant.hours_size(); ++i) {
    const absl::Status added = entry->hours.Add(grant.hours(i));
    if (!added.ok()) Fault(absl::StrCat(path, ".hours[", i, "]"), "", added.message());
  }
  for (int i = 0; i < grant.source_addresses_size(); ++i) {
    auto range = AddressRange::Parse(grant.source_addresses(i));
    if (range.ok()) {
      entry->sources.push_back(*std::move(range));
    } else {
      Fault(absl::StrCat(path, ".source_addresses[", i, "]"), grant.source_addresses(i),
            range.status().message());
    }
  }
  ReadReferences(grant, path, *entry);
  entry->signed_requests = grant.signed_requests();
  entry->officer_proved = grant.officer_proved();
  ReadPurposes(grant, path, *entry);
  const size_t awaited = snapshot_->awaited_.size();
  const std::vector<MethodEntry*> methods = GrantedMethods(grant, path);
  // Of a grant all of whose methods are awaited, the providers are too.
  const bool waits = methods.empty() && snapshot_->awaited_.size() > awaited;
  if (!waits) ReadGrantProviders(grant, path, methods, *entry);
  if (!snapshot_->grant_by_name_.emplace(entry->name, entry.get()).second) {
    Fault(path + ".name", grant.name(), "is a grant already");
  }
  for (MethodEntry* method : methods) {
    auto hold = std::make_unique<const MethodGrant>(MethodGrant{
        .grant = entry.get(),
        .answer_fields = ReadFields(grant.answer_fields(), path + ".answer_fields", *method, true),
        .request_fields =
            ReadFields(grant.request_fields(), path + ".request_fields", *method, false)});
    auto& by_consumer = entry->shadow ? method->shadow_grants_of : method->grants_of;
    for (const SystemEntry* consumer : entry->consumers) {
      by_consumer[consumer->id.text()].push_back(hold.get());
    }
    method->grants.push_back(std::move(hold));
  }
  snapshot_->grants_.push_back(std::move(entry));
}

// Once every grant is there: the one that is to be replaced may stand behind.
void SnapshotBuilder::LinkShadowGrants() {
  for (int i = 0; i < document_.grants_size(); ++i) {
    const std::string& named = document_.grants(i).shadow_of();
    if (named.empty()) continue;
    const std::string path = absl::StrCat("grants[", i, "].shadow_of");
    const GrantEntry* const replaced = snapshot_->FindGrant(named);
    if (replaced == nullptr) {
      std::vector<std::string> known;
      for (const auto& each : snapshot_->grants_) known.push_back(each->name);
      Fault(path, named,
            absl::StrCat("is not a grant of the registry", settings::NearestHint(named, known)));
    } else if (replaced->shadow) {
      Fault(path, named, "is in shadow mode itself");
    } else {
      snapshot_->grants_[static_cast<size_t>(i)]->shadow_of = replaced;
    }
  }
}

void SnapshotBuilder::ReadConsumers(const v1::Grant& grant, const std::string& path,
                                    GrantEntry& entry) {
  if (grant.consumer().empty() == grant.consumer_group().empty()) {
    Fault(path + ".consumer", grant.consumer(),
          "or consumer_group is required, one of them and not both");
    return;
  }
  if (grant.consumer_group().empty()) {
    const SystemEntry* const consumer = ResolveSystem(grant.consumer(), path + ".consumer");
    if (consumer != nullptr) entry.consumers.push_back(consumer);
    return;
  }
  entry.group = snapshot_->FindConsumerGroup(grant.consumer_group());
  if (entry.group == nullptr) {
    std::vector<std::string> known;
    for (const auto& each : snapshot_->consumer_groups_) known.push_back(each->name);
    Fault(path + ".consumer_group", grant.consumer_group(),
          absl::StrCat("is not a group of the registry",
                       settings::NearestHint(grant.consumer_group(), known)));
    return;
  }
  entry.consumers = entry.group->systems;
}

void SnapshotBuilder::ReadQuota(const v1::Grant& grant, const std::string& path,
                                GrantEntry& entry) {
  entry.quota_per_second = grant.quota().per_second();
  entry.quota_per_day = grant.quota().per_day();
  entry.subjects_per_day = grant.quota().subjects_per_day();
  if (!grant.has_campaign()) return;
  entry.campaign_total = grant.campaign().total();
  entry.quota_per_second = grant.campaign().per_second();
  if (grant.has_quota()) Fault(path + ".quota", "", "excludes campaign, which is given too");
  if (!grant.consumer_group().empty()) {
    Fault(path + ".campaign", "", "belongs to one consumer, not to a group");
  }
  if (grant.valid_to().empty()) {
    Fault(path + ".valid_to", "", "is required: a campaign has an end");
  }
}

std::vector<MethodEntry*> SnapshotBuilder::GrantedMethods(const v1::Grant& grant,
                                                          const std::string& path) {
  std::vector<MethodEntry*> methods;
  std::set<std::string> named;
  for (int i = 0; i < grant.methods_size(); ++i) {
    const std::string method_path = absl::StrCat(path, ".methods[", i, "]");
    const std::string name(absl::StripPrefix(grant.methods(i), "/"));
    if (!named.insert(name).second) {
      Fault(method_path, grant.methods(i), "is listed already");
      continue;
    }
    AddMethodsNamed(name, method_path, methods);
  }
  return methods;
}

void SnapshotBuilder::AddMethodsNamed(const std::string& name, const std::string& path,
                                      std::vector<MethodEntry*>& methods) {
  absl::string_view service_name = name;
  const bool all = absl::ConsumeSuffix(&service_name, "/*");
  const MethodEntry* exact = all ? nullptr : snapshot_->FindMethod(absl::StrCat("/", name));
  const ServiceEntry* service =
      all ? snapshot_->FindService(service_name) : (exact == nullptr ? nullptr : exact->service);
  if (service == nullptr) {
    if (Awaited(name)) return;
    const std::string nearest = snapshot_->NearestMethod(name);
    Fault(path, name,
          absl::StrCat(all ? "names no service" : "is not a method", " of the registry",
                       nearest.empty() ? "" : "; the nearest is ", nearest));
    return;
  }
  if (service->of_node) {
    Fault(path, name, "belongs to the node itself and is open to every system");
    return;
  }
  for (const MethodEntry* method : service->methods) {
    if (!all && method != exact) continue;
    MethodEntry* const to_fill = method_to_fill_.at(method->path);
    if (!Contains(methods, to_fill)) methods.push_back(to_fill);
  }
}

void SnapshotBuilder::ReadReferences(const v1::Grant& grant, const std::string& path,
                                     GrantEntry& entry) {
  for (int i = 0; i < grant.required_references_size(); ++i) {
    const v1::Reference reference = grant.required_references(i);
    bool& required = reference == v1::REFERENCE_DOSSIER   ? entry.dossier_required
                     : reference == v1::REFERENCE_OFFICER ? entry.officer_required
                                                          : entry.procedure_required;
    if (required) {
      Fault(absl::StrCat(path, ".required_references[", i, "]"), v1::Reference_Name(reference),
            "is listed already");
    }
    required = true;
  }
}

void SnapshotBuilder::ReadPurposes(const v1::Grant& grant, const std::string& path,
                                   GrantEntry& entry) {
  for (int i = 0; i < grant.purposes_size(); ++i) {
    const std::string& purpose = grant.purposes(i);
    const std::string purpose_path = absl::StrCat(path, ".purposes[", i, "]");
    if (snapshot_->FindPurpose(purpose) == nullptr) {
      std::vector<std::string> known;
      for (const auto& each : snapshot_->purposes_) known.push_back(each->code);
      Fault(
          purpose_path, purpose,
          absl::StrCat("is not a purpose of the catalogue", settings::NearestHint(purpose, known)));
    }
    if (Contains(entry.purposes, purpose)) Fault(purpose_path, purpose, "is listed already");
    entry.purposes.push_back(purpose);
  }
  std::sort(entry.purposes.begin(), entry.purposes.end());
}

void SnapshotBuilder::ReadGrantProviders(const v1::Grant& grant, const std::string& path,
                                         const std::vector<MethodEntry*>& methods,
                                         GrantEntry& entry) {
  for (int i = 0; i < grant.providers_size(); ++i) {
    const std::string provider_path = absl::StrCat(path, ".providers[", i, "]");
    const SystemEntry* system = ResolveSystem(grant.providers(i), provider_path);
    if (system == nullptr) continue;
    const bool provides = std::any_of(methods.begin(), methods.end(), [&](const MethodEntry* each) {
      const auto& providers = each->service->providers;
      return std::any_of(providers.begin(), providers.end(),
                         [&](const ProviderEntry& p) { return p.system == system; });
    });
    if (!provides) {
      Fault(provider_path, grant.providers(i), "provides none of the grant's methods");
    }
    if (Contains(entry.providers, system)) {
      Fault(provider_path, grant.providers(i), "is listed already");
    }
    entry.providers.push_back(system);
  }
}

std::optional<FieldPlan> SnapshotBuilder::ReadFields(
    const google::protobuf::RepeatedPtrField<std::string>& paths, const std::string& path,
    const MethodEntry& method, bool answer) {
  if (paths.empty()) return std::nullopt;
  const google::protobuf::Descriptor& type = answer ? *method.output : *method.input;
  bool good = true;
  for (int i = 0; i < paths.size(); ++i) {
    const absl::Status checked = FieldPlan::CheckPath(type, paths.Get(i));
    if (checked.ok()) continue;
    Fault(absl::StrCat(path, "[", i, "]"), paths.Get(i),
          absl::StrCat(checked.message(), ", ", answer ? "the answer" : "the request", " of ",
                       method.name()));
    good = false;
  }
  if (!good) return std::nullopt;
  auto plan = FieldPlan::Compile(type, {paths.begin(), paths.end()});
  if (!plan.ok()) return std::nullopt;  // each path was checked
  const CheckPlan::MessageChecks* checks = answer ? nullptr : method.checks.root();
  for (size_t i = 0; checks != nullptr && i < checks->checks.size(); ++i) {
    const CheckPlan::FieldCheck& check = checks->checks[i];
    if (check.required && !check.warn && !plan->root().fields.contains(check.field->number())) {
      Fault(path, "",
            absl::StrCat("leaves out `", check.field->name(), "`, without which ", method.name(),
                         " cannot be called"));
    }
  }
  return *std::move(plan);
}

}  // namespace ndx::registry

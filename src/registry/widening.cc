#include "ndx/registry/widening.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ndx::registry {
namespace {

using google::protobuf::RepeatedPtrField;
using Kinds = std::vector<v1::WideningKind>;
using Texts = RepeatedPtrField<std::string>;

// Whether each of `now` is among `was`.
template <typename List>
bool Within(const List& now, const List& was) {
  return std::all_of(now.begin(), now.end(), [&](const auto& one) {
    return std::find(was.begin(), was.end(), one) != was.end();
  });
}

// The same where an empty list stands for everything.
bool WithinOrAll(const Texts& now, const Texts& was) {
  return was.empty() || (!now.empty() && Within(now, was));
}

// The same for paths: a path selects all below it.
bool FieldsWithin(const Texts& now, const Texts& was) {
  if (was.empty()) return true;
  return !now.empty() && std::all_of(now.begin(), now.end(), [&](const std::string& path) {
    return std::any_of(was.begin(), was.end(), [&](const std::string& covering) {
      return path == covering || absl::StartsWith(path, absl::StrCat(covering, "."));
    });
  });
}

// Dates are yyyy-MM-dd, and in the order of their texts; an absent end is open.
template <typename Entry>
bool DaysWithin(const Entry& now, const Entry& was) {
  const bool begins = now.valid_from() >= was.valid_from();
  const bool ends =
      was.valid_to().empty() || (!now.valid_to().empty() && now.valid_to() <= was.valid_to());
  return begins && ends;
}

// 0 is unlimited.
bool AtMost(uint64_t now, uint64_t was) { return was == 0 || (now != 0 && now <= was); }

bool SameHours(const v1::Grant& now, const v1::Grant& was) {
  const auto same = [](const v1::Hours& a, const v1::Hours& b) {
    return a.SerializeAsString() == b.SerializeAsString();
  };
  return was.hours().empty() || std::equal(now.hours().begin(), now.hours().end(),
                                           was.hours().begin(), was.hours().end(), same);
}

// A campaign has no count of persons and a total in place of a day's quota: turning one into the
// other always gives something.
bool QuotaWithin(const v1::Grant& now, const v1::Grant& was) {
  if (now.has_campaign() != was.has_campaign()) return false;
  return AtMost(now.campaign().total(), was.campaign().total()) &&
         AtMost(now.campaign().per_second(), was.campaign().per_second()) &&
         AtMost(now.quota().per_second(), was.quota().per_second()) &&
         AtMost(now.quota().per_day(), was.quota().per_day()) &&
         AtMost(now.quota().subjects_per_day(), was.quota().subjects_per_day());
}

Kinds OfGrant(const v1::Grant* was, const v1::Grant& now) {
  if (now.shadow()) return {};  // decides nothing
  if (was == nullptr) return {v1::WIDENING_KIND_NEW_GRANT};
  if (was->shadow()) return {v1::WIDENING_KIND_SHADOW};
  Kinds kinds;
  const auto unless = [&kinds](bool narrower, v1::WideningKind kind) {
    if (!narrower) kinds.push_back(kind);
  };
  unless(now.consumer() == was->consumer() && now.consumer_group() == was->consumer_group(),
         v1::WIDENING_KIND_CONSUMER);
  unless(Within(now.methods(), was->methods()), v1::WIDENING_KIND_METHODS);
  unless(WithinOrAll(now.providers(), was->providers()), v1::WIDENING_KIND_PROVIDERS);
  unless(WithinOrAll(now.purposes(), was->purposes()), v1::WIDENING_KIND_PURPOSES);
  unless(Within(was->required_references(), now.required_references()),
         v1::WIDENING_KIND_REFERENCES);
  unless(FieldsWithin(now.answer_fields(), was->answer_fields()), v1::WIDENING_KIND_ANSWER_FIELDS);
  unless(FieldsWithin(now.request_fields(), was->request_fields()),
         v1::WIDENING_KIND_REQUEST_FIELDS);
  unless(QuotaWithin(now, *was), v1::WIDENING_KIND_QUOTA);
  unless(SameHours(now, *was), v1::WIDENING_KIND_HOURS);
  unless(DaysWithin(now, *was), v1::WIDENING_KIND_DATES);
  unless(WithinOrAll(now.source_addresses(), was->source_addresses()), v1::WIDENING_KIND_SOURCES);
  unless((now.signed_requests() || !was->signed_requests()) &&
             (now.officer_proved() || !was->officer_proved()),
         v1::WIDENING_KIND_PROOF);
  return kinds;
}

// Each key was there before, for these days.
template <typename Keys>
bool KeysWithin(const Keys& now, const Keys* was) {
  return std::all_of(now.begin(), now.end(), [&](const v1::SigningKey& key) {
    return was != nullptr &&
           std::any_of(was->begin(), was->end(), [&](const v1::SigningKey& before) {
             return key.public_key() == before.public_key() && DaysWithin(key, before);
           });
  });
}

Kinds OfSystem(const v1::System* was, const v1::System& now) {
  Kinds kinds;
  const bool registered = std::all_of(
      now.certificates().begin(), now.certificates().end(),
      [&](const v1::RegisteredCertificate& certificate) {
        return was != nullptr &&
               std::any_of(was->certificates().begin(), was->certificates().end(),
                           [&](const v1::RegisteredCertificate& before) {
                             return certificate.spki_sha256() == before.spki_sha256() &&
                                    (before.without_uri() || !certificate.without_uri()) &&
                                    DaysWithin(certificate, before);
                           });
      });
  if (!registered) kinds.push_back(v1::WIDENING_KIND_CERTIFICATE);
  if (!KeysWithin(now.signing_keys(), was == nullptr ? nullptr : &was->signing_keys())) {
    kinds.push_back(v1::WIDENING_KIND_KEY);
  }
  if (was != nullptr && was->suspended() && !now.suspended()) {
    kinds.push_back(v1::WIDENING_KIND_RELEASE);
  }
  if (was != nullptr && !DaysWithin(now, *was)) kinds.push_back(v1::WIDENING_KIND_DATES);
  return kinds;
}

Kinds OfMember(const v1::Member* was, const v1::Member& now) {
  Kinds kinds;
  const bool issuers =
      was == nullptr || WithinOrAll(now.issuer_spki_sha256(), was->issuer_spki_sha256());
  if (!issuers || !KeysWithin(now.officer_token_keys(),
                              was == nullptr ? nullptr : &was->officer_token_keys())) {
    kinds.push_back(v1::WIDENING_KIND_KEY);
  }
  if (was == nullptr) return kinds;
  if (was->suspended() && !now.suspended()) kinds.push_back(v1::WIDENING_KIND_RELEASE);
  if (!DaysWithin(now, *was)) kinds.push_back(v1::WIDENING_KIND_DATES);
  return kinds;
}

Kinds OfPurpose(const v1::Purpose* was, const v1::Purpose& now) {
  if (was == nullptr || DaysWithin(now, *was)) return {};
  return {v1::WIDENING_KIND_DATES};
}

Kinds OfGroup(const v1::ConsumerGroup* was, const v1::ConsumerGroup& now) {
  if (was != nullptr && Within(now.systems(), was->systems())) return {};
  return {v1::WIDENING_KIND_GROUP};
}

// Whom it may speak for, in what, by which keys; and where calls go by way of it.
Kinds OfPeer(const v1::Peer* was, const v1::Peer& now) {
  Kinds kinds;
  if (!KeysWithin(now.assertion_keys(), was == nullptr ? nullptr : &was->assertion_keys()) ||
      !Within(now.journal_keys(), was == nullptr ? Texts() : was->journal_keys())) {
    kinds.push_back(v1::WIDENING_KIND_KEY);
  }
  if (!Within(now.may_speak_for(), was == nullptr ? Texts() : was->may_speak_for())) {
    kinds.push_back(v1::WIDENING_KIND_CONSUMER);
  }
  if (was == nullptr) return kinds;
  if (!WithinOrAll(now.methods(), was->methods())) kinds.push_back(v1::WIDENING_KIND_METHODS);
  if (now.endpoint() != was->endpoint() ||
      now.tls().SerializeAsString() != was->tls().SerializeAsString()) {
    kinds.push_back(v1::WIDENING_KIND_ROUTE);
  }
  return kinds;
}

// What decides where calls go and by which rules.
std::string RouteOf(v1::Service service) {
  service.clear_title_vi();
  service.clear_title_en();
  service.clear_share();
  service.clear_valid_from();
  service.clear_valid_to();
  service.clear_least_method();
  for (v1::Provider& provider : *service.mutable_providers()) provider.clear_limits();
  return service.SerializeAsString();
}

Kinds OfService(const v1::Service* was, const v1::Service& now) {
  if (was == nullptr) return {};
  Kinds kinds;
  if (RouteOf(*was) != RouteOf(now)) kinds.push_back(v1::WIDENING_KIND_ROUTE);
  if (!DaysWithin(now, *was)) kinds.push_back(v1::WIDENING_KIND_DATES);
  return kinds;
}

Kinds Of(const v1::EntryChange* was, const v1::EntryChange& now) {
  switch (now.becomes_case()) {
    case v1::EntryChange::kGrant:
      return OfGrant(was == nullptr ? nullptr : &was->grant(), now.grant());
    case v1::EntryChange::kSystem:
      return OfSystem(was == nullptr ? nullptr : &was->system(), now.system());
    case v1::EntryChange::kMember:
      return OfMember(was == nullptr ? nullptr : &was->member(), now.member());
    case v1::EntryChange::kService:
      return OfService(was == nullptr ? nullptr : &was->service(), now.service());
    case v1::EntryChange::kPurpose:
      return OfPurpose(was == nullptr ? nullptr : &was->purpose(), now.purpose());
    case v1::EntryChange::kConsumerGroup:
      return OfGroup(was == nullptr ? nullptr : &was->consumer_group(), now.consumer_group());
    case v1::EntryChange::kPeer:
      return OfPeer(was == nullptr ? nullptr : &was->peer(), now.peer());
    default:
      return {};
  }
}

}  // namespace

std::vector<v1::Widening> WideningsOf(const EditableDocument& before,
                                      const std::vector<v1::EntryChange>& changes) {
  std::vector<v1::Widening> widenings;
  for (const v1::EntryChange& change : changes) {
    const auto key = KeyOf(change);
    if (!key.ok()) continue;  // it cannot be applied
    const auto at = before.entries().find(*key);
    for (const v1::WideningKind kind :
         Of(at == before.entries().end() ? nullptr : &at->second, change)) {
      v1::Widening& widening = widenings.emplace_back();
      widening.set_kind(kind);
      widening.mutable_entry()->set_kind(key->kind);
      widening.mutable_entry()->set_name(key->name);
    }
  }
  return widenings;
}

}  // namespace ndx::registry

#include "ndx/registry/registry_edit.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using v1::EntryChange;
using v1::RegistryDocument;

// The number of a kind is that of its field, in the document and in a change.
static_assert(int{RegistryDocument::kPurposesFieldNumber} == int{v1::ENTRY_KIND_PURPOSE});
static_assert(int{RegistryDocument::kMembersFieldNumber} == int{v1::ENTRY_KIND_MEMBER});
static_assert(int{RegistryDocument::kSystemsFieldNumber} == int{v1::ENTRY_KIND_SYSTEM});
static_assert(int{RegistryDocument::kServicesFieldNumber} == int{v1::ENTRY_KIND_SERVICE});
static_assert(int{RegistryDocument::kGrantsFieldNumber} == int{v1::ENTRY_KIND_GRANT});
static_assert(int{RegistryDocument::kConsumerGroupsFieldNumber} ==
              int{v1::ENTRY_KIND_CONSUMER_GROUP});
static_assert(int{RegistryDocument::kPeersFieldNumber} == int{v1::ENTRY_KIND_PEER});
static_assert(int{EntryChange::kPurposeFieldNumber} == int{v1::ENTRY_KIND_PURPOSE});
static_assert(int{EntryChange::kMemberFieldNumber} == int{v1::ENTRY_KIND_MEMBER});
static_assert(int{EntryChange::kSystemFieldNumber} == int{v1::ENTRY_KIND_SYSTEM});
static_assert(int{EntryChange::kServiceFieldNumber} == int{v1::ENTRY_KIND_SERVICE});
static_assert(int{EntryChange::kGrantFieldNumber} == int{v1::ENTRY_KIND_GRANT});
static_assert(int{EntryChange::kConsumerGroupFieldNumber} == int{v1::ENTRY_KIND_CONSUMER_GROUP});
static_assert(int{EntryChange::kPeerFieldNumber} == int{v1::ENTRY_KIND_PEER});

const FieldDescriptor* PutField(int kind) {
  return EntryChange::descriptor()->FindFieldByNumber(kind);
}

// A name that has no canonical form stays as it is: whoever builds the registry says what is wrong.
EntryKey Canonical(v1::EntryKind kind, const std::string& name) {
  if (kind == v1::ENTRY_KIND_MEMBER) {
    const auto code = AgencyCode::Parse(name);
    if (code.ok()) return {kind, code->text()};
  }
  if (kind == v1::ENTRY_KIND_SYSTEM || kind == v1::ENTRY_KIND_PEER) {
    const auto id = CanonicalSystemId(name);
    if (id.has_value()) return {kind, id->text()};
  }
  return {kind, name};
}

}  // namespace

std::string EntryKey::ToString() const {
  const FieldDescriptor* const field = PutField(static_cast<int>(kind));
  return absl::StrCat(field == nullptr ? "entry" : field->name(), " ", name);
}

const Message* EntryOf(const EntryChange& change) {
  if (change.has_removed() || change.becomes_case() == EntryChange::BECOMES_NOT_SET) return nullptr;
  return &change.GetReflection()->GetMessage(change, PutField(change.becomes_case()));
}

absl::StatusOr<EntryKey> KeyOf(const EntryChange& change) {
  EntryKey key;
  if (const Message* const entry = EntryOf(change); entry != nullptr) {
    // An entry's name is its first field.
    const FieldDescriptor* const name = entry->GetDescriptor()->FindFieldByNumber(1);
    key = Canonical(static_cast<v1::EntryKind>(change.becomes_case()),
                    entry->GetReflection()->GetString(*entry, name));
  } else if (change.removed().kind() != v1::ENTRY_KIND_UNSPECIFIED) {
    key = Canonical(change.removed().kind(), change.removed().name());
  } else {
    return absl::InvalidArgumentError("a change names no entry");
  }
  if (key.name.empty()) return absl::InvalidArgumentError("an entry has no name");
  return key;
}

absl::StatusOr<EditableDocument> EditableDocument::Of(const RegistryDocument& document) {
  EditableDocument out;
  const auto& reflection = *document.GetReflection();
  std::vector<const FieldDescriptor*> lists;
  reflection.ListFields(document, &lists);
  for (const FieldDescriptor* const list : lists) {
    for (int i = 0; i < reflection.FieldSize(document, list); ++i) {
      EntryChange change;
      change.GetReflection()
          ->MutableMessage(&change, PutField(list->number()))
          ->CopyFrom(reflection.GetRepeatedMessage(document, list, i));
      NDX_RETURN_IF_ERROR(out.Apply(change));
    }
  }
  return out;
}

absl::Status EditableDocument::Apply(const EntryChange& change) {
  NDX_ASSIGN_OR_RETURN(const EntryKey key, KeyOf(change));
  if (!change.has_removed()) {
    entries_[key] = change;
    return absl::OkStatus();
  }
  if (entries_.erase(key) > 0) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(key.ToString(), " is not in the registry"));
}

RegistryDocument EditableDocument::Document() const {
  RegistryDocument document;
  for (const auto& [key, change] : entries_) {
    const FieldDescriptor* const list =
        RegistryDocument::descriptor()->FindFieldByNumber(static_cast<int>(key.kind));
    document.GetReflection()->AddMessage(&document, list)->CopyFrom(*EntryOf(change));
  }
  return document;
}

std::vector<EntryChange> ChangesBetween(const EditableDocument& before,
                                        const EditableDocument& after) {
  std::vector<EntryChange> changes;
  for (const auto& [key, change] : after.entries()) {
    const auto was = before.entries().find(key);
    if (was != before.entries().end() &&
        was->second.SerializeAsString() == change.SerializeAsString()) {
      continue;
    }
    changes.push_back(change);
  }
  for (const auto& [key, change] : before.entries()) {
    if (after.entries().contains(key)) continue;
    v1::EntryName& removed = *changes.emplace_back().mutable_removed();
    removed.set_kind(key.kind);
    removed.set_name(key.name);
  }
  return changes;
}

std::string DigestOf(const RegistryDocument& document) {
  const crypto::Digest digest = crypto::Sha256Of({document.SerializeAsString()});
  return std::string(crypto::AsBytes(digest));
}

}  // namespace ndx::registry

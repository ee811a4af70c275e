// Changes of a registry document, entry by entry: applied, and found between two documents.
//
// Thread-safety: EditableDocument is thread-compatible; the functions are thread-safe.
// Errors: kInvalidArgument for a change that names nothing or an entry without a name, kNotFound
// for the removal of what is not there; the message says which entry.
#pragma once

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "ndx/registry/v1/registry_change.pb.h"
#include "ndx/registry/v1/registry_document.pb.h"

namespace ndx::registry {

// Which entry. Members and systems are named by the new spelling of the agency code, whichever is
// written in the document.
struct EntryKey {
  v1::EntryKind kind = v1::ENTRY_KIND_UNSPECIFIED;
  std::string name;

  friend auto operator<=>(const EntryKey&, const EntryKey&) = default;

  // "grant mot-cua", "member H55.242".
  std::string ToString() const;
};

absl::StatusOr<EntryKey> KeyOf(const v1::EntryChange& change);

// The entry that a change puts, of the type of its kind; null for a removal.
const google::protobuf::Message* EntryOf(const v1::EntryChange& change);

class EditableDocument {
 public:
  using Entries = absl::btree_map<EntryKey, v1::EntryChange>;

  // The last of two entries with one name counts.
  static absl::StatusOr<EditableDocument> Of(const v1::RegistryDocument& document);

  absl::Status Apply(const v1::EntryChange& change);

  // By kind and name, each as the change that puts it.
  const Entries& entries() const { return entries_; }

  // Entries of each kind in the order of their names, whatever changes they came by: the same
  // entries are the same document.
  v1::RegistryDocument Document() const;

 private:
  Entries entries_;
};

// What makes `after` of `before`, by kind and name.
std::vector<v1::EntryChange> ChangesBetween(const EditableDocument& before,
                                            const EditableDocument& after);

// SHA-256 over the serialized document, fields by number: 32 bytes.
std::string DigestOf(const v1::RegistryDocument& document);

}  // namespace ndx::registry

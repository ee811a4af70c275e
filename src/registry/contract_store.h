// Descriptor sets of services, kept by their content beside the registry: a change holds the name
// of what it was made with, whatever becomes of the file it came from.
//
// Thread-safety: thread-safe; everything blocks on the disk. Ownership: the database outlives it.
// Durability: what returned OK is on stable storage. Errors: kNotFound, kDataLoss where what is
// kept is not what it was, and those of store::Database.
//
// Format: a family of the registry's database; a serialized FileDescriptorSet under its SHA-256.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::store {
class Database;
}

namespace ndx::registry {

class ContractStore {
 public:
  explicit ContractStore(store::Database& database) : database_(database) {}

  // Once for the same content.
  absl::Status Put(absl::string_view descriptor_set);
  // By its SHA-256, 32 bytes.
  absl::StatusOr<std::string> Get(absl::string_view sha256) const;

 private:
  store::Database& database_;
};

}  // namespace ndx::registry

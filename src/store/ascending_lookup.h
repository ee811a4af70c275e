// Looks up keys of one family that come in ascending order: a walk beside the asker costs a step
// where a look-up of its own costs a search.
//
// Thread-safety: belongs to one thread. Ownership: the database outlives it.
// It sees the database as it was when the first key was asked for, and holds the files of that
// state: not for longer than one round of work.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/store/database.h"

namespace ndx::store {

class AscendingLookup {
 public:
  AscendingLookup(const Database& database, Family family) : database_(database), family_(family) {}

  // The value under this key, valid until the next call; nullopt if there is none. A key before the
  // last one asked for is found too, by a search.
  absl::StatusOr<std::optional<absl::string_view>> Find(absl::string_view key);

 private:
  void MoveTo(absl::string_view key);

  const Database& database_;
  const Family family_;
  std::unique_ptr<Cursor> cursor_;
  std::string asked_;
};

}  // namespace ndx::store

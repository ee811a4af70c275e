// A copy of a journal's directory, read without the node's keys: leaves, the newest signed
// checkpoint, and receipts that prove leaves (the openings of their payloads need the keys and stay
// behind).
//
// Thread-safety: thread-compatible. Blocks on the disk. Writes nothing.
// Work on a copy (or with the node stopped): a running node changes its directory underneath.
// Errors: kInvalidArgument for keys; kNotFound where there is no journal; kPermissionDenied if no
// slot holds a checkpoint signed by a given key; kDataLoss for what is damaged. Only what was asked
// for is checked: VerifyJournal() checks everything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/checkpoint.h"

namespace ndx::journal {

class JournalCopy {
 public:
  virtual ~JournalCopy() = default;

  // The newest epoch. vkeys: by which a checkpoint is accepted, at least one.
  static absl::StatusOr<std::unique_ptr<JournalCopy>> Open(const std::string& directory,
                                                           const std::vector<std::string>& vkeys);

  // The newest checkpoint, as note text, and the key that it verifies by.
  virtual const std::string& note() const = 0;
  virtual const Checkpoint& checkpoint() const = 0;
  virtual const std::string& vkey() const = 0;

  // Calls see for each leaf from an index to the end of the checkpoint, until it returns false.
  virtual absl::Status Scan(uint64_t from_index,
                            absl::FunctionRef<bool(uint64_t, absl::string_view)> see) const = 0;

  // Receipt of a leaf against the checkpoint, without openings.
  virtual absl::StatusOr<std::string> Receipt(uint64_t index) const = 0;
};

}  // namespace ndx::journal

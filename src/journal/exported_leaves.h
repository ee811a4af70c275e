// Leaves read back from what a journal exported (tiles, evidence bundles, lines) and proved, as far
// as the export can be, by the journal's own signature. Private to this folder.
//
// Thread-safety: thread-compatible; blocks on the disk.
// Errors: kInvalidArgument for what is no export; kPermissionDenied for a checkpoint that none of
// the keys signed; kDataLoss, naming file and record, for what is not as it was exported.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/newest_checkpoint.h"
#include "ndx/journal/signed_note.h"

namespace ndx::journal {

class ExportedLeaves {
 public:
  virtual ~ExportedLeaves() = default;

  // Opens an export and verifies what proves itself: tiles against their checkpoint, a bundle's
  // files against its manifest and its leaves by their receipts. Lines prove nothing.
  static absl::StatusOr<std::unique_ptr<ExportedLeaves>> Open(
      const std::string& path, const std::vector<std::string>& vkeys);

  // The signed checkpoints that came with it.
  virtual const std::vector<SignedCheckpoint>& heads() const = 0;
  // Whether every leaf has been proved.
  virtual bool proved() const = 0;

  // Calls see with each leaf, ascending within an export, until it fails.
  using See = absl::FunctionRef<absl::Status(uint64_t index, absl::string_view leaf)>;
  virtual absl::Status ForEach(See see) const = 0;
};

// A note that one of the keys signed.
absl::StatusOr<SignedCheckpoint> OpenByKeys(const std::string& note,
                                            const std::vector<std::string>& vkeys);

}  // namespace ndx::journal

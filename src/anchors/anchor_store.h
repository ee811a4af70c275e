// Anchors of one epoch as plain files, which an auditor checks with public tools alone.
//
//   <directory>/00000000000000001234.checkpoint      the checkpoint as the node signed it
//   <directory>/00000000000000001234.cosigned        the same note with witnesses' signature lines
//   <directory>/00000000000000001234.<authority>.tsr a time-stamp response over the .checkpoint
//   file
//
// Thread-safety: thread-safe; one writer.
// Durability: what a Put… call has answered with OK is on stable storage. Each file is there whole
// or not at all; nothing here is needed to serve, so a damaged file is a finding, not a fault.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/store/file_faults.h"

namespace ndx::anchors {

inline constexpr size_t kAuthorityNameBytesMax = 40;

// A name that may stand in a file name: lower-case letters, digits and '-', not at an end.
bool IsAuthorityName(absl::string_view name);

struct StoredAnchor {
  uint64_t tree_size = 0;
  std::string checkpoint;                     // signed note
  std::string cosigned;                       // empty where no witness signed
  std::map<std::string, std::string> tokens;  // time-stamp responses in DER by authority
};

class AnchorStore {
 public:
  // Creates the directory if it is absent; its parent must exist. Removes unfinished files. faults
  // may be null and must outlive the store.
  static absl::StatusOr<std::unique_ptr<AnchorStore>> Open(const std::string& directory,
                                                           store::FileFaults* faults);

  // For a copy or a running node's directory: changes nothing.
  static absl::StatusOr<std::unique_ptr<AnchorStore>> OpenReadOnly(const std::string& directory);

  // Keeps the checkpoint that an anchor covers; what is there already stays as it is, because
  // time-stamps stand on its bytes.
  absl::Status PutCheckpoint(uint64_t tree_size, absl::string_view note);
  absl::Status PutCosigned(uint64_t tree_size, absl::string_view note);
  absl::Status PutToken(uint64_t tree_size, absl::string_view authority, absl::string_view answer);

  // Removes cosigned checkpoints below this size that no time-stamp covers. A later cosigned
  // checkpoint proves what they proved, because witnesses sign only what continues them.
  absl::Status Thin(uint64_t below);

  // Tree sizes with an anchor, ascending.
  absl::StatusOr<std::vector<uint64_t>> Sizes() const;

  // kNotFound if there is none of this size.
  absl::StatusOr<StoredAnchor> Read(uint64_t tree_size) const;

  const std::string& directory() const { return directory_; }

 private:
  AnchorStore(std::string directory, store::FileFaults* faults)
      : directory_(std::move(directory)), faults_(faults) {}
  // File names by tree size.
  absl::StatusOr<std::map<uint64_t, std::vector<std::string>>> List() const;
  std::string PathOf(uint64_t tree_size, absl::string_view ending) const;

  const std::string directory_;
  store::FileFaults* const faults_;
};

// "00000000000000001234.checkpoint" and the like, for whoever writes such files elsewhere.
std::string AnchorFileName(uint64_t tree_size, absl::string_view ending);

}  // namespace ndx::anchors

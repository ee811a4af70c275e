// The mark of a journal that comes from a backup: an older copy, with which no node serves until an
// operator has accepted that nothing came later. Private to this folder.
//
// Thread-safety: thread-safe for different directories. Errors: kDataLoss for a damaged mark.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/v1/backup_manifest.pb.h"

namespace ndx::journal {

inline constexpr char kRestoredMarkFile[] = "restored.json";

absl::StatusOr<std::optional<v1::RestoredMark>> ReadRestoredMark(
    const std::string& epoch_directory);
absl::Status WriteRestoredMark(const std::string& epoch_directory, const v1::RestoredMark& mark);
absl::Status RemoveRestoredMark(const std::string& epoch_directory);

// What is to be put on record where the journal was restored and accepted; empty where it was not
// restored. kFailedPrecondition, with what to do, where it was not accepted.
absl::StatusOr<std::string> CheckRestoredMark(const std::string& epoch_directory);

}  // namespace ndx::journal

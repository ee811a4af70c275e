// The database of imported leaves. Private to this folder.
//
//   default    origin, checkpoint (newest note), leaves, unproved (u64), layout ("1")
//   leaves     u64 index -> u8 proved ‖ leaf
//   exchanges  exchange id (16) ‖ u64 index -> nothing
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/journal_import.h"
#include "ndx/journal/newest_checkpoint.h"
#include "ndx/store/database.h"

namespace ndx::journal {

inline constexpr store::Family kImportedLeafFamily = 1;
inline constexpr store::Family kImportedExchangeFamily = 2;

class ImportStore {
 public:
  // Opens for adding to, or makes.
  static absl::StatusOr<ImportStore> Open(const std::string& directory);
  static absl::StatusOr<ImportStore> OpenReadOnly(const std::string& directory);

  const ImportSummary& summary() const { return summary_; }
  const std::string& note() const { return note_; }
  const store::Database& database() const { return *database_; }

  // What it is of, and the newest checkpoint known.
  absl::Status SetHead(const SignedCheckpoint& head);

  // Whether the leaf is there and proved. kDataLoss if another is there at its index.
  absl::StatusOr<bool> IsProved(uint64_t index, absl::string_view leaf) const;

  // Adds a leaf, or its proof; durable after Flush().
  absl::Status Add(uint64_t index, absl::string_view leaf, bool proved);
  absl::Status Flush();

 private:
  explicit ImportStore(std::unique_ptr<store::Database> database)
      : database_(std::move(database)) {}
  absl::Status Load();

  std::unique_ptr<store::Database> database_;
  ImportSummary summary_;
  std::string note_;
  store::Batch batch_;
  size_t batch_rows_ = 0;
};

}  // namespace ndx::journal

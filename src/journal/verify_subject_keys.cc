#include "verify_subject_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/store/database.h"
#include "store_layout.h"
#include "subject_keys.h"

namespace ndx::journal {
namespace {

// The leaves whose keys stand in a table file; those of subjects may concern any leaf.
std::pair<uint64_t, uint64_t> LeavesOf(const store::FileProblem& file, uint64_t leaves) {
  const bool by_leaf = file.family == "moved" || file.family == "leaf_subjects";
  if (by_leaf && file.smallest_key.size() == 8 && file.largest_key.size() == 8) {
    return {LeafIndexOf(file.smallest_key), LeafIndexOf(file.largest_key) + 1};
  }
  return {0, leaves};
}

}  // namespace

void CheckSubjectKeys(const std::string& epoch_directory, uint64_t leaves, uint64_t moved_to,
                      VerifyReport* report, ProblemList* problems) {
  const store::DatabaseOptions options = SubjectKeyDatabaseOptions(epoch_directory);
  if (!store::Database::Exists(options.directory)) return;
  const uint64_t end = std::max<uint64_t>(leaves, 1);
  const auto add = [&](const absl::Status& status) {
    problems->Add({.first_leaf = 0,
                   .end_leaf = end,
                   .file = "keys",
                   .what = absl::StrCat("keys of payloads: ", status.message())});
  };
  auto database = store::Database::OpenReadOnly(options, store::LogCheck::kWhole);
  if (!database.ok()) {
    add(database.status());
    database = store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime);
  }
  if (!database.ok()) return;
  uint64_t files = 0;
  const auto damaged = (*database)->CheckFiles(&files);
  report->files += files;
  if (!damaged.ok()) return add(damaged.status());
  for (const store::FileProblem& file : *damaged) {
    const auto [first, last] = LeavesOf(file, end);
    problems->Add({.first_leaf = first,
                   .end_leaf = std::max(last, first + 1),
                   .file = absl::StrCat("keys/", file.file),
                   .what = absl::StrCat(file.what, " (", file.family, ")")});
  }
  const auto next_leaf = SubjectKeys::NextLeafOf(**database);
  if (!next_leaf.ok()) return add(next_leaf.status());
  if (*next_leaf < moved_to) {
    problems->Add({.first_leaf = *next_leaf,
                   .end_leaf = moved_to,
                   .file = "keys",
                   .what = "the keys of these records' payloads are missing"});
  }
}

}  // namespace ndx::journal

// Import (nhập) of a journal's exports into a directory that is searched without a node and without
// keys: an auditor's copy.
//
// Thread-safety: thread-safe for different directories. Blocks on the disk.
// Errors: kInvalidArgument for what is no export, or of another journal; kPermissionDenied for what
// none of the keys signed; kDataLoss, naming file and record, for what was changed or contradicts
// what is there; kFailedPrecondition for records that nothing proves. An import that fails leaves
// no new directory; in one that was there, exports that were taken before stay.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::journal {

struct ImportOptions {
  // Exports of one journal and epoch: directories of tiles, evidence bundles, files of lines.
  std::vector<std::string> sources;
  // Checkpoints or receipts of the journal, as files: what proves lines, which carry no proof. They
  // must then be all there from the first record on, up to one of these at least.
  std::vector<std::string> checkpoint_files;
  std::string to;                  // made where it is absent; else an earlier import, added to
  std::vector<std::string> vkeys;  // at least one
  bool take_unproved = false;      // records that nothing proves too, marked as such
};

struct ImportSummary {
  std::string origin;
  uint64_t tree_size = 0;  // of the newest checkpoint seen
  uint64_t added = 0;
  uint64_t leaves = 0;    // there now
  uint64_t unproved = 0;  // of them
};

absl::StatusOr<ImportSummary> ImportJournal(const ImportOptions& options);

// Reads what was imported. Records that were not are no leaves here, so indices have gaps; payloads
// and receipts there are none (kUnimplemented).
class ImportedJournal : public JournalReader {
 public:
  // kNotFound if nothing was imported there.
  static absl::StatusOr<std::unique_ptr<ImportedJournal>> Open(const std::string& directory);

  virtual const ImportSummary& summary() const = 0;
};

}  // namespace ndx::journal

// Verification of a whole journal: every leaf, the tree, the tiles, the checkpoints, the payloads'
// ciphertext, every file's checksum.
//
// Thread-safety: thread-safe. Blocks; reads everything.
// Work on a copy of the directory (or with the node stopped): the directory is not written to, but
// a running node changes it underneath.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::journal {

class RocksJournal;

struct VerifyProblem {
  // Leaves concerned, [first, end); absent if the problem lies with no leaf.
  std::optional<uint64_t> first_leaf;
  std::optional<uint64_t> end_leaf;
  std::string exchange_id;  // text form, if one leaf is concerned and could be read
  std::string file;         // relative to the directory, if one file is
  std::string what;         // one sentence

  // "leaf 17 (exchange 0190…): …" or "leaves 17 to 20: …".
  std::string ToString() const;
};

struct VerifyReport {
  std::string origin;
  uint64_t leaves = 0;           // walked
  uint64_t checkpoint_size = 0;  // of the newest checkpoint with a valid signature
  uint64_t payloads = 0;         // directions whose stored ciphertext was checked
  uint64_t payloads_pruned = 0;  // leaves whose payload is gone, as a leaf of the retention says
  uint64_t files = 0;            // files whose checksum was checked
  uint64_t leaves_unsigned = 0;  // durable but not covered by a checkpoint (crash), not a problem
  std::vector<VerifyProblem> problems;  // at most kVerifyProblemsMax
  bool ok() const { return problems.empty(); }
};

inline constexpr size_t kVerifyProblemsMax = 1000;

struct VerifyOptions {
  // Keys by which a checkpoint is accepted, as vkey text. At least one.
  std::vector<std::string> vkeys;
  // Called now and then with leaves done and leaves in all; may be empty. false gives up, and the
  // verification returns kCancelled.
  std::function<bool(uint64_t, uint64_t)> progress;
};

// Verifies the newest epoch in a copy of a journal directory. An error status means that it could
// not be tried at all (no such directory, bad vkey); whatever is wrong with the journal is in the
// report.
absl::StatusOr<VerifyReport> VerifyJournal(const std::string& directory,
                                           const VerifyOptions& options);

// Verifies an open journal up to its newest checkpoint, while it goes on working.
absl::StatusOr<VerifyReport> VerifyJournal(const RocksJournal& journal,
                                           const VerifyOptions& options);

}  // namespace ndx::journal

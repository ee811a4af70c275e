// One pass over a journal's store that recomputes everything that can be recomputed. Private to
// this folder.
//
// Thread-safety: belongs to one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ndx/journal/merkle.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"
#include "pruned_leaves.h"

namespace ndx::journal {

// Problems found, up to kVerifyProblemsMax.
class ProblemList {
 public:
  explicit ProblemList(VerifyReport* report) : report_(report) {}
  void Add(VerifyProblem problem) {
    if (report_->problems.size() < kVerifyProblemsMax) {
      report_->problems.push_back(std::move(problem));
    }
  }
  std::vector<VerifyProblem>& mutable_problems() { return report_->problems; }

 private:
  VerifyReport* report_;
};

// Index and note of each KEY_ROTATED leaf.
using KeyRotationLeaves = std::vector<std::pair<uint64_t, std::string>>;

class JournalWalk {
 public:
  JournalWalk(const store::Database& database, const store::SegmentStore& segments,
              std::function<bool(uint64_t, uint64_t)> progress, VerifyReport* report,
              ProblemList* problems)
      : database_(database),
        segments_(segments),
        progress_(std::move(progress)),
        report_(report),
        problems_(problems) {}

  // Verifies against a signed head. at_rest: nobody writes; files are checked too, and leaves past
  // the head are walked and counted.
  void Run(const TreeHead& head, bool at_rest);

  // progress said to give up: the report says nothing about what was not reached.
  bool gave_up() const { return gave_up_; }

  // Leaves seen, and the rotations of keys among them.
  uint64_t leaves() const { return tree_.size(); }
  const KeyRotationLeaves& key_rotations() const { return key_rotations_; }

  // Says which records a damaged write-ahead log took away.
  void NameLogDamage(uint64_t signed_size);

 private:
  void CheckFiles(uint64_t size);
  void WalkLeaves(const TreeHead& head, bool at_rest);
  void SeeLeaf(uint64_t index, absl::string_view bytes);
  void CheckTiles(uint64_t signed_size);
  void CheckTile(const TileTree::TileWrite& computed, uint64_t signed_size);
  void CheckRoot(const TreeHead& head, size_t problems_before);
  void CheckEdge();
  void CheckPayloads(uint64_t index, const v1::JournalLeaf& leaf);
  std::vector<std::string> PayloadFaults(uint64_t index, const v1::JournalLeaf& leaf,
                                         const absl::StatusOr<std::string>& bytes);
  bool IsRemoved(uint64_t index, const v1::JournalLeaf& leaf, std::vector<std::string>* faults);
  void LoadPruned();
  void CheckDirection(uint64_t index, absl::string_view name, const std::string& digest,
                      const v1::StoredDirection* stored, std::vector<std::string>* faults);
  void CheckSegments();
  void CheckStates(uint64_t size);
  void AddLeafProblem(uint64_t index, const v1::JournalLeaf* leaf, std::string what);

  const store::Database& database_;
  const store::SegmentStore& segments_;
  const std::function<bool(uint64_t, uint64_t)> progress_;
  bool gave_up_ = false;
  VerifyReport* report_;
  ProblemList* problems_;
  TileTree tree_ = TileTree::Empty();
  uint64_t leaves_of_exchanges_ = 0;
  KeyRotationLeaves key_rotations_;
  // First and last leaf whose payload lies in a segment.
  std::map<uint64_t, std::pair<uint64_t, uint64_t>> leaves_in_segment_;
  PrunedIndex pruned_;
};

}  // namespace ndx::journal

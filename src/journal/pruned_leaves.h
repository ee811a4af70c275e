// Which leaves' payloads were removed because their retention was over: the list that stands beside
// a PAYLOAD_ERASED leaf, and the index of all lists. Private to this folder.
//
// Thread-safety: thread-compatible.
//
// The leaf's note holds the list's SHA-256, so that whoever removes payloads by hand cannot pass it
// off as pruning: a payload may be missing only where a signed leaf says so.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"

namespace ndx::journal {

// operator_action of the PAYLOAD_ERASED leaf. Nobody is its operator.
inline constexpr absl::string_view kRetentionAction = "Retention";

bool IsRetentionLeaf(const v1::JournalLeaf& leaf);

// The leaf that goes with a list; its note tells how many exchanges and the list's digest.
v1::JournalLeaf RetentionLeaf(const v1::PrunedLeaves& list, absl::string_view bytes);

// Puts a list together.
class PrunedListBuilder {
 public:
  // One exchange: the leaves with its payloads, and their stored bytes.
  void Add(uint32_t keep_days, const std::vector<uint64_t>& leaves, uint64_t bytes);
  bool empty() const { return groups_.empty(); }
  v1::PrunedLeaves Build() const;

 private:
  struct Group {
    std::vector<uint64_t> leaves;
    uint64_t exchanges = 0;
    uint64_t bytes = 0;
  };
  std::map<uint32_t, Group> groups_;
};

// The leaves of a group, ascending. kDataLoss if its runs make no sense.
struct LeafRun {
  uint64_t begin = 0;
  uint64_t end = 0;
};
absl::StatusOr<std::vector<LeafRun>> RunsOf(const v1::PrunedGroup& group);

// A list as it is stored.
struct StoredPrunedList {
  uint64_t leaf = 0;  // the PAYLOAD_ERASED leaf
  absl::Time time;    // that it bears
  v1::PrunedLeaves list;
};
// Those of leaves from this one on, ascending. kDataLoss, naming the leaf, for one that is damaged
// or is not the one that its leaf vouches for.
absl::StatusOr<std::vector<StoredPrunedList>> PrunedListsFrom(const store::Database& database,
                                                              uint64_t from_leaf);
absl::StatusOr<StoredPrunedList> PrunedListOf(const store::Database& database, uint64_t leaf);

// Where a leaf stands in some list.
struct PrunedRun {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint32_t keep_days = 0;
  absl::Time removed;  // the time that the PAYLOAD_ERASED leaf bears
};

class PrunedIndex {
 public:
  // Adds the lists written since it was looked at last. What is wrong with a list goes to
  // *problems, by leaf.
  void Refresh(const store::Database& database, std::map<uint64_t, std::string>* problems);

  // The run with this leaf; null if its payload was not removed.
  const PrunedRun* Find(uint64_t leaf) const;

 private:
  uint64_t next_ = 0;
  std::map<uint64_t, PrunedRun> runs_;  // by begin
};

}  // namespace ndx::journal

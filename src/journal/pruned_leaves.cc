#include "pruned_leaves.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/leaf_codec.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

std::string NoteOf(const v1::PrunedLeaves& list, absl::string_view bytes) {
  uint64_t exchanges = 0;
  for (const v1::PrunedGroup& group : list.groups()) exchanges += group.exchanges();
  const crypto::Digest digest = crypto::Sha256Of({bytes});
  return absl::StrCat("retention over: payloads of ", exchanges,
                      " exchanges, list sha256:", absl::BytesToHexString(crypto::AsBytes(digest)));
}

absl::Status Damaged(uint64_t leaf, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("leaf ", leaf, ": the list of payloads removed with it ", what));
}

absl::StatusOr<StoredPrunedList> ReadList(const store::Database& database, uint64_t leaf,
                                          absl::string_view bytes) {
  StoredPrunedList out{.leaf = leaf};
  if (!out.list.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Damaged(leaf, "is unreadable");
  }
  const auto stored = database.Get(kLeafFamily, LeafKey(leaf));
  const auto decoded = stored.ok() ? DecodeLeaf(*stored) : stored.status();
  if (!decoded.ok() || !IsRetentionLeaf(*decoded) || decoded->note() != NoteOf(out.list, bytes)) {
    return Damaged(leaf, "is not the one that the leaf vouches for");
  }
  out.time = absl::FromUnixNanos(decoded->time_unix_ns());
  return out;
}

}  // namespace

bool IsRetentionLeaf(const v1::JournalLeaf& leaf) {
  return leaf.event() == v1::JOURNAL_EVENT_PAYLOAD_ERASED &&
         leaf.operator_action() == kRetentionAction && leaf.operator_name().empty();
}

v1::JournalLeaf RetentionLeaf(const v1::PrunedLeaves& list, absl::string_view bytes) {
  v1::JournalLeaf leaf;
  leaf.set_event(v1::JOURNAL_EVENT_PAYLOAD_ERASED);
  leaf.set_operator_action(std::string(kRetentionAction));
  leaf.set_note(NoteOf(list, bytes));
  return leaf;
}

void PrunedListBuilder::Add(uint32_t keep_days, const std::vector<uint64_t>& leaves,
                            uint64_t bytes) {
  Group& group = groups_[keep_days];
  group.leaves.insert(group.leaves.end(), leaves.begin(), leaves.end());
  ++group.exchanges;
  group.bytes += bytes;
}

v1::PrunedLeaves PrunedListBuilder::Build() const {
  v1::PrunedLeaves list;
  for (const auto& [keep_days, group] : groups_) {
    v1::PrunedGroup& out = *list.add_groups();
    out.set_keep_days(keep_days);
    out.set_exchanges(group.exchanges);
    out.set_bytes(group.bytes);
    std::vector<uint64_t> leaves = group.leaves;
    std::sort(leaves.begin(), leaves.end());
    uint64_t end = 0;
    for (const uint64_t leaf : leaves) {
      if (out.runs_size() > 0 && leaf == end) {
        out.set_runs(out.runs_size() - 1, out.runs(out.runs_size() - 1) + 1);
      } else {
        out.add_runs(leaf - end);
        out.add_runs(1);
      }
      end = leaf + 1;
    }
  }
  return list;
}

absl::StatusOr<std::vector<LeafRun>> RunsOf(const v1::PrunedGroup& group) {
  std::vector<LeafRun> runs;
  uint64_t end = 0;
  for (int i = 0; i + 1 < group.runs_size(); i += 2) {
    const uint64_t begin = end + group.runs(i);
    end = begin + group.runs(i + 1);
    if (end <= begin) return absl::DataLossError("a list of leaves runs backwards");
    runs.push_back({begin, end});
  }
  if (group.runs_size() % 2 != 0) return absl::DataLossError("a list of leaves ends in a run");
  return runs;
}

absl::StatusOr<StoredPrunedList> PrunedListOf(const store::Database& database, uint64_t leaf) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes,
                       database.Get(kMetaFamily, NumberedKey(kPrunedListPrefix, leaf)));
  return ReadList(database, leaf, bytes);
}

absl::StatusOr<std::vector<StoredPrunedList>> PrunedListsFrom(const store::Database& database,
                                                              uint64_t from_leaf) {
  std::vector<StoredPrunedList> lists;
  const auto cursor = database.NewCursor(kMetaFamily);
  for (cursor->Seek(NumberedKey(kPrunedListPrefix, from_leaf));
       NumberAt(kPrunedListPrefix, *cursor).has_value(); cursor->Next()) {
    const uint64_t leaf = *NumberAt(kPrunedListPrefix, *cursor);
    NDX_ASSIGN_OR_RETURN(auto list, ReadList(database, leaf, cursor->value()));
    lists.push_back(std::move(list));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return lists;
}

void PrunedIndex::Refresh(const store::Database& database,
                          std::map<uint64_t, std::string>* problems) {
  const auto cursor = database.NewCursor(kMetaFamily);
  for (cursor->Seek(NumberedKey(kPrunedListPrefix, next_));
       NumberAt(kPrunedListPrefix, *cursor).has_value(); cursor->Next()) {
    const uint64_t leaf = *NumberAt(kPrunedListPrefix, *cursor);
    next_ = leaf + 1;
    const auto list = ReadList(database, leaf, cursor->value());
    if (!list.ok()) (*problems)[leaf] = std::string(list.status().message());
    if (!list.ok()) continue;
    for (const v1::PrunedGroup& group : list->list.groups()) {
      const auto runs = RunsOf(group);
      if (!runs.ok()) (*problems)[leaf] = std::string(runs.status().message());
      if (!runs.ok()) continue;
      for (const LeafRun& run : *runs) {
        runs_[run.begin] = {run.begin, run.end, group.keep_days(), list->time};
      }
    }
  }
}

const PrunedRun* PrunedIndex::Find(uint64_t leaf) const {
  const auto after = runs_.upper_bound(leaf);
  if (after == runs_.begin()) return nullptr;
  const PrunedRun& run = std::prev(after)->second;
  return leaf < run.end ? &run : nullptr;
}

}  // namespace ndx::journal

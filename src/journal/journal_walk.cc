#include "journal_walk.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "epoch_store.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/leaf_codec.h"
#include "segment_label.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr uint64_t kProgressEvery = 4096;
constexpr int kPayloadLooksMax = 3;
// Between a leaf's time and that of one written later, a clock may have been set back by so much.
constexpr absl::Duration kClockSlack = absl::Seconds(10);

std::string IdText(const v1::JournalLeaf& leaf) {
  const auto id = core::ExchangeId::FromBytes(leaf.exchange_id());
  return id.ok() ? id->ToString() : "";
}

// Leaves below a tile.
std::pair<uint64_t, uint64_t> LeavesUnder(const TileId& tile, uint64_t size) {
  const uint32_t shift = kTileHeight * (tile.level + 1);
  if (shift >= 64) return {0, size};
  return {std::min(tile.index << shift, size), std::min((tile.index + 1) << shift, size)};
}

TileId TileOf(absl::string_view key) {
  return {.level = static_cast<uint8_t>(key[0]),
          .index = core::ReadBigEndian<uint64_t>(key.substr(1))};
}

// The leaves that a damaged table file of the database concerns.
std::pair<uint64_t, uint64_t> LeavesOfFile(const store::FileProblem& file, uint64_t size) {
  const bool by_leaf =
      file.family == "leaves" || file.family == "payloads" || file.family == "open";
  if (by_leaf && file.smallest_key.size() == 8 && file.largest_key.size() == 8) {
    return {LeafIndexOf(file.smallest_key), LeafIndexOf(file.largest_key) + 1};
  }
  if (file.family == "tiles" && file.smallest_key.size() == 9 && file.largest_key.size() == 9) {
    const auto first = LeavesUnder(TileOf(file.smallest_key), size);
    const auto last = LeavesUnder(TileOf(file.largest_key), size);
    if (first.first < last.second) return {first.first, last.second};
  }
  return {0, size};  // states, keys: any exchange may have its own in there
}

}  // namespace

void JournalWalk::AddLeafProblem(uint64_t index, const v1::JournalLeaf* leaf, std::string what) {
  problems_->Add({.first_leaf = index,
                  .end_leaf = index + 1,
                  .exchange_id = leaf == nullptr ? "" : IdText(*leaf),
                  .what = std::move(what)});
}

void JournalWalk::Run(const TreeHead& head, bool at_rest) {
  if (at_rest) CheckFiles(head.size);
  LoadPruned();
  WalkLeaves(head, at_rest);
  if (!at_rest || gave_up_) return;
  CheckSegments();
  CheckStates(tree_.size());
}

void JournalWalk::CheckFiles(uint64_t size) {
  const auto files = database_.CheckFiles(&report_->files);
  if (!files.ok()) {
    problems_->Add({.first_leaf = 0,
                    .end_leaf = size,
                    .file = "db",
                    .what = std::string(files.status().message())});
    return;
  }
  for (const store::FileProblem& file : *files) {
    const auto [first, end] = LeavesOfFile(file, size);
    problems_->Add({.first_leaf = first,
                    .end_leaf = end,
                    .file = absl::StrCat("db/", file.file),
                    .what = absl::StrCat(file.what, " (", file.family, ")")});
  }
}

void JournalWalk::WalkLeaves(const TreeHead& head, bool at_rest) {
  const size_t problems_before = report_->problems.size();
  const auto cursor = database_.NewCursor(kLeafFamily);
  cursor->SeekToFirst();
  bool root_checked = false;
  for (uint64_t index = 0; at_rest || index < head.size; ++index, cursor->Next()) {
    if (index == head.size) {
      CheckRoot(head, problems_before);
      root_checked = true;
    }
    if (!cursor->Valid() || cursor->key() != LeafKey(index)) break;
    SeeLeaf(index, cursor->value());
    CheckTiles(head.size);
    if (progress_ && index % kProgressEvery == 0 && !progress_(index, head.size)) {
      gave_up_ = true;
      return;
    }
  }
  report_->leaves = tree_.size();
  report_->leaves_unsigned = tree_.size() - std::min(tree_.size(), head.size);
  if (tree_.size() == head.size && !root_checked) CheckRoot(head, problems_before);
  if (tree_.size() < head.size || cursor->Valid() || !cursor->status().ok()) {
    const uint64_t found = cursor->Valid() && cursor->key().size() == 8 && at_rest
                               ? LeafIndexOf(cursor->key())
                               : std::max(head.size, tree_.size() + 1);
    if (tree_.size() < head.size || at_rest) {
      const std::string why = cursor->status().ok()
                                  ? "missing"
                                  : absl::StrCat("unreadable: ", cursor->status().message());
      problems_->Add({.first_leaf = tree_.size(), .end_leaf = found, .what = why});
    }
  }
  if (at_rest) CheckEdge();
}

void JournalWalk::SeeLeaf(uint64_t index, absl::string_view bytes) {
  tree_.Append(LeafHash(bytes));
  const auto leaf = DecodeLeaf(bytes);
  if (!leaf.ok()) {
    AddLeafProblem(index, nullptr, std::string(leaf.status().message()));
    return;
  }
  if (!leaf->exchange_id().empty()) ++leaves_of_exchanges_;
  if (leaf->event() == v1::JOURNAL_EVENT_KEY_ROTATED) {
    key_rotations_.emplace_back(index, leaf->note());
  }
  if (IsRetentionLeaf(*leaf) &&
      !database_.Get(kMetaFamily, NumberedKey(kPrunedListPrefix, index)).ok()) {
    AddLeafProblem(index, &*leaf, "the list of payloads removed with it is missing");
  }
  CheckPayloads(index, *leaf);
}

void JournalWalk::CheckTiles(uint64_t signed_size) {
  // A partial tile of a higher level is compared when it is full or at the end of the walk, by the
  // edge; what is stored may already hold more.
  for (const TileTree::TileWrite& write : tree_.TakeWrites()) CheckTile(write, signed_size);
}

void JournalWalk::CheckTile(const TileTree::TileWrite& computed, uint64_t signed_size) {
  const auto stored = database_.Get(kTileFamily, TileKey(computed.tile));
  const auto [first, end] = LeavesUnder(computed.tile, tree_.size());
  const std::string path = TilePath(computed.tile, kTileWidth);
  // A node that runs may not have written the tile of its newest leaves yet; one at rest has.
  if (!stored.ok()) {
    if (first < signed_size) {
      problems_->Add({.first_leaf = first,
                      .end_leaf = end,
                      .file = path,
                      .what = std::string(stored.status().message())});
    }
    return;
  }
  if (absl::string_view(*stored).substr(0, computed.hashes.size()) == computed.hashes) return;
  for (size_t i = 0; i * crypto::kDigestBytes < computed.hashes.size(); ++i) {
    const size_t at = i * crypto::kDigestBytes;
    if (stored->size() >= at + crypto::kDigestBytes &&
        stored->compare(at, crypto::kDigestBytes, computed.hashes, at, crypto::kDigestBytes) == 0) {
      continue;
    }
    const uint64_t hash_index = computed.tile.index * kTileWidth + i;
    if (computed.tile.level == 0) {
      AddLeafProblem(hash_index, nullptr, "not the record that the tree was made of");
      continue;
    }
    const auto range =
        LeavesUnder({.level = computed.tile.level - 1, .index = hash_index}, tree_.size());
    problems_->Add({.first_leaf = range.first,
                    .end_leaf = range.second,
                    .file = path,
                    .what = "the tree's hash over these records is another one"});
  }
}

void JournalWalk::CheckRoot(const TreeHead& head, size_t problems_before) {
  const TreeHash root = tree_.Root();
  if (root == head.root) return;
  // Where the tiles or the edge have named a narrower place, this is the consequence.
  if (report_->problems.size() > problems_before) return;
  const uint64_t whole_tiles = tree_.size() / kTileWidth * kTileWidth;
  problems_->Add({.first_leaf = whole_tiles == tree_.size() ? 0 : whole_tiles,
                  .end_leaf = tree_.size(),
                  .what = "these are not the records that the newest checkpoint signs"});
}

void JournalWalk::CheckEdge() {
  const auto stored = database_.Get(kMetaFamily, kEdgeKey);
  v1::TreeEdge edge;
  v1::TreeEdge computed;
  NDX_CHECK(computed.ParseFromString(EncodeEdge(tree_)));
  if (!stored.ok() || !edge.ParseFromString(*stored)) {
    if (tree_.size() == 0 && absl::IsNotFound(stored.status())) return;
    problems_->Add({.first_leaf = 0, .end_leaf = tree_.size(), .what = "the tree's edge is lost"});
    return;
  }
  if (edge.size() != computed.size()) {
    problems_->Add({.first_leaf = std::min(edge.size(), computed.size()),
                    .end_leaf = std::max(edge.size(), computed.size()),
                    .what = absl::StrCat("the tree was of ", edge.size(), " records")});
    return;
  }
  uint64_t begin = 0;
  for (int i = 0; i < computed.peaks_size(); ++i) {
    const uint64_t span = std::bit_floor(tree_.size() - begin);
    if (i >= edge.peaks_size() || edge.peaks(i) != computed.peaks(i)) {
      problems_->Add({.first_leaf = begin,
                      .end_leaf = begin + span,
                      .what = "the tree's hash over these records is another one"});
    }
    begin += span;
  }
}

void JournalWalk::CheckPayloads(uint64_t index, const v1::JournalLeaf& leaf) {
  const std::string& aside_digest = leaf.decision().fields_removed_sha256();
  if (leaf.request().ciphertext_sha256().empty() && leaf.response().ciphertext_sha256().empty() &&
      aside_digest.empty() && leaf.relay_receipt_sha256().empty()) {
    return;
  }
  // A node that runs may remove a payload, or move it to another file, between two readings.
  for (int look = 0; look < kPayloadLooksMax; ++look) {
    const auto bytes = database_.Get(kPayloadFamily, LeafKey(index));
    const std::vector<std::string> faults = PayloadFaults(index, leaf, bytes);
    const auto again = faults.empty() ? bytes : database_.Get(kPayloadFamily, LeafKey(index));
    if (again.ok() != bytes.ok() || (again.ok() && *again != *bytes)) continue;
    for (const std::string& fault : faults) AddLeafProblem(index, &leaf, fault);
    return;
  }
}

std::vector<std::string> JournalWalk::PayloadFaults(uint64_t index, const v1::JournalLeaf& leaf,
                                                    const absl::StatusOr<std::string>& bytes) {
  const std::string& aside_digest = leaf.decision().fields_removed_sha256();
  v1::StoredPayloads payloads;
  const bool readable = bytes.ok() && payloads.ParseFromString(*bytes);
  std::vector<std::string> faults;
  const bool removed = (readable || absl::IsNotFound(bytes.status())) && !payloads.has_request() &&
                       !payloads.has_response() && IsRemoved(index, leaf, &faults);
  if (!readable && !(removed && aside_digest.empty() && leaf.relay_receipt_sha256().empty())) {
    return {"its payload is missing or its place unreadable"};
  }
  if (removed) {
    ++report_->payloads_pruned;
  } else {
    CheckDirection(index, "request", leaf.request().ciphertext_sha256(),
                   payloads.has_request() ? &payloads.request() : nullptr, &faults);
    CheckDirection(index, "answer", leaf.response().ciphertext_sha256(),
                   payloads.has_response() ? &payloads.response() : nullptr, &faults);
  }
  if (!aside_digest.empty() &&
      aside_digest != crypto::AsBytes(crypto::Sha256Of({payloads.fields_removed()}))) {
    faults.push_back("the list of removed fields beside it was changed");
  }
  if (!leaf.relay_receipt_sha256().empty() &&
      leaf.relay_receipt_sha256() != crypto::AsBytes(crypto::Sha256Of({payloads.next_receipt()}))) {
    faults.push_back("the next node's receipt beside it was changed");
  }
  return faults;
}

// Whether a leaf of the retention says that the payload of this one was removed.
bool JournalWalk::IsRemoved(uint64_t index, const v1::JournalLeaf& leaf,
                            std::vector<std::string>* faults) {
  if (pruned_.Find(index) == nullptr) LoadPruned();
  const PrunedRun* const run = pruned_.Find(index);
  if (run == nullptr) return false;
  const absl::Time kept_until =
      absl::FromUnixNanos(leaf.time_unix_ns()) + run->keep_days * absl::Hours(24);
  if (kept_until > run->removed + kClockSlack) {
    faults->push_back("its payload was removed before its retention was over");
  }
  return true;
}

void JournalWalk::LoadPruned() {
  std::map<uint64_t, std::string> problems;
  pruned_.Refresh(database_, &problems);
  for (const auto& [leaf, what] : problems) AddLeafProblem(leaf, nullptr, what);
}

void JournalWalk::CheckDirection(uint64_t index, absl::string_view name, const std::string& digest,
                                 const v1::StoredDirection* stored,
                                 std::vector<std::string>* faults) {
  if (digest.empty()) return;
  if (stored == nullptr) {
    faults->push_back(absl::StrCat("its ", name, " is missing"));
    return;
  }
  crypto::Sha256 hasher;
  hasher.Add(stored->inline_bytes());
  for (const v1::SegmentPiece& piece : stored->pieces()) {
    auto& range = leaves_in_segment_.try_emplace(piece.segment(), index, index).first->second;
    range = {std::min(range.first, index), std::max(range.second, index)};
    const auto content = segments_.Read(PlaceOf(piece));
    if (!content.ok()) {
      faults->push_back(absl::StrCat("its ", name, ": ", content.status().message()));
      return;
    }
    hasher.Add(content->bytes);
  }
  const crypto::Digest found = hasher.Finish();
  ++report_->payloads;
  if (digest != crypto::AsBytes(found)) {
    faults->push_back(absl::StrCat("its stored ", name, " was changed"));
  }
}

void JournalWalk::CheckSegments() {
  const auto numbers = segments_.Segments();
  if (!numbers.ok()) return;  // never a payload that large; a missing one was named by its leaf
  for (const uint64_t number : *numbers) {
    ++report_->files;
    const absl::Status walked = segments_.Walk(number, [](const store::SegmentRecord&) {});
    // Cut off at its end: written by a crash, and no leaf points there or it has been named.
    if (walked.ok() || absl::IsOutOfRange(walked)) continue;
    VerifyProblem problem{.file = absl::StrFormat("segments/%08d.seg", number),
                          .what = std::string(walked.message())};
    const auto leaves = leaves_in_segment_.find(number);
    problem.first_leaf = leaves == leaves_in_segment_.end() ? 0 : leaves->second.first;
    problem.end_leaf =
        leaves == leaves_in_segment_.end() ? tree_.size() : leaves->second.second + 1;
    problems_->Add(std::move(problem));
  }
}

void JournalWalk::CheckStates(uint64_t size) {
  const auto cursor = database_.NewCursor(kExchangeFamily);
  uint64_t listed = 0;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    v1::ExchangeState state;
    const absl::string_view id = cursor->key().substr(0, core::ExchangeId::kBytes);
    const auto parsed = core::ExchangeId::FromBytes(id);
    const std::string text = parsed.ok() ? parsed->ToString() : "";
    if (!state.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      problems_->Add({.first_leaf = 0,
                      .end_leaf = size,
                      .exchange_id = text,
                      .what = "the state kept of this exchange is unreadable"});
      continue;
    }
    for (const uint64_t index : state.leaves()) {
      ++listed;
      const auto bytes = database_.Get(kLeafFamily, LeafKey(index));
      const auto leaf = bytes.ok() ? DecodeLeaf(*bytes) : bytes.status();
      if (leaf.ok() && leaf->exchange_id() == id) continue;
      problems_->Add({.first_leaf = index,
                      .end_leaf = index + 1,
                      .exchange_id = text,
                      .what = "the state kept of this exchange points at another record"});
    }
  }
  if (listed != leaves_of_exchanges_ || !cursor->status().ok()) {
    problems_->Add({.first_leaf = 0,
                    .end_leaf = size,
                    .what = absl::StrCat("the index of exchanges lists ", listed, " records, ",
                                         leaves_of_exchanges_, " are there")});
  }
}

void JournalWalk::NameLogDamage(uint64_t signed_size) {
  const uint64_t end = std::max(signed_size, report_->leaves);
  for (VerifyProblem& problem : problems_->mutable_problems()) {
    if (problem.file != "db" || problem.first_leaf.has_value()) continue;
    // Where no record is lost, the damage lies behind the last one that is there.
    problem.first_leaf = report_->leaves < end ? report_->leaves : end - std::min<uint64_t>(end, 1);
    problem.end_leaf = end;
  }
}

}  // namespace ndx::journal

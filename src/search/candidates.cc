#include "candidates.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "ndx/core/big_endian.h"

namespace ndx::search {
namespace {

// The newest of ascending leaves that is at most this one; false if all are newer.
bool NewestAtMost(const std::vector<uint64_t>& leaves, uint64_t at_most, uint64_t* leaf) {
  const auto past = std::upper_bound(leaves.begin(), leaves.end(), at_most);
  if (past == leaves.begin()) return false;
  *leaf = *std::prev(past);
  return true;
}

class PostingList final : public Candidates {
 public:
  PostingList(const IndexStore& store, std::string prefix, TimeBudget& budget)
      : prefix_(std::move(prefix)), cursor_(store.NewCursor()), budget_(budget) {}

  bool SeekAtMost(uint64_t at_most, uint64_t* leaf) override {
    // Keys do not overlap, so whatever is at most this leaf stands in the last key that begins
    // there or before; that may be the one at hand.
    if (leaves_.empty() || at_most < leaves_.front()) {
      (void)budget_.Spend();
      if (!Load(at_most)) return false;
    }
    return NewestAtMost(leaves_, at_most, leaf);
  }

  absl::Status status() const override { return status_; }

 private:
  bool Load(uint64_t at_most) {
    leaves_.clear();
    cursor_->SeekForPrev(PostingKey(prefix_, at_most));
    if (!cursor_->Valid() || !absl::StartsWith(cursor_->key(), prefix_) ||
        cursor_->key().size() != prefix_.size() + sizeof(uint64_t)) {
      status_ = cursor_->status();
      return false;
    }
    const auto first = core::ReadBigEndian<uint64_t>(cursor_->key().substr(prefix_.size()));
    if (DecodeLeaves(first, cursor_->value(), &leaves_)) return true;
    status_ = absl::DataLossError("the search index: a posting is unreadable");
    return false;
  }

  const std::string prefix_;
  const std::unique_ptr<store::Cursor> cursor_;
  TimeBudget& budget_;
  std::vector<uint64_t> leaves_;
  absl::Status status_;
};

class LeafList final : public Candidates {
 public:
  explicit LeafList(std::vector<uint64_t> leaves) : leaves_(std::move(leaves)) {}
  bool SeekAtMost(uint64_t at_most, uint64_t* leaf) override {
    return NewestAtMost(leaves_, at_most, leaf);
  }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  const std::vector<uint64_t> leaves_;
};

class TimeBlocks final : public Candidates {
 public:
  TimeBlocks(const IndexStore& store, const TimeBound& bound) : store_(store), bound_(bound) {}
  bool SeekAtMost(uint64_t at_most, uint64_t* leaf) override {
    uint64_t block = at_most / kBlockLeaves;
    if (block != block_) {
      if (!store_.NewestBlock(block, bound_, &block)) return false;
      block_ = block;
    }
    *leaf = std::min(at_most, block * kBlockLeaves + kBlockLeaves - 1);
    return true;
  }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  const IndexStore& store_;
  const TimeBound bound_;
  uint64_t block_ = UINT64_MAX;  // one that is in the bound
};

absl::Status StatusOf(const std::vector<std::unique_ptr<Candidates>>& parts) {
  absl::Status status;
  for (const auto& part : parts) status.Update(part->status());
  return status;
}

class Union final : public Candidates {
 public:
  explicit Union(std::vector<std::unique_ptr<Candidates>> parts)
      : parts_(std::move(parts)), found_(parts_.size(), kUnknown) {}

  bool SeekAtMost(uint64_t at_most, uint64_t* leaf) override {
    bool any = false;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (found_[i] == kEnded) continue;
      if (found_[i] > at_most && !parts_[i]->SeekAtMost(at_most, &found_[i])) {
        found_[i] = kEnded;
        continue;
      }
      *leaf = any ? std::max(*leaf, found_[i]) : found_[i];
      any = true;
    }
    return any && status().ok();
  }

  absl::Status status() const override { return StatusOf(parts_); }

 private:
  static constexpr uint64_t kUnknown = UINT64_MAX;
  static constexpr uint64_t kEnded = UINT64_MAX - 1;
  const std::vector<std::unique_ptr<Candidates>> parts_;
  std::vector<uint64_t> found_;  // of each part, for the leaf asked last
};

class Intersection final : public Candidates {
 public:
  Intersection(std::vector<std::unique_ptr<Candidates>> parts, TimeBudget& budget)
      : parts_(std::move(parts)), budget_(budget) {}

  bool SeekAtMost(uint64_t at_most, uint64_t* leaf) override {
    *leaf = at_most;
    size_t agreed = 0;
    for (size_t i = 0; agreed < parts_.size(); i = (i + 1) % parts_.size()) {
      uint64_t found = 0;
      if (!parts_[i]->SeekAtMost(*leaf, &found)) return false;
      agreed = found == *leaf ? agreed + 1 : 1;
      *leaf = found;
      if (budget_.Spend()) return true;
    }
    return true;
  }

  absl::Status status() const override { return StatusOf(parts_); }

 private:
  const std::vector<std::unique_ptr<Candidates>> parts_;
  TimeBudget& budget_;
};

}  // namespace

std::unique_ptr<Candidates> NewPostingList(const IndexStore& store, std::string prefix,
                                           TimeBudget& budget) {
  return std::make_unique<PostingList>(store, std::move(prefix), budget);
}

std::unique_ptr<Candidates> NewLeafList(std::vector<uint64_t> leaves) {
  return std::make_unique<LeafList>(std::move(leaves));
}

std::unique_ptr<Candidates> NewTimeBlocks(const IndexStore& store, const TimeBound& bound) {
  return std::make_unique<TimeBlocks>(store, bound);
}

std::unique_ptr<Candidates> NewUnion(std::vector<std::unique_ptr<Candidates>> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return std::make_unique<Union>(std::move(parts));
}

std::unique_ptr<Candidates> NewIntersection(std::vector<std::unique_ptr<Candidates>> parts,
                                            TimeBudget& budget) {
  if (parts.size() == 1) return std::move(parts.front());
  return std::make_unique<Intersection>(std::move(parts), budget);
}

}  // namespace ndx::search

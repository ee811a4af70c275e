#include "index_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "leaf_postings.h"
#include "leaf_words.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::search {
namespace {

constexpr absl::string_view kLayout = "1";

absl::Status Unreadable(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the search index: ", what, " is unreadable"));
}

// The key that holds an unsettled exchange alone, so that it can be deleted.
std::string UnsettledKey(absl::string_view prefix, uint64_t index) {
  return PostingKey(prefix, index);
}

bool IsUnsettled(absl::string_view prefix) {
  return prefix.front() == static_cast<char>(IndexField::kUnsettled);
}

void AddPostings(const std::string& prefix, const std::vector<uint64_t>& leaves,
                 store::Family family, store::Batch* out) {
  const size_t step = IsUnsettled(prefix) ? 1 : kPostingsPerKeyMax;
  for (size_t begin = 0; begin < leaves.size(); begin += step) {
    const size_t end = std::min(begin + step, leaves.size());
    out->Put(family, PostingKey(prefix, leaves[begin]), EncodeGaps(leaves, begin, end));
  }
}

}  // namespace

IndexStore::~IndexStore() = default;

absl::StatusOr<std::unique_ptr<IndexStore>> IndexStore::Open(const std::string& directory,
                                                             size_t cache_bytes,
                                                             size_t write_buffer_bytes) {
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::Open({.directory = directory,
                                              .families = {{.name = "postings", .compress = true}},
                                              .block_cache_bytes = cache_bytes,
                                              .write_buffer_bytes = write_buffer_bytes},
                                             store::LogCheck::kPointInTime));
  std::unique_ptr<IndexStore> index(new IndexStore(std::move(database)));
  NDX_RETURN_IF_ERROR(index->Load());
  return index;
}

absl::Status IndexStore::Load() {
  const auto layout = database_->Get(kPostings, LayoutKey());
  if (absl::IsNotFound(layout.status())) {
    store::Batch batch;
    batch.Put(kPostings, LayoutKey(), kLayout);
    return database_->WriteSynced(batch);
  }
  NDX_RETURN_IF_ERROR(layout.status());
  if (*layout != kLayout) return Unreadable("its layout");
  const auto mark = database_->Get(kPostings, MarkKey());
  if (absl::IsNotFound(mark.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(mark.status());
  if (mark->size() != sizeof(uint64_t) + crypto::kDigestBytes) return Unreadable("its watermark");
  {
    const core::MutexLock lock(mutex_);
    watermark_ = core::ReadBigEndian<uint64_t>(*mark);
    last_hash_ = mark->substr(sizeof(uint64_t));
  }
  NDX_RETURN_IF_ERROR(LoadValues());
  return LoadBlocks();
}

absl::Status IndexStore::LoadValues() {
  const core::MutexLock lock(mutex_);
  const std::string prefix = ValuePrefix();
  const auto cursor = NewCursor();
  for (cursor->Seek(prefix); cursor->Valid() && absl::StartsWith(cursor->key(), prefix);
       cursor->Next()) {
    const absl::string_view key = cursor->key().substr(prefix.size());
    const absl::string_view value = cursor->value();
    if (key.empty() || value.size() != sizeof(uint32_t) + sizeof(uint64_t)) {
      return Unreadable("a value");
    }
    values_[static_cast<IndexField>(key.front())][std::string(key.substr(1))] = {
        .number = core::ReadBigEndian<uint32_t>(value),
        .postings = core::ReadBigEndian<uint64_t>(value.substr(sizeof(uint32_t)))};
  }
  return cursor->status();
}

absl::Status IndexStore::LoadBlocks() {
  const core::MutexLock lock(mutex_);
  const std::string prefix = BlockPrefix();
  const auto cursor = NewCursor();
  for (cursor->Seek(prefix); cursor->Valid() && absl::StartsWith(cursor->key(), prefix);
       cursor->Next()) {
    const absl::string_view value = cursor->value();
    if (value.size() != 2 * sizeof(uint64_t) || cursor->key() != BlockKey(blocks_.size())) {
      return Unreadable("a block of times");
    }
    blocks_.push_back({.oldest = static_cast<int64_t>(core::ReadBigEndian<uint64_t>(value)),
                       .newest = static_cast<int64_t>(
                           core::ReadBigEndian<uint64_t>(value.substr(sizeof(uint64_t))))});
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  const uint64_t wanted = (watermark_ + kBlockLeaves - 1) / kBlockLeaves;
  return blocks_.size() == wanted ? absl::OkStatus() : Unreadable("a block of times");
}

uint64_t IndexStore::watermark() const {
  const core::MutexLock lock(mutex_);
  return watermark_;
}

std::string IndexStore::last_hash() const {
  const core::MutexLock lock(mutex_);
  return last_hash_;
}

std::string IndexStore::PrefixOf(IndexField field, absl::string_view value) {
  if (IsKeyed(field)) return PostingPrefix(field, value);
  Dictionary& dictionary = values_[field];
  auto found = dictionary.find(value);
  if (found == dictionary.end()) {
    if (dictionary.size() >= kDictionaryValuesMax) return PostingPrefix(field, kOverflowNumber);
    const auto number = static_cast<uint32_t>(dictionary.size());
    found = dictionary.emplace(std::string(value), DictionaryEntry{.number = number}).first;
  }
  ++found->second.postings;
  if (!std::exchange(found->second.changed, true)) changed_values_.emplace_back(field, value);
  return PostingPrefix(field, found->second.number);
}

void IndexStore::NoteTime(uint64_t index, int64_t time_unix_ns) {
  const uint64_t block = index / kBlockLeaves;
  if (blocks_.size() <= block) blocks_.resize(block + 1);
  blocks_[block].oldest = std::min(blocks_[block].oldest, time_unix_ns);
  blocks_[block].newest = std::max(blocks_[block].newest, time_unix_ns);
  first_changed_block_ = std::min(first_changed_block_, block);
}

void IndexStore::Collect(uint64_t index, absl::string_view bytes,
                         const journal::v1::JournalLeaf& leaf,
                         const std::vector<std::string>& subjects, PostingBatch* batch) {
  const core::MutexLock lock(mutex_);
  ForEachValue(
      leaf, [&](IndexField field, absl::string_view value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        auto& leaves = batch->postings_[PrefixOf(field, value)];
        if (leaves.empty() || leaves.back() != index) leaves.push_back(index);
      });
  for (const std::string& subject : subjects) {
    if (subject.size() != kKeyedValueBytes) continue;
    auto& leaves = batch->postings_[PostingPrefix(IndexField::kSubject, subject)];
    if (leaves.empty() || leaves.back() != index) leaves.push_back(index);
  }
  uint64_t earlier = 0;
  journal::v1::JournalEvent earlier_event{};
  if (Settles(leaf, &earlier, &earlier_event)) {
    const std::string prefix = PrefixOf(IndexField::kUnsettled, EventWord(earlier_event));
    auto& unsettled = batch->postings_[prefix];
    const auto here = std::lower_bound(unsettled.begin(), unsettled.end(), earlier);
    if (here != unsettled.end() && *here == earlier) {
      unsettled.erase(here);
    } else {
      batch->settled_.push_back(UnsettledKey(prefix, earlier));
    }
  }
  NoteTime(index, leaf.time_unix_ns());
  batch->next_ = index + 1;
  ++batch->leaves_;
  batch->last_bytes_.assign(bytes.data(), bytes.size());
}

void IndexStore::AddMeta(const PostingBatch& batch, store::Batch* out) {
  const core::MutexLock lock(mutex_);
  for (const auto& [field, text] : changed_values_) {
    DictionaryEntry& entry = values_[field][text];
    entry.changed = false;
    std::string value = core::BigEndian(entry.number);
    core::AppendBigEndian(entry.postings, &value);
    out->Put(kPostings, ValueKey(field, text), value);
  }
  for (uint64_t block = first_changed_block_; block < blocks_.size(); ++block) {
    std::string value = core::BigEndian(static_cast<uint64_t>(blocks_[block].oldest));
    core::AppendBigEndian(static_cast<uint64_t>(blocks_[block].newest), &value);
    out->Put(kPostings, BlockKey(block), value);
  }
  last_hash_ = std::string(crypto::AsBytes(crypto::Sha256Of({batch.last_bytes_})));
  out->Put(kPostings, MarkKey(), core::BigEndian(batch.next_) + last_hash_);
}

absl::Status IndexStore::Apply(PostingBatch* batch) {
  if (batch->empty()) return absl::OkStatus();
  store::Batch out;
  for (const auto& [prefix, leaves] : batch->postings_) {
    AddPostings(prefix, leaves, kPostings, &out);
  }
  for (const std::string& key : batch->settled_) out.Delete(kPostings, key);
  AddMeta(*batch, &out);
  NDX_RETURN_IF_ERROR(database_->WriteUnsynced(out));
  changed_values_.clear();
  first_changed_block_ = UINT64_MAX;
  const uint64_t next = batch->next_;
  *batch = PostingBatch();
  const core::MutexLock lock(mutex_);
  watermark_ = next;
  return absl::OkStatus();
}

bool IndexStore::FindValues(IndexField field, absl::FunctionRef<bool(absl::string_view)> wanted,
                            size_t values_max, std::vector<IndexedValue>* values) const {
  const core::MutexLock lock(mutex_);
  const auto dictionary = values_.find(field);
  if (dictionary == values_.end()) return true;
  for (const auto& [text, entry] : dictionary->second) {
    if (!wanted(text)) continue;
    if (values->size() == values_max) return false;
    values->push_back({PostingPrefix(field, entry.number), entry.postings});
  }
  if (dictionary->second.size() >= kDictionaryValuesMax) {
    values->push_back({PostingPrefix(field, kOverflowNumber), 0});
  }
  return true;
}

bool IndexStore::NewestBlock(uint64_t at_most, const TimeBound& bound, uint64_t* block) const {
  const int64_t from = absl::ToUnixNanos(bound.from);
  const int64_t to = absl::ToUnixNanos(bound.to);
  const core::MutexLock lock(mutex_);
  if (blocks_.empty()) return false;
  for (uint64_t i = std::min<uint64_t>(at_most, blocks_.size() - 1) + 1; i-- > 0;) {
    if (blocks_[i].newest < from || blocks_[i].oldest >= to) continue;
    *block = i;
    return true;
  }
  return false;
}

}  // namespace ndx::search

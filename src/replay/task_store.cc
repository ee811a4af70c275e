#include "ndx/replay/task_store.h"

#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/store/database.h"

namespace ndx::replay {
namespace {

constexpr store::Family kTaskFamily = 1;
constexpr store::Family kItemFamily = 2;
constexpr size_t kTaskBufferBytes = size_t{4} << 20;
constexpr size_t kTaskCacheBytes = size_t{4} << 20;
constexpr size_t kClearBatchItems = 1000;

std::string ItemKey(uint64_t number, uint32_t item) {
  return absl::StrCat(core::BigEndian(number), core::BigEndian(item));
}

template <typename Proto>
absl::StatusOr<Proto> ReadKept(absl::string_view bytes) {
  Proto kept;
  if (kept.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return kept;
  return absl::DataLossError("what is kept of a replay task is unreadable");
}

void PutInto(uint64_t number, absl::Span<const v1::ReplayItem> items, store::Batch& batch) {
  for (const v1::ReplayItem& item : items) {
    batch.Put(kItemFamily, ItemKey(number, item.number()), item.SerializeAsString());
  }
}

}  // namespace

TaskStore::TaskStore(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}
TaskStore::~TaskStore() = default;

absl::StatusOr<std::unique_ptr<TaskStore>> TaskStore::Open(const std::string& directory) {
  NDX_ASSIGN_OR_RETURN(
      auto database,
      store::Database::Open({.directory = directory,
                             .families = {{.name = "tasks"}, {.name = "items", .compress = true}},
                             .block_cache_bytes = kTaskCacheBytes,
                             .write_buffer_bytes = kTaskBufferBytes},
                            store::LogCheck::kPointInTime));
  return std::unique_ptr<TaskStore>(new TaskStore(std::move(database)));
}

absl::StatusOr<uint64_t> TaskStore::NextNumber() const {
  const auto cursor = database_->NewCursor(kTaskFamily);
  cursor->SeekToLast();
  if (cursor->Valid()) return core::ReadBigEndian<uint64_t>(cursor->key()) + 1;
  NDX_RETURN_IF_ERROR(cursor->status());
  return 1;
}

absl::Status TaskStore::ClearItems(uint64_t number) {
  const std::string prefix = core::BigEndian(number);
  store::Batch batch;
  const auto cursor = database_->NewCursor(kItemFamily);
  for (cursor->Seek(prefix); cursor->Valid() && absl::StartsWith(cursor->key(), prefix);
       cursor->Next()) {
    batch.Delete(kItemFamily, cursor->key());
    if (batch.size() < kClearBatchItems) continue;
    NDX_RETURN_IF_ERROR(database_->WriteSynced(batch));
    batch = store::Batch();
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return batch.empty() ? absl::OkStatus() : database_->WriteSynced(batch);
}

absl::Status TaskStore::PutItems(uint64_t number, absl::Span<const v1::ReplayItem> items) {
  store::Batch batch;
  PutInto(number, items, batch);
  return batch.empty() ? absl::OkStatus() : database_->WriteSynced(batch);
}

absl::Status TaskStore::PutTask(const v1::ReplayTask& task) { return PutProgress(task, {}); }

absl::Status TaskStore::PutProgress(const v1::ReplayTask& task,
                                    absl::Span<const v1::ReplayItem> items) {
  store::Batch batch;
  PutInto(task.number(), items, batch);
  batch.Put(kTaskFamily, core::BigEndian(task.number()), task.SerializeAsString());
  return database_->WriteSynced(batch);
}

absl::StatusOr<v1::ReplayTask> TaskStore::Task(uint64_t number) const {
  NDX_ASSIGN_OR_RETURN(const std::string bytes,
                       database_->Get(kTaskFamily, core::BigEndian(number)));
  return ReadKept<v1::ReplayTask>(bytes);
}

absl::StatusOr<std::vector<v1::ReplayTask>> TaskStore::Tasks(uint64_t before, size_t count) const {
  std::vector<v1::ReplayTask> tasks;
  const auto cursor = database_->NewCursor(kTaskFamily);
  const uint64_t last = before == 0 ? std::numeric_limits<uint64_t>::max() : before - 1;
  for (cursor->SeekForPrev(core::BigEndian(last)); cursor->Valid() && tasks.size() < count;
       cursor->Prev()) {
    NDX_ASSIGN_OR_RETURN(tasks.emplace_back(), ReadKept<v1::ReplayTask>(cursor->value()));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return tasks;
}

absl::StatusOr<v1::ReplayItem> TaskStore::Item(uint64_t number, uint32_t item) const {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database_->Get(kItemFamily, ItemKey(number, item)));
  return ReadKept<v1::ReplayItem>(bytes);
}

absl::Status TaskStore::ForEachItem(uint64_t number, uint32_t after,
                                    absl::FunctionRef<bool(const v1::ReplayItem&)> see) const {
  const std::string prefix = core::BigEndian(number);
  const auto cursor = database_->NewCursor(kItemFamily);
  for (cursor->Seek(ItemKey(number, after + 1));
       cursor->Valid() && absl::StartsWith(cursor->key(), prefix); cursor->Next()) {
    NDX_ASSIGN_OR_RETURN(const auto item, ReadKept<v1::ReplayItem>(cursor->value()));
    if (!see(item)) return absl::OkStatus();
  }
  return cursor->status();
}

}  // namespace ndx::replay

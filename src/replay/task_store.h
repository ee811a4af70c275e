// Replay tasks and the exchanges of each, kept beside the journal.
//
// Thread-safety: thread-safe; everything blocks on the disk. One writer a task at a time.
// Durability: what returned OK is on stable storage.
// Errors: kNotFound for a number that there is not, kDataLoss for what cannot be read, and those of
// store::Database.
//
// Format: a database of src/store. Family "tasks": number (u64 big-endian) → ReplayTask. Family
// "items": number of the task ‖ number of the item (u32 big-endian) → ReplayItem. A task is written
// after all its items: items without one are what a crash left of a planning, and are replaced.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ndx/replay/v1/replay_task.pb.h"

namespace ndx::store {
class Database;
}

namespace ndx::replay {

class TaskStore {
 public:
  // Opens, creating what does not exist; the parent directory must.
  static absl::StatusOr<std::unique_ptr<TaskStore>> Open(const std::string& directory);
  ~TaskStore();
  TaskStore(const TaskStore&) = delete;
  TaskStore& operator=(const TaskStore&) = delete;

  // The number that the next new task gets.
  absl::StatusOr<uint64_t> NextNumber() const;

  // Takes all items of this number away: before others are planned.
  absl::Status ClearItems(uint64_t number);
  absl::Status PutItems(uint64_t number, absl::Span<const v1::ReplayItem> items);
  absl::Status PutTask(const v1::ReplayTask& task);
  // The task and what has become of one of its items, together.
  absl::Status PutProgress(const v1::ReplayTask& task, absl::Span<const v1::ReplayItem> items);

  absl::StatusOr<v1::ReplayTask> Task(uint64_t number) const;
  // Newest first: numbers below `before` (0: the newest), at most `count`.
  absl::StatusOr<std::vector<v1::ReplayTask>> Tasks(uint64_t before, size_t count) const;
  absl::StatusOr<v1::ReplayItem> Item(uint64_t number, uint32_t item) const;
  // Calls see for each item after this one, in order, until it returns false.
  absl::Status ForEachItem(uint64_t number, uint32_t after,
                           absl::FunctionRef<bool(const v1::ReplayItem&)> see) const;

 private:
  explicit TaskStore(std::unique_ptr<store::Database> database);

  const std::unique_ptr<store::Database> database_;
};

}  // namespace ndx::replay

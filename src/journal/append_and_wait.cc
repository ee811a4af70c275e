#include "ndx/journal/append_and_wait.h"

#include <optional>
#include <utility>

#include "ndx/core/mutex.h"

namespace ndx::journal {
namespace {

// Where a thread waits for the journal's own.
class DurableAppend {
 public:
  void Set(absl::StatusOr<Appended> result) {
    core::MutexLock lock(mutex_);
    result_ = std::move(result);
    set_.NotifyOne();  // under the lock: the waiting thread destroys this object when it goes on
  }

  absl::StatusOr<Appended> Wait() {
    core::MutexLock lock(mutex_);
    while (!result_.has_value()) set_.Wait(mutex_);
    return *std::move(result_);
  }

 private:
  core::Mutex mutex_;
  core::CondVar set_;
  std::optional<absl::StatusOr<Appended>> result_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<Appended> AppendAndWait(Journal& journal, Record record) {
  DurableAppend append;
  journal.Append(std::move(record),
                 [&append](absl::StatusOr<Appended> result) { append.Set(std::move(result)); });
  return append.Wait();
}

}  // namespace ndx::journal

#include "ndx/store/ascending_lookup.h"

#include "ndx/core/status_macros.h"

namespace ndx::store {
namespace {

// So many keys that nobody asks for are stepped over before a search is cheaper.
constexpr int kStepsMax = 8;

}  // namespace

void AscendingLookup::MoveTo(absl::string_view key) {
  if (cursor_ != nullptr && key >= asked_) {
    for (int step = 0; step <= kStepsMax; ++step) {
      if (!cursor_->Valid() || cursor_->key() >= key) return;
      cursor_->Next();
    }
  }
  if (cursor_ == nullptr) cursor_ = database_.NewCursor(family_);
  cursor_->Seek(key);
}

absl::StatusOr<std::optional<absl::string_view>> AscendingLookup::Find(absl::string_view key) {
  MoveTo(key);
  asked_.assign(key.data(), key.size());
  if (!cursor_->Valid()) {
    NDX_RETURN_IF_ERROR(cursor_->status());
    return std::optional<absl::string_view>();
  }
  if (cursor_->key() != key) return std::optional<absl::string_view>();
  return std::optional<absl::string_view>(cursor_->value());
}

}  // namespace ndx::store

#include "family_copy.h"

#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

constexpr size_t kRowsAtOnce = 4096;

}  // namespace

store::DatabaseOptions WrapDatabaseOptions(const std::string& directory) {
  return {.directory = directory, .families = {}};
}

absl::Status CopyFamily(const store::Database& from, store::Family from_family, store::Database& to,
                        store::Family to_family) {
  const auto cursor = from.NewCursor(from_family);
  cursor->SeekToFirst();
  while (cursor->Valid()) {
    store::Batch batch;
    for (size_t i = 0; i < kRowsAtOnce && cursor->Valid(); ++i, cursor->Next()) {
      batch.Put(to_family, cursor->key(), cursor->value());
    }
    NDX_RETURN_IF_ERROR(to.WriteSynced(batch));
  }
  return cursor->status();
}

}  // namespace ndx::journal

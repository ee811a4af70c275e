#include "erase_again.h"

#include "absl/strings/str_cat.h"
#include "epoch_store.h"
#include "intake_disposal.h"
#include "ndx/core/status_macros.h"
#include "ndx/store/database.h"
#include "store_layout.h"
#include "subject_keys.h"

namespace ndx::journal {
namespace {

// The serial of a subject's key; 0 if there is none.
absl::StatusOr<uint64_t> SerialOf(const store::Database& keys, absl::string_view id) {
  const auto bytes = keys.Get(kSubjectKeyFamily, id);
  if (absl::IsNotFound(bytes.status())) return 0;
  NDX_RETURN_IF_ERROR(bytes.status());
  v1::SubjectKey key;
  if (!key.ParseFromString(*bytes)) return absl::DataLossError("a subject's key is damaged");
  return key.serial();
}

absl::StatusOr<std::string> OriginOfKeys(const store::Database& keys) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, keys.Get(store::kDefaultFamily, kHeaderKey));
  v1::KeyStoreHeader header;
  if (!header.ParseFromString(bytes)) return absl::DataLossError("the header is damaged");
  return header.origin();
}

absl::Status CheckLater(const store::Database& keys, const store::Database& later,
                        const std::string& directory) {
  NDX_ASSIGN_OR_RETURN(const std::string origin, OriginOfKeys(keys));
  NDX_ASSIGN_OR_RETURN(const std::string later_origin, OriginOfKeys(later));
  NDX_ASSIGN_OR_RETURN(const uint64_t next, SubjectKeys::NextLeafOf(keys));
  NDX_ASSIGN_OR_RETURN(const uint64_t later_next, SubjectKeys::NextLeafOf(later));
  if (origin == later_origin && next <= later_next) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(directory, " is not a later state of the journal that is restored"));
}

// Subjects whose key here is not the one there.
absl::StatusOr<uint64_t> EraseSubjects(store::Database& keys, const store::Database& later) {
  store::Batch batch;
  uint64_t erased = 0;
  const auto cursor = keys.NewCursor(kSubjectKeyFamily);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    NDX_ASSIGN_OR_RETURN(const uint64_t here, SerialOf(keys, cursor->key()));
    NDX_ASSIGN_OR_RETURN(const uint64_t there, SerialOf(later, cursor->key()));
    if (here == there) continue;
    batch.Delete(kSubjectKeyFamily, cursor->key());
    ++erased;
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  if (erased > 0) NDX_RETURN_IF_ERROR(keys.WriteSynced(batch));
  return erased;
}

absl::StatusOr<bool> IsErased(const v1::MovedKeys& moved, const store::Database& later) {
  for (const v1::MovedSubject& subject : moved.subjects()) {
    NDX_ASSIGN_OR_RETURN(const uint64_t serial, SerialOf(later, subject.id()));
    if (serial != subject.serial()) return true;
  }
  return false;
}

// Exchange keys that had not been moved yet, of exchanges that concern somebody erased since: from
// them every part's key could be derived again.
absl::StatusOr<uint64_t> EraseExchanges(store::Database& database, const store::Database& later) {
  store::Batch batch;
  uint64_t erased = 0;
  NDX_ASSIGN_OR_RETURN(const Wraps wraps, WrapsKept(database, UINT64_MAX));
  for (const auto& [leaf, wrap] : wraps) {
    const auto bytes = later.Get(kMovedKeyFamily, LeafKey(leaf));
    if (absl::IsNotFound(bytes.status())) continue;
    NDX_RETURN_IF_ERROR(bytes.status());
    v1::MovedKeys moved;
    if (!moved.ParseFromString(*bytes)) return absl::DataLossError("moved keys are damaged");
    NDX_ASSIGN_OR_RETURN(const bool gone, IsErased(moved, later));
    if (!gone) continue;
    batch.Delete(kKeyFamily, WrapKeyKey(leaf));
    ++erased;
  }
  if (erased > 0) NDX_RETURN_IF_ERROR(database.WriteSynced(batch));
  return erased;
}

}  // namespace

absl::StatusOr<ErasedAgain> EraseAgain(const std::string& restored, const std::string& later) {
  const auto later_keys =
      store::Database::OpenReadOnly(SubjectKeyDatabaseOptions(later), store::LogCheck::kWhole);
  if (!later_keys.ok()) {
    return absl::DataLossError(absl::StrCat("the store of subject keys in ", later,
                                            " cannot be read whole, so it does not tell what "
                                            "was erased (",
                                            later_keys.status().message(),
                                            "). Restore without keys, or carry out the "
                                            "erasure orders since the backup again."));
  }
  NDX_ASSIGN_OR_RETURN(const auto keys, store::Database::Open(SubjectKeyDatabaseOptions(restored),
                                                              store::LogCheck::kWhole));
  NDX_ASSIGN_OR_RETURN(const auto database, store::Database::Open(JournalDatabaseOptions(restored),
                                                                  store::LogCheck::kWhole));
  NDX_RETURN_IF_ERROR(CheckLater(*keys, **later_keys, later));
  ErasedAgain erased;
  NDX_ASSIGN_OR_RETURN(erased.subjects, EraseSubjects(*keys, **later_keys));
  NDX_ASSIGN_OR_RETURN(erased.exchanges, EraseExchanges(*database, **later_keys));
  if (erased.subjects > 0) NDX_RETURN_IF_ERROR(keys->Scrub({kSubjectKeyFamily}));
  if (erased.exchanges > 0) NDX_RETURN_IF_ERROR(database->Scrub({kKeyFamily}));
  return erased;
}

}  // namespace ndx::journal

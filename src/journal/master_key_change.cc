#include "master_key_change.h"

#include "absl/strings/str_cat.h"
#include "epoch_store.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/key_wrap.h"
#include "ndx/journal/master_key.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "store_layout.h"
#include "subject_keys.h"

namespace ndx::journal {
namespace {

constexpr size_t kRowsInBatch = 4096;

// Wraps rows anew, in synced batches.
class Rewrapping {
 public:
  Rewrapping(store::Database& database, const MasterKeys& keys)
      : database_(database), keys_(keys) {}

  // The wrap under the current key; nullopt if it is under that already, or under neither.
  absl::StatusOr<std::optional<std::string>> Again(absl::string_view wrapped) {
    // Most are under the previous key when they are first met.
    const auto key = crypto::UnwrapKey(keys_.previous->view(), wrapped);
    if (!key.ok()) {
      const bool done = crypto::UnwrapKey(keys_.current.view(), wrapped).ok();
      if (!done) ++rewrapped_.unreadable;
      return std::optional<std::string>();
    }
    return crypto::WrapKey(keys_.current.view(), key->view());
  }

  absl::Status Put(store::Family family, absl::string_view key, absl::string_view value) {
    batch_.Put(family, key, value);
    ++rewrapped_.keys;
    if (++rows_ < kRowsInBatch) return absl::OkStatus();
    return Flush();
  }

  absl::Status Flush() {
    if (batch_.empty()) return absl::OkStatus();
    NDX_RETURN_IF_ERROR(database_.WriteSynced(batch_));
    batch_ = store::Batch();
    rows_ = 0;
    return absl::OkStatus();
  }

  const Rewrapped& rewrapped() const { return rewrapped_; }

 private:
  store::Database& database_;
  const MasterKeys& keys_;
  store::Batch batch_;
  size_t rows_ = 0;
  Rewrapped rewrapped_;
};

template <typename Header>
absl::StatusOr<Header> ReadHeader(const store::Database& database) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database.Get(kMetaFamily, kHeaderKey));
  Header header;
  if (!header.ParseFromString(bytes)) return absl::DataLossError("a store's header is unreadable");
  return header;
}

// Step (1). The header as it stands then.
template <typename Header>
absl::StatusOr<Header> Announce(store::Database& database, const MasterKeys& keys) {
  NDX_ASSIGN_OR_RETURN(Header header, ReadHeader<Header>(database));
  header.set_next_master_key_check(MasterKeyCheck(keys.current.view()));
  store::Batch batch;
  batch.Put(kMetaFamily, kHeaderKey, header.SerializeAsString());
  NDX_RETURN_IF_ERROR(database.WriteSynced(batch));
  return header;
}

// Step (3), with whatever else belongs to it.
template <typename Header>
absl::Status Settle(store::Database& database, Header header, store::Batch batch) {
  header.set_master_key_check(header.next_master_key_check());
  header.clear_next_master_key_check();
  batch.Put(kMetaFamily, kHeaderKey, header.SerializeAsString());
  batch.Put(kMetaFamily, kScrubDueKey, "1");
  return database.WriteSynced(batch);
}

// Step (4), where it is due.
absl::Status ScrubIfDue(store::Database& database, const std::vector<store::Family>& families) {
  const auto due = database.Get(kMetaFamily, kScrubDueKey);
  if (absl::IsNotFound(due.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(due.status());
  NDX_RETURN_IF_ERROR(database.Scrub(families));
  store::Batch batch;
  batch.Delete(kMetaFamily, kScrubDueKey);
  return database.WriteSynced(batch);
}

// Rows whose value is a wrap, from one key on while they begin with the same byte.
absl::Status RewrapPlain(const store::Database& database, store::Family family,
                         absl::string_view first, Rewrapping& rewrapping) {
  const auto cursor = database.NewCursor(family);
  for (cursor->Seek(first); cursor->Valid() && cursor->key()[0] == first[0]; cursor->Next()) {
    NDX_ASSIGN_OR_RETURN(const auto wrapped, rewrapping.Again(cursor->value()));
    if (!wrapped.has_value()) continue;
    NDX_RETURN_IF_ERROR(rewrapping.Put(family, cursor->key(), *wrapped));
  }
  return cursor->status();
}

absl::Status RewrapSubjects(const store::Database& database, Rewrapping& rewrapping) {
  const auto cursor = database.NewCursor(kSubjectKeyFamily);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    v1::SubjectKey subject;
    const auto value = cursor->value();
    if (!subject.ParseFromArray(value.data(), static_cast<int>(value.size()))) continue;
    NDX_ASSIGN_OR_RETURN(const auto wrapped, rewrapping.Again(subject.wrapped()));
    if (!wrapped.has_value()) continue;
    subject.set_wrapped(*wrapped);
    NDX_RETURN_IF_ERROR(
        rewrapping.Put(kSubjectKeyFamily, cursor->key(), subject.SerializeAsString()));
  }
  return cursor->status();
}

absl::Status RewrapNamed(const store::Database& database, absl::string_view name,
                         Rewrapping& rewrapping) {
  const auto stored = database.Get(kMetaFamily, name);
  if (absl::IsNotFound(stored.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(stored.status());
  NDX_ASSIGN_OR_RETURN(const auto wrapped, rewrapping.Again(*stored));
  return wrapped.has_value() ? rewrapping.Put(kMetaFamily, name, *wrapped) : absl::OkStatus();
}

}  // namespace

MasterKeys MasterKeys::Clone() const {
  MasterKeys clone{.current = current.Clone()};
  if (previous.has_value()) clone.previous = previous->Clone();
  return clone;
}

absl::StatusOr<bool> MustRewrap(absl::string_view what, const MasterKeyChecks& store,
                                const MasterKeys& keys) {
  const std::string current = MasterKeyCheck(keys.current.view());
  const std::string previous =
      keys.previous.has_value() ? MasterKeyCheck(keys.previous->view()) : "";
  if (store.next.empty() && store.present == current) return false;
  if (store.present == previous && (store.next.empty() || store.next == current)) return true;
  const std::string configured = MasterKeyId(current);
  if (!store.next.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, "'s master key is being changed from ", MasterKeyId(store.present), " to ",
        MasterKeyId(store.next), ", and the master key configured is ", configured,
        ". Configure the second as journal.master_key and the first as "
        "journal.master_key_change.previous_key until a start has gone through"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      what, "'s master key is ", MasterKeyId(store.present), ", the one configured is ", configured,
      ". Configure the right one, or restore it from its shares (ndxctl master-key restore). If "
      "the "
      "one configured is to follow it, name the old one in journal.master_key_change. If it is "
      "lost "
      "for ever: records, proofs, receipts, verification and exports of leaves need no master key "
      "(ndxctl journal verify --directory, export --directory); payloads recorded so far stay "
      "closed for ever; exchanges go on in a new epoch under a new key (ndxd --open-new-epoch)"));
}

absl::StatusOr<Rewrapped> RewrapJournalKeys(store::Database& database, const MasterKeys& keys,
                                            const std::string& unrecorded) {
  NDX_ASSIGN_OR_RETURN(auto header, Announce<v1::StoreHeader>(database, keys));
  Rewrapping rewrapping(database, keys);
  NDX_RETURN_IF_ERROR(RewrapPlain(database, kKeyFamily, IntakeKeyKey(0), rewrapping));
  NDX_RETURN_IF_ERROR(RewrapPlain(database, kKeyFamily, ReferenceKeyKey(0), rewrapping));
  NDX_RETURN_IF_ERROR(rewrapping.Flush());
  store::Batch batch;
  if (!unrecorded.empty()) batch.Put(kMetaFamily, kUnrecordedKeyChangeKey, unrecorded);
  NDX_RETURN_IF_ERROR(Settle(database, std::move(header), std::move(batch)));
  NDX_RETURN_IF_ERROR(ScrubJournalKeys(database));
  return rewrapping.rewrapped();
}

absl::StatusOr<Rewrapped> RewrapSubjectKeys(store::Database& database, const MasterKeys& keys) {
  NDX_ASSIGN_OR_RETURN(auto header, Announce<v1::KeyStoreHeader>(database, keys));
  Rewrapping rewrapping(database, keys);
  NDX_RETURN_IF_ERROR(RewrapNamed(database, kNameKey, rewrapping));
  NDX_RETURN_IF_ERROR(RewrapNamed(database, kHouseKey, rewrapping));
  NDX_RETURN_IF_ERROR(RewrapSubjects(database, rewrapping));
  NDX_RETURN_IF_ERROR(rewrapping.Flush());
  NDX_RETURN_IF_ERROR(Settle(database, std::move(header), store::Batch()));
  NDX_RETURN_IF_ERROR(ScrubSubjectKeys(database));
  return rewrapping.rewrapped();
}

absl::Status ScrubJournalKeys(store::Database& database) {
  return ScrubIfDue(database, {kKeyFamily});
}

absl::Status ScrubSubjectKeys(store::Database& database) {
  return ScrubIfDue(database, {kMetaFamily, kSubjectKeyFamily});
}

absl::StatusOr<Rewrapped> RewrapEpoch(const std::string& epoch_directory, const MasterKeys& keys) {
  Rewrapped all;
  const auto add = [&all](const Rewrapped& part) {
    all.keys += part.keys;
    all.unreadable += part.unreadable;
  };
  const store::DatabaseOptions subject_options = SubjectKeyDatabaseOptions(epoch_directory);
  // A backup may have left it out.
  if (store::Database::Exists(subject_options.directory)) {
    NDX_ASSIGN_OR_RETURN(auto subjects,
                         store::Database::Open(subject_options, store::LogCheck::kPointInTime));
    NDX_ASSIGN_OR_RETURN(const auto header, ReadHeader<v1::KeyStoreHeader>(*subjects));
    NDX_ASSIGN_OR_RETURN(
        const bool due,
        MustRewrap(epoch_directory, {header.master_key_check(), header.next_master_key_check()},
                   keys));
    if (due) {
      NDX_ASSIGN_OR_RETURN(const Rewrapped part, RewrapSubjectKeys(*subjects, keys));
      add(part);
    }
    NDX_RETURN_IF_ERROR(ScrubSubjectKeys(*subjects));
  }
  const store::DatabaseOptions options = JournalDatabaseOptions(epoch_directory);
  if (!store::Database::Exists(options.directory)) return absl::NotFoundError("its db is gone");
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::Open(options, store::LogCheck::kPointInTime));
  NDX_ASSIGN_OR_RETURN(const auto header, ReadHeader<v1::StoreHeader>(*database));
  NDX_ASSIGN_OR_RETURN(
      const bool due,
      MustRewrap(epoch_directory, {header.master_key_check(), header.next_master_key_check()},
                 keys));
  if (due) {
    NDX_ASSIGN_OR_RETURN(const Rewrapped part, RewrapJournalKeys(*database, keys, ""));
    add(part);
  }
  NDX_RETURN_IF_ERROR(ScrubJournalKeys(*database));
  return all;
}

}  // namespace ndx::journal

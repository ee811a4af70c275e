#include "ndx/registry/registry_ledger.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "ledger_families.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/store/database.h"

namespace ndx::registry {
namespace {

constexpr char kLastProposalKey[] = "last_proposal";
// A registry is small beside a journal.
constexpr size_t kWriteBufferBytes = size_t{4} << 20;
constexpr size_t kBlockCacheBytes = size_t{1} << 20;

std::string Sha256Of(absl::string_view bytes) {
  const crypto::Digest digest = crypto::Sha256Of({bytes});
  return std::string(crypto::AsBytes(digest));
}

absl::Status Damaged(uint64_t number, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("change ", number, " of the registry ", what,
                                          "; restore the registry's directory from a backup"));
}

template <typename Proto>
absl::StatusOr<Proto> Parse(absl::string_view bytes, absl::string_view what, uint64_t number) {
  Proto out;
  if (out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return out;
  return absl::DataLossError(absl::StrCat(what, " ", number, " of the registry is unreadable"));
}

// Calls see(change, its SHA-256) for every change up to `last`, each held against the one before.
absl::Status ForEachChange(
    const store::Database& database, uint64_t last,
    absl::FunctionRef<absl::Status(const v1::RegistryChange&, const std::string&)> see) {
  std::string previous;
  uint64_t number = 0;
  const auto cursor = database.NewCursor(kChangeFamily);
  for (cursor->SeekToFirst(); cursor->Valid() && number < last; cursor->Next()) {
    ++number;
    if (cursor->key() != core::BigEndian(number)) return Damaged(number, "is missing");
    NDX_ASSIGN_OR_RETURN(const auto change,
                         Parse<v1::RegistryChange>(cursor->value(), "change", number));
    if (change.number() != number || change.previous_sha256() != previous) {
      return Damaged(number, "does not follow the one before");
    }
    previous = Sha256Of(cursor->value());
    NDX_RETURN_IF_ERROR(see(change, previous));
  }
  return cursor->status();
}

}  // namespace

RegistryLedger::RegistryLedger(std::unique_ptr<store::Database> database)
    : database_(std::move(database)), newest_(std::make_shared<const EditableDocument>()) {}

RegistryLedger::~RegistryLedger() = default;

absl::StatusOr<std::unique_ptr<RegistryLedger>> RegistryLedger::Open(const std::string& directory) {
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::Open({.directory = directory,
                                              .families = {{.name = "changes", .compress = true},
                                                           {.name = "leaves"},
                                                           {.name = "proposals"},
                                                           {.name = "access_requests"},
                                                           {.name = "contracts", .compress = true}},
                                              .block_cache_bytes = kBlockCacheBytes,
                                              .write_buffer_bytes = kWriteBufferBytes},
                                             store::LogCheck::kPointInTime));
  std::unique_ptr<RegistryLedger> ledger(new RegistryLedger(std::move(database)));
  NDX_RETURN_IF_ERROR(ledger->Load());
  return ledger;
}

absl::Status RegistryLedger::Load() {
  EditableDocument document;
  uint64_t last = 0;
  std::string last_sha256;
  std::string digest;
  NDX_RETURN_IF_ERROR(ForEachChange(
      *database_, UINT64_MAX, [&](const v1::RegistryChange& change, const std::string& sha256) {
        for (const v1::EntryChange& entry : change.entries()) {
          if (const absl::Status applied = document.Apply(entry); !applied.ok()) {
            return Damaged(change.number(), applied.message());
          }
        }
        last = change.number();
        last_sha256 = sha256;
        digest = change.document_sha256();
        return absl::OkStatus();
      }));
  if (last > 0 && DigestOf(document.Document()) != digest) {
    return Damaged(last, "gives another registry than it says");
  }
  core::MutexLock lock(mutex_);
  last_change_ = last;
  last_sha256_ = std::move(last_sha256);
  newest_ = std::make_shared<const EditableDocument>(std::move(document));
  return absl::OkStatus();
}

uint64_t RegistryLedger::last_change() const {
  core::MutexLock lock(mutex_);
  return last_change_;
}

std::shared_ptr<const EditableDocument> RegistryLedger::newest() const {
  core::MutexLock lock(mutex_);
  return newest_;
}

absl::StatusOr<v1::RegistryChange> RegistryLedger::Change(uint64_t number) const {
  const auto bytes = database_->Get(kChangeFamily, core::BigEndian(number));
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError(absl::StrCat("the registry has no change ", number));
  }
  NDX_RETURN_IF_ERROR(bytes.status());
  return Parse<v1::RegistryChange>(*bytes, "change", number);
}

absl::StatusOr<uint64_t> RegistryLedger::LeafOf(uint64_t number) const {
  NDX_ASSIGN_OR_RETURN(const std::string bytes,
                       database_->Get(kLeafFamily, core::BigEndian(number)));
  if (bytes.size() != sizeof(uint64_t)) return Damaged(number, "has an unreadable leaf");
  return core::ReadBigEndian<uint64_t>(bytes);
}

absl::StatusOr<EditableDocument> RegistryLedger::After(uint64_t number) const {
  EditableDocument document;
  uint64_t applied = 0;
  const auto apply = [&](const v1::RegistryChange& change, const std::string&) {
    for (const v1::EntryChange& entry : change.entries()) {
      NDX_RETURN_IF_ERROR(document.Apply(entry));
    }
    applied = change.number();
    return absl::OkStatus();
  };
  NDX_RETURN_IF_ERROR(ForEachChange(*database_, number, apply));
  if (applied < number) {
    return absl::NotFoundError(absl::StrCat("the registry has no change ", number));
  }
  return document;
}

absl::StatusOr<uint64_t> RegistryLedger::ChangeInForceAt(absl::Time time) const {
  uint64_t found = 0;
  const int64_t nanos = absl::ToUnixNanos(time);
  NDX_RETURN_IF_ERROR(ForEachChange(*database_, UINT64_MAX,
                                    [&](const v1::RegistryChange& change, const std::string&) {
                                      if (change.time_unix_ns() <= nanos) found = change.number();
                                      return absl::OkStatus();
                                    }));
  return found;
}

absl::StatusOr<PreparedChange> RegistryLedger::Prepare(v1::RegistryChange change) const {
  std::shared_ptr<const EditableDocument> before;
  {
    core::MutexLock lock(mutex_);
    change.set_number(last_change_ + 1);
    change.set_previous_sha256(last_sha256_);
    before = newest_;
  }
  EditableDocument after = *before;
  for (const v1::EntryChange& entry : change.entries()) NDX_RETURN_IF_ERROR(after.Apply(entry));
  change.set_document_sha256(DigestOf(after.Document()));
  std::string sha256 = Sha256Of(change.SerializeAsString());
  return PreparedChange{.change = std::move(change),
                        .sha256 = std::move(sha256),
                        .after = std::make_shared<const EditableDocument>(std::move(after))};
}

absl::Status RegistryLedger::NoteLeaf(uint64_t number, uint64_t leaf_index) {
  store::Batch batch;
  batch.Put(kLeafFamily, core::BigEndian(number), core::BigEndian(leaf_index));
  return database_->WriteSynced(batch);
}

absl::Status RegistryLedger::Keep(const PreparedChange& prepared,
                                  std::optional<uint64_t> leaf_index, uint64_t carried_out,
                                  const v1::AccessRequest* granted) {
  const std::string bytes = prepared.change.SerializeAsString();
  if (bytes.size() > kChangeBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a change of ", bytes.size(), " bytes is over the limit of ", kChangeBytesMax));
  }
  core::MutexLock lock(mutex_);
  const uint64_t number = prepared.change.number();
  if (number != last_change_ + 1 || prepared.change.previous_sha256() != last_sha256_) {
    return absl::FailedPreconditionError("the registry was changed meanwhile");
  }
  store::Batch batch;
  batch.Put(kChangeFamily, core::BigEndian(number), bytes);
  if (leaf_index.has_value()) {
    batch.Put(kLeafFamily, core::BigEndian(number), core::BigEndian(*leaf_index));
  }
  if (carried_out > 0) batch.Delete(kProposalFamily, core::BigEndian(carried_out));
  if (granted != nullptr) AccessRequestStore::PutInto(*granted, batch);
  NDX_RETURN_IF_ERROR(database_->WriteSynced(batch));
  last_change_ = number;
  last_sha256_ = prepared.sha256;
  newest_ = prepared.after;
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RegistryLedger::AddProposal(v1::RegistryProposal proposal) {
  core::MutexLock lock(mutex_);
  NDX_ASSIGN_OR_RETURN(const auto waiting, Proposals());
  if (waiting.size() >= kProposalsMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kProposalsMax, " proposals wait already; approve or withdraw some first"));
  }
  uint64_t number = 1;
  const auto last = database_->Get(store::kDefaultFamily, kLastProposalKey);
  if (last.ok() && last->size() == sizeof(uint64_t)) {
    number = core::ReadBigEndian<uint64_t>(*last) + 1;
  } else if (!absl::IsNotFound(last.status())) {
    NDX_RETURN_IF_ERROR(last.status());
    return absl::DataLossError("the number of the last proposal is unreadable");
  }
  proposal.set_number(number);
  const std::string bytes = proposal.SerializeAsString();
  if (bytes.size() > kChangeBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a proposal of ", bytes.size(), " bytes is over the limit of ", kChangeBytesMax));
  }
  store::Batch batch;
  batch.Put(kProposalFamily, core::BigEndian(number), bytes);
  batch.Put(store::kDefaultFamily, kLastProposalKey, core::BigEndian(number));
  NDX_RETURN_IF_ERROR(database_->WriteSynced(batch));
  return number;
}

absl::StatusOr<v1::RegistryProposal> RegistryLedger::Proposal(uint64_t number) const {
  const auto bytes = database_->Get(kProposalFamily, core::BigEndian(number));
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError(absl::StrCat("no proposal ", number, " waits"));
  }
  NDX_RETURN_IF_ERROR(bytes.status());
  return Parse<v1::RegistryProposal>(*bytes, "proposal", number);
}

absl::StatusOr<std::vector<v1::RegistryProposal>> RegistryLedger::Proposals() const {
  std::vector<v1::RegistryProposal> proposals;
  const auto cursor = database_->NewCursor(kProposalFamily);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    NDX_ASSIGN_OR_RETURN(
        proposals.emplace_back(),
        Parse<v1::RegistryProposal>(cursor->value(), "proposal", proposals.size()));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return proposals;
}

absl::Status RegistryLedger::RemoveProposal(uint64_t number) {
  core::MutexLock lock(mutex_);
  store::Batch batch;
  batch.Delete(kProposalFamily, core::BigEndian(number));
  return database_->WriteSynced(batch);
}

}  // namespace ndx::registry

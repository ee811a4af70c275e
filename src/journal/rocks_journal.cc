#include "ndx/journal/rocks_journal.h"

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backup_staging.h"
#include "committer.h"
#include "epoch_store.h"
#include "in_doubt.h"
#include "key_ring.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/master_key.h"
#include "ndx/store/directory.h"
#include "ndx/store/directory_lock.h"
#include "ndx/store/disk_space.h"
#include "recall.h"
#include "record_preparer.h"
#include "restored_mark.h"
#include "rocks_journal_parts.h"
#include "rocks_payload_keeper.h"
#include "segment_spill.h"
#include "space_guard.h"
#include "store_layout.h"
#include "store_opening.h"
#include "store_reader.h"
#include "subject_keys.h"
#include "worker.h"

namespace ndx::journal {
namespace {

constexpr size_t kSealHereBytesMax = size_t{256} << 10;
constexpr size_t kWorkerTasksMax = 4096;

bool ClosesExchange(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_ANSWERED || event == v1::JOURNAL_EVENT_FAILED ||
         event == v1::JOURNAL_EVENT_IN_DOUBT || event == v1::JOURNAL_EVENT_RESOLVED;
}

// Takes in what was not there before: not on a disk that is nearly full.
bool BeginsExchange(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_REQUEST_OPENED || event == v1::JOURNAL_EVENT_SUBMITTED;
}

size_t PayloadBytes(const Record& record) {
  size_t bytes = 0;
  for (const auto* payload : {&record.request, &record.response}) {
    if (!payload->has_value()) continue;
    for (const auto& message : (*payload)->messages) bytes += message->size();
  }
  return bytes;
}

// 16 bytes that are the same until the machine starts again.
std::string ReadBootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  file >> text;
  std::string bytes = absl::HexStringToBytes(absl::StrReplaceAll(text, {{"-", ""}}));
  bytes.resize(core::ExchangeId::kBytes, '\0');
  return bytes;
}

class OpenRocksJournal final : public RocksJournal {
 public:
  OpenRocksJournal(store::DirectoryLock lock, OpenedStores stores, RocksJournalOptions& options,
                   crypto::SecretBytes master, const core::Clock& clock, core::Random& random);
  ~OpenRocksJournal() override { Close(); }

  absl::Status Start(const std::string& version);

  void Append(Record record, AppendCallback done) override;
  void Recall(RecallQuery query, RecallCallback done) override;
  void GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                  ReceiptCallback done) override;
  absl::Status AcceptsNewExchanges() const override;
  void SetGroupPause(absl::Duration pause) override { committer_.SetGroupPause(pause); }
  absl::StatusOr<v1::KeyedReference> Reference(ReferenceKind kind,
                                               absl::string_view value) override;
  absl::StatusOr<std::unique_ptr<PayloadSpill>> StartSpill(
      absl::string_view consumer, core::ExchangeId exchange_id,
      const google::protobuf::Descriptor* descriptor,
      std::shared_ptr<const void> descriptor_owner) override;

  absl::Status StartFollowing(FollowOptions options) override {
    return keeper_.Start(std::move(options));
  }
  PayloadKeeper& payload_keeper() override { return keeper_; }
  PayloadRetention& retention() override { return keeper_.retention(); }

  void Close() override;
  const StartFindings& findings() const override { return findings_; }
  const JournalReader& reader() const override { return reader_; }
  uint64_t memory_bytes() const override {
    return store_->database->memory().total() + subjects_->database().memory().total();
  }
  std::string vkey() const override { return store_->signer->vkey(); }
  std::vector<JournalKey> keys() const override { return store_->signer->keys(); }
  std::string master_key_id() const override { return master_key_id_; }
  void RotateSigningKey(const KeyChange& change, AppendCallback done) override;
  RocksJournalParts parts() const override {
    return {.database = *store_->database,
            .segments = *store_->segments,
            .epoch_directory = store_->directory,
            .head = committer_.signed_head(),
            .subject_keys = subjects_->database(),
            .while_still = [this](absl::FunctionRef<absl::Status()> act) {
              return keeper_.WhileStill(act);
            }};
  }

 private:
  absl::Status CheckSpace(v1::JournalEvent event) const;
  void PrepareAndEnqueue(Record record, AppendCallback done);
  void Enqueue(std::unique_ptr<PendingRecord> pending);
  Pruner::Parts PruneParts();
  // Appends a leaf of the retention with its list, and waits.
  absl::StatusOr<uint64_t> AppendPruned(v1::JournalLeaf leaf, std::string list);
  void AppendRecord(Record record, AppendCallback done);
  void KeepHandover(absl::string_view receipt);

  store::DirectoryLock lock_;
  std::unique_ptr<EpochStore> store_;
  const std::unique_ptr<SubjectKeys> subjects_;
  const core::Clock& clock_;
  mutable SpaceGuard space_;
  OpenExchanges open_;
  UnmovedKeys unmoved_;
  CutPlans plans_;
  const absl::Duration signing_key_overlap_;
  const std::string master_key_id_;
  Committer committer_;
  KeyRing keys_;
  const PayloadKeys payload_keys_;
  RecordPreparer preparer_;
  StoreReader reader_;
  RocksPayloadKeeper keeper_;
  StartFindings findings_;
  Worker read_worker_;
  Worker seal_worker_;
  core::Mutex close_mutex_;
  bool closed_ ABSL_GUARDED_BY(close_mutex_) = false;
};

SpaceGuardOptions SpaceOptions(const RocksJournalOptions& options,
                               std::function<void(const absl::Status&)> on_failed_disk) {
  SpaceGuardOptions out{.free_bytes_min = options.free_bytes_min,
                        .interval = options.space_check_interval,
                        .free_bytes = options.free_bytes,
                        .on_failed_disk = std::move(on_failed_disk)};
  if (!out.free_bytes) {
    out.free_bytes = [directory = options.directory] { return store::FreeBytes(directory); };
  }
  return out;
}

Committer::Options CommitterOptions(RocksJournalOptions& options) {
  return {.group_records_max = options.group_records_max,
          .queue_records_max = options.queue_records_max,
          .segment_threshold_bytes = options.segment_threshold_bytes,
          .on_fatal = std::move(options.on_fatal)};
}

OpenRocksJournal::OpenRocksJournal(store::DirectoryLock lock, OpenedStores stores,
                                   RocksJournalOptions& options, crypto::SecretBytes master,
                                   const core::Clock& clock, core::Random& random)
    : lock_(std::move(lock)),
      store_(std::move(stores.epoch)),
      subjects_(std::move(stores.subjects)),
      clock_(clock),
      space_(SpaceOptions(options, [this](const absl::Status& status) { committer_.Stop(status); }),
             store::Ballast(absl::StrCat(options.directory, "/ballast"), options.ballast_bytes),
             clock),
      signing_key_overlap_(options.signing_key_overlap),
      master_key_id_(MasterKeyId(MasterKeyCheck(master.view()))),
      committer_(*store_, open_, unmoved_, CommitterOptions(options)),
      keys_(*store_->database, std::move(master), clock, random,
            [this](const absl::Status& status) { committer_.Stop(status); }),
      payload_keys_(keys_, *subjects_),
      preparer_({.keys = keys_,
                 .open = open_,
                 .unmoved = unmoved_,
                 .plans = plans_,
                 .clock = clock,
                 .random = random,
                 .boot_id = ReadBootId()}),
      reader_(*store_->database, *store_->segments, payload_keys_,
              [this] { return committer_.signed_head(); }),
      keeper_({.database = *store_->database,
               .reader = reader_,
               .keys = payload_keys_,
               .subjects = *subjects_,
               .unmoved = unmoved_,
               .clock = clock,
               .has_space = [this] { return space_.Look() == Space::kEnough; },
               .on_failed_write = [this](const absl::Status& status) { committer_.Stop(status); },
               .prune = nullptr},
              PruneParts()),
      findings_{.keys_rewrapped = stores.keys_rewrapped, .remarks = std::move(stores.remarks)},
      read_worker_(kWorkerTasksMax),
      seal_worker_(kWorkerTasksMax) {}

Pruner::Parts OpenRocksJournal::PruneParts() {
  return {
      .database = *store_->database,
      .segments = *store_->segments,
      .reader = reader_,
      .subjects = *subjects_,
      .clock = clock_,
      .has_space = [this] { return space_.Look() == Space::kEnough; },
      .leaves_before = store_->tree.size(),
      .append = [this](v1::JournalLeaf leaf,
                       std::string list) { return AppendPruned(std::move(leaf), std::move(list)); },
      .on_failed_write = [this](const absl::Status& status) { committer_.Stop(status); }};
}

// Whatever the space: the leaf is small, and what it records gives space back.
absl::StatusOr<uint64_t> OpenRocksJournal::AppendPruned(v1::JournalLeaf leaf, std::string list) {
  core::Mutex mutex;
  core::CondVar changed;
  std::optional<absl::StatusOr<uint64_t>> index;
  auto pending =
      preparer_.Prepare({.leaf = std::move(leaf)}, [&](absl::StatusOr<Appended> appended) {
        core::MutexLock lock(mutex);
        index = appended.ok() ? absl::StatusOr<uint64_t>(appended->index) : appended.status();
        changed.NotifyOne();
      });
  pending->pruned_list = std::move(list);
  Enqueue(std::move(pending));
  core::MutexLock lock(mutex);
  while (!index.has_value()) changed.Wait(mutex);
  return *std::move(index);
}

absl::Status OpenRocksJournal::Start(const std::string& version) {
  NDX_RETURN_IF_ERROR(space_.Start());
  findings_.created = store_->created;
  findings_.epoch = store_->epoch;
  findings_.epoch_directory = store_->directory;
  findings_.leaves = store_->tree.size();
  findings_.leaves_past_checkpoint = store_->tree.size() - store_->checkpoint_size;
  findings_.clean_stop = store_->clean_stop;
  NDX_ASSIGN_OR_RETURN(std::vector<Record> doubts,
                       FindOpenExchanges(*store_->database, payload_keys_, open_));
  findings_.in_doubt = doubts.size();
  store::Batch batch;
  batch.Delete(kMetaFamily, kCleanStopKey);
  NDX_RETURN_IF_ERROR(store_->database->WriteSynced(batch));
  Record started;
  started.leaf.set_event(v1::JOURNAL_EVENT_NODE_STARTED);
  started.leaf.set_note(store_->start_note);
  auto* report = started.leaf.mutable_start();
  report->set_version(version);
  report->set_leaves(findings_.leaves);
  report->set_in_doubt(findings_.in_doubt);
  report->set_clean_stop(findings_.clean_stop);
  doubts.insert(doubts.begin(), std::move(started));
  NDX_ASSIGN_OR_RETURN(auto key_change, UnrecordedKeyChange(*store_->database));
  if (key_change.has_value()) doubts.push_back({.leaf = *std::move(key_change)});

  // Not before every one of them is durable does the journal serve anybody.
  core::Mutex mutex;
  core::CondVar changed;
  size_t waiting = doubts.size();
  absl::Status first_error;
  for (Record& record : doubts) {
    const bool key_change_too = record.leaf.event() == v1::JOURNAL_EVENT_KEY_ROTATED;
    auto pending = preparer_.Prepare(std::move(record), [&](absl::StatusOr<Appended> appended) {
      core::MutexLock lock(mutex);
      if (!appended.ok() && first_error.ok()) first_error = appended.status();
      --waiting;
      changed.NotifyOne();
    });
    pending->records_key_change = key_change_too;
    Enqueue(std::move(pending));
  }
  {
    core::MutexLock lock(mutex);
    while (waiting > 0) changed.Wait(mutex);
  }
  NDX_RETURN_IF_ERROR(first_error);
  if (store_->restored) NDX_RETURN_IF_ERROR(RemoveRestoredMark(store_->directory));
  // The run before may have been cut off between a rotation and this.
  if (const auto leaf = store_->signer->HandoverDue(); leaf.has_value()) {
    const auto receipt = reader_.Receipt(*leaf);
    if (receipt.ok()) KeepHandover(*receipt);
  }
  return absl::OkStatus();
}

absl::Status OpenRocksJournal::AcceptsNewExchanges() const {
  NDX_RETURN_IF_ERROR(committer_.state());
  return CheckSpace(v1::JOURNAL_EVENT_REQUEST_OPENED);
}

absl::Status OpenRocksJournal::CheckSpace(v1::JournalEvent event) const {
  const Space space = space_.Look();
  if (space == Space::kEnough || ClosesExchange(event)) return absl::OkStatus();
  if (!BeginsExchange(event) && space == Space::kLow) return absl::OkStatus();
  return absl::ResourceExhaustedError("the journal's disk is nearly full");
}

void OpenRocksJournal::PrepareAndEnqueue(Record record, AppendCallback done) {
  Enqueue(preparer_.Prepare(std::move(record), std::move(done)));
}

void OpenRocksJournal::Enqueue(std::unique_ptr<PendingRecord> pending) {
  if (committer_.Enqueue(pending)) return;
  preparer_.Abandon(*pending);
  if (!pending->refused.ok()) {
    pending->done(pending->refused);
  } else {
    pending->done(absl::ResourceExhaustedError("too many records wait for the disk"));
  }
}

void OpenRocksJournal::RotateSigningKey(const KeyChange& change, AppendCallback done) {
  const absl::Status space = CheckSpace(v1::JOURNAL_EVENT_KEY_ROTATED);
  if (!space.ok()) return done(space);
  auto rotation = store_->signer->Begin(signing_key_overlap_);
  if (!rotation.ok()) return done(rotation.status());
  auto shared = std::make_shared<AppendCallback>(std::move(done));
  auto pending = preparer_.Prepare(
      {.leaf = KeyRotationLeaf(FormatKeyRotation(rotation->words), change)},
      [this, shared](absl::StatusOr<Appended> appended) {
        if (!appended.ok()) {
          store_->signer->Abandon();
          return (*shared)(std::move(appended));
        }
        // Keeping the receipt writes to the disk, which this thread must not wait for.
        const std::string receipt = appended->receipt;
        auto result = std::make_shared<absl::StatusOr<Appended>>(std::move(appended));
        const bool posted = read_worker_.Post([this, shared, result, receipt] {
          if (store_->signer->HandoverDue().has_value()) KeepHandover(receipt);
          (*shared)(std::move(*result));
        });
        if (!posted) (*shared)(std::move(*result));  // the next start keeps one
      });
  pending->signing_keys = std::move(rotation->record);
  Enqueue(std::move(pending));
}

void OpenRocksJournal::KeepHandover(absl::string_view receipt) {
  const auto record = store_->signer->AddHandover(receipt);
  if (!record.ok()) return;  // the overlap has just ended: the old key does not vouch any more
  store::Batch batch;
  batch.Put(kMetaFamily, kSigningKeysKey, record->SerializeAsString());
  const absl::Status written = store_->database->WriteSynced(batch);
  if (!written.ok()) committer_.Stop(written);
}

void OpenRocksJournal::AppendRecord(Record record, AppendCallback done) {
  const absl::Status space = CheckSpace(record.leaf.event());
  if (!space.ok()) return done(space);
  if (record.leaf.event() == v1::JOURNAL_EVENT_RESOLVED) {
    const absl::Status adopted = AdoptDoubt(record.leaf, reader_, payload_keys_, open_);
    if (!adopted.ok()) return done(adopted);
  }
  PrepareAndEnqueue(std::move(record), std::move(done));
}

void OpenRocksJournal::Append(Record record, AppendCallback done) {
  if (uint64_t hour = 0; keys_.NextHourDue(&hour)) {
    (void)seal_worker_.Post([this, hour] { keys_.PrepareHour(hour); });
  }
  const bool elsewhere =
      record.leaf.event() == v1::JOURNAL_EVENT_RESOLVED || PayloadBytes(record) > kSealHereBytesMax;
  const absl::Status space = CheckSpace(record.leaf.event());
  if (!elsewhere && space.ok()) return PrepareAndEnqueue(std::move(record), std::move(done));
  auto shared =
      std::make_shared<std::pair<Record, AppendCallback>>(std::move(record), std::move(done));
  const bool posted = seal_worker_.Post(
      [this, shared] { AppendRecord(std::move(shared->first), std::move(shared->second)); });
  if (!posted) shared->second(absl::CancelledError("the journal is closed or overloaded"));
}

void OpenRocksJournal::Recall(RecallQuery query, RecallCallback done) {
  auto shared =
      std::make_shared<std::pair<RecallQuery, RecallCallback>>(std::move(query), std::move(done));
  const bool posted = read_worker_.Post(
      [this, shared] { shared->second(RecallExchange(shared->first, reader_, keys_)); });
  if (!posted) shared->second(absl::ResourceExhaustedError("too many reads wait"));
}

void OpenRocksJournal::GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                                  ReceiptCallback done) {
  auto shared = std::make_shared<ReceiptCallback>(std::move(done));
  const bool posted =
      read_worker_.Post([this, shared, exchange_id, consumer = std::move(consumer)] {
        const auto leaves = reader_.LeavesOf(exchange_id, consumer);
        (*shared)(leaves.ok() ? reader_.Receipt(leaves->back().index)
                              : absl::StatusOr<std::string>(leaves.status()));
      });
  if (!posted) (*shared)(absl::ResourceExhaustedError("too many reads wait"));
}

absl::StatusOr<v1::KeyedReference> OpenRocksJournal::Reference(ReferenceKind kind,
                                                               absl::string_view value) {
  return keys_.Reference(kind, value, keys_.CurrentYear(), true);
}

absl::StatusOr<std::unique_ptr<PayloadSpill>> OpenRocksJournal::StartSpill(
    absl::string_view consumer, core::ExchangeId exchange_id,
    const google::protobuf::Descriptor* descriptor, std::shared_ptr<const void> descriptor_owner) {
  NDX_RETURN_IF_ERROR(committer_.state());
  const std::string key = ExchangeKey(exchange_id, consumer);
  std::shared_ptr<OpenExchange> exchange = open_.Find(key);
  if (exchange == nullptr || exchange->exchange_key.empty()) {
    return absl::FailedPreconditionError("the exchange is not open");
  }
  NDX_ASSIGN_OR_RETURN(const uint16_t attempt, open_.NextAnswerAttempt(key));
  auto plan = plans_.Get(descriptor, descriptor_owner);
  return std::make_unique<SegmentSpill>(*store_->segments, std::move(exchange), attempt,
                                        std::move(plan), std::move(descriptor_owner));
}

void OpenRocksJournal::Close() {
  core::MutexLock lock(close_mutex_);
  if (closed_) return;
  closed_ = true;
  keeper_.Close();
  seal_worker_.Close();
  read_worker_.Close();
  committer_.Close();
  if (!committer_.state().ok()) return;
  store::Batch batch;
  batch.Put(kMetaFamily, kCleanStopKey, "1");
  (void)store_->database->WriteSynced(batch);  // without the mark the next start says so, no more
}

absl::Status CheckOptions(const RocksJournalOptions& options, const RocksJournalKeys& keys) {
  if (!IsNoteName(options.node)) {
    return absl::InvalidArgumentError("the node's name must not hold spaces or '+'");
  }
  if (options.node.size() > kLeafSystemBytesMax || options.version.size() > kLeafVersionBytesMax) {
    return absl::InvalidArgumentError("the node's name or version is too long");
  }
  if (keys.master.size() != crypto::kAesKeyBytes) {
    return absl::InvalidArgumentError("the master key must have 32 bytes");
  }
  if (!keys.master_change.has_value()) return absl::OkStatus();
  const MasterKeyChange& change = *keys.master_change;
  if (change.previous.size() != crypto::kAesKeyBytes) {
    return absl::InvalidArgumentError("the previous master key must have 32 bytes");
  }
  if (change.previous.view() == keys.master.view()) {
    return absl::InvalidArgumentError("the previous master key is the present one");
  }
  if (change.by.operator_name.size() > kLeafOperatorNameBytesMax ||
      change.by.operator_reason.size() > kLeafOperatorReasonBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("the change of the master key: operator has at most ",
                     kLeafOperatorNameBytesMax, " bytes, reason ", kLeafOperatorReasonBytesMax));
  }
  return absl::OkStatus();
}

}  // namespace

std::string StartFindings::ToString() const {
  std::string text = absl::StrCat("journal ", created ? "created" : "opened", ", epoch ", epoch);
  if (!created) {
    absl::StrAppend(&text, ": ", leaves, " records, ", leaves_past_checkpoint,
                    " of them not yet signed, ", in_doubt,
                    " exchanges were open and are now in doubt, last run ",
                    clean_stop ? "ended by itself" : "was cut off");
  }
  if (keys_rewrapped > 0) {
    absl::StrAppend(&text, "; ", keys_rewrapped, " keys wrapped anew under the new master key");
  }
  for (const std::string& remark : remarks) absl::StrAppend(&text, "; ", remark);
  return text;
}

absl::StatusOr<std::unique_ptr<RocksJournal>> RocksJournal::Open(RocksJournalOptions options,
                                                                 RocksJournalKeys keys,
                                                                 const core::Clock& clock,
                                                                 core::Random& random) {
  NDX_RETURN_IF_ERROR(CheckOptions(options, keys));
  NDX_RETURN_IF_ERROR(store::MakeDirectory(options.directory, options.faults));
  NDX_ASSIGN_OR_RETURN(store::DirectoryLock lock, store::DirectoryLock::Acquire(options.directory));
  NDX_RETURN_IF_ERROR(BackupStaging::RemoveLeftOver(options.directory));
  NDX_ASSIGN_OR_RETURN(OpenedStores stores, OpenStores(options, keys, clock, random));
  auto journal = std::make_unique<OpenRocksJournal>(std::move(lock), std::move(stores), options,
                                                    std::move(keys.master), clock, random);
  NDX_RETURN_IF_ERROR(journal->Start(options.version));
  return std::unique_ptr<RocksJournal>(std::move(journal));
}

}  // namespace ndx::journal

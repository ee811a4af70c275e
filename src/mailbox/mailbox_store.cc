#include "ndx/mailbox/mailbox_store.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"

namespace ndx::mailbox {
namespace {

constexpr store::Family kItems = 1;
constexpr store::Family kDue = 2;
constexpr store::Family kLines = 3;
constexpr store::Family kEnds = 4;
constexpr char kSyncKey[] = "synced";
// Times are positive.
constexpr char kBehindAllEnds[] = "\xFF";
constexpr size_t kBlockCacheBytes = size_t{8} << 20;
constexpr size_t kWriteBufferBytes = size_t{8} << 20;

// How long what is dead can be looked at and delivered again.
constexpr int64_t kDeadKeptNanos = int64_t{30} * 24 * 3600 * 1'000'000'000;

std::string Number(int64_t number) {
  return core::BigEndian(static_cast<uint64_t>(std::max<int64_t>(number, 0)));
}

bool IsDead(const v1::KeptItem& item) { return item.state() == v1::KEPT_STATE_DEAD; }

bool Waits(const v1::KeptItem& item) {
  return item.state() == v1::KEPT_STATE_KEPT || item.state() == v1::KEPT_STATE_IN_DOUBT;
}

// Whether it has a place in a line.
bool StandsInLine(const v1::KeptItem& item) { return !item.line().empty() && !IsDead(item); }

// Behind every key that begins so. No prefix here ends in 0xFF bytes alone.
std::string EndOfPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

std::string LanePrefix(const Lane& lane) {
  return absl::StrCat(lane.provider, "\n", lane.service, absl::string_view("\0", 1));
}

std::string DueKey(const v1::KeptItem& item) {
  return absl::StrCat(LanePrefix(LaneOf(item)), Number(item.due_unix_ns()),
                      core::BigEndian<uint64_t>(item.number()));
}

std::string LineKey(absl::string_view line, uint64_t number) {
  return absl::StrCat(line, core::BigEndian<uint64_t>(number));
}

std::string EndKey(const v1::KeptItem& item) {
  const int64_t end = IsDead(item) ? item.dead_unix_ns() + kDeadKeptNanos : item.expires_unix_ns();
  return absl::StrCat(Number(end), ItemKey(item));
}

std::string ServiceOf(absl::string_view method) {
  const absl::string_view path = absl::StripPrefix(method, "/");
  return std::string(path.substr(0, path.find('/')));
}

}  // namespace

std::string ItemKey(const core::ExchangeId& id, absl::string_view consumer) {
  return absl::StrCat(id.bytes(), consumer);
}

std::string ItemKey(const v1::KeptItem& item) {
  return absl::StrCat(item.exchange_id(), item.consumer());
}

Lane LaneOf(const v1::KeptItem& item) {
  return {.provider = item.provider(), .service = ServiceOf(item.method())};
}

uint64_t MailboxCounts::Of(v1::KeptState state) const {
  uint64_t sum = 0;
  for (const auto& [cause, count] : by_cause) sum += cause.state == state ? count : 0;
  return sum;
}

absl::StatusOr<std::unique_ptr<MailboxStore>> MailboxStore::Open(const std::string& directory) {
  const store::DatabaseOptions options{.directory = directory,
                                       .families = {{.name = "items", .filter = true},
                                                    {.name = "due"},
                                                    {.name = "lines"},
                                                    {.name = "ends"}},
                                       .block_cache_bytes = kBlockCacheBytes,
                                       .write_buffer_bytes = kWriteBufferBytes};
  // What a cut-off log has lost the journal tells.
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::Open(options, store::LogCheck::kPointInTime));
  std::unique_ptr<MailboxStore> store(new MailboxStore(std::move(database)));
  NDX_RETURN_IF_ERROR(store->Count());
  return store;
}

MailboxStore::MailboxStore(std::unique_ptr<store::Database> database)
    : database_(std::move(database)) {}

absl::Status MailboxStore::Count() {
  absl::Status heads;
  NDX_RETURN_IF_ERROR(Walk("", [this, &heads](const v1::KeptItem& item) {
    next_number_ = std::max(next_number_, item.number() + 1);
    Tally(item, 1);
    if (Waits(item) && item.first()) NoteDue(item, DueKey(item));
    if (StandsInLine(item)) heads = CompleteHead(item);
    return heads.ok();
  }));
  return heads;
}

// A mailbox of an earlier version has no heads of lines.
absl::Status MailboxStore::CompleteHead(const v1::KeptItem& item) {
  NDX_ASSIGN_OR_RETURN(const auto head, HeadOf(item.line()));
  if (head.has_value() && *head <= item.number()) return absl::OkStatus();
  store::Batch batch;
  batch.Put(kLines, item.line(), core::BigEndian(item.number()));
  return database_->WriteUnsynced(batch);
}

void MailboxStore::Tally(const v1::KeptItem& item, int64_t by) {
  const auto change = static_cast<uint64_t>(by);
  const core::MutexLock lock(counts_mutex_);
  const auto cause =
      counts_.by_cause
          .try_emplace(
              {.state = item.state(), .service = ServiceOf(item.method()), .reason = item.reason()})
          .first;
  cause->second += change;
  if (cause->second == 0) counts_.by_cause.erase(cause);
  if (IsDead(item)) {
    counts_.dead += change;
    return;
  }
  counts_.items += change;
  counts_.bytes += change * item.bytes();
  const auto consumer = counts_.by_consumer.try_emplace(item.consumer()).first;
  consumer->second += change;
  if (consumer->second == 0) counts_.by_consumer.erase(consumer);
}

MailboxCounts MailboxStore::counts() const {
  const core::MutexLock lock(counts_mutex_);
  return counts_;
}

size_t MailboxStore::entries_in_memory() const {
  const core::MutexLock lock(counts_mutex_);
  return due_from_.size() + counts_.by_cause.size() + counts_.by_consumer.size();
}

MailboxRoom MailboxStore::RoomOf(const std::string& consumer) const {
  const core::MutexLock lock(counts_mutex_);
  const auto found = counts_.by_consumer.find(consumer);
  return {.items = counts_.items,
          .bytes = counts_.bytes,
          .of_consumer = found == counts_.by_consumer.end() ? 0 : found->second};
}

absl::StatusOr<std::optional<v1::KeptItem>> MailboxStore::Find(absl::string_view key) const {
  const auto bytes = database_->Get(kItems, key);
  if (absl::IsNotFound(bytes.status())) return std::optional<v1::KeptItem>();
  NDX_RETURN_IF_ERROR(bytes.status());
  v1::KeptItem item;
  if (!item.ParseFromString(*bytes))
    return absl::DataLossError("an item of the mailbox is unreadable");
  return std::optional<v1::KeptItem>(std::move(item));
}

void MailboxStore::AddRows(const v1::KeptItem& item, store::Batch* batch) {
  const std::string key = ItemKey(item);
  if (StandsInLine(item)) batch->Put(kLines, LineKey(item.line(), item.number()), key);
  if (Waits(item) && item.first()) {
    const std::string due = DueKey(item);
    batch->Put(kDue, due, key);
    NoteDue(item, due);
  }
  if (Waits(item) || IsDead(item)) {
    const std::string end = EndKey(item);
    batch->Put(kEnds, end, "");
    ends_from_ = std::min(ends_from_, end);
  }
}

void MailboxStore::NoteDue(const v1::KeptItem& item, const std::string& row) {
  std::string& from = due_from_.try_emplace(LanePrefix(LaneOf(item)), row).first->second;
  from = std::min(from, row);
}

void MailboxStore::DropRows(const v1::KeptItem& item, store::Batch* batch) {
  if (StandsInLine(item)) batch->Delete(kLines, LineKey(item.line(), item.number()));
  if (Waits(item) && item.first()) batch->Delete(kDue, DueKey(item));
  if (Waits(item) || IsDead(item)) batch->Delete(kEnds, EndKey(item));
}

absl::StatusOr<std::optional<uint64_t>> MailboxStore::HeadOf(absl::string_view line) const {
  const auto number = database_->Get(kLines, line);
  if (absl::IsNotFound(number.status())) return std::optional<uint64_t>();
  NDX_RETURN_IF_ERROR(number.status());
  if (number->size() != sizeof(uint64_t)) {
    return absl::DataLossError("the head of a line of the mailbox is unreadable");
  }
  return std::optional<uint64_t>(core::ReadBigEndian<uint64_t>(*number));
}

// Where an item comes into a line, or goes: what is deleted in front is never read again.
absl::Status MailboxStore::MoveHead(const v1::KeptItem* before, const v1::KeptItem* after,
                                    store::Batch* batch) {
  const bool stood = before != nullptr && StandsInLine(*before);
  const bool stands = after != nullptr && StandsInLine(*after);
  if (stood == stands) return absl::OkStatus();
  const v1::KeptItem& item = stood ? *before : *after;
  NDX_ASSIGN_OR_RETURN(const auto head, HeadOf(item.line()));
  if (stands) {
    if (!head.has_value()) batch->Put(kLines, item.line(), core::BigEndian(item.number()));
    return absl::OkStatus();
  }
  if (head != item.number()) return absl::OkStatus();
  const auto cursor = database_->NewCursor(kLines, EndOfPrefix(item.line()));
  cursor->Seek(LineKey(item.line(), item.number() + 1));
  NDX_RETURN_IF_ERROR(cursor->status());
  if (cursor->Valid()) {
    batch->Put(kLines, item.line(), cursor->key().substr(item.line().size()));
  } else {
    batch->Delete(kLines, item.line());
  }
  return absl::OkStatus();
}

absl::Status MailboxStore::Put(const v1::KeptItem& item) {
  const std::string key = ItemKey(item);
  NDX_ASSIGN_OR_RETURN(const auto before, Find(key));
  store::Batch batch;
  if (before.has_value()) DropRows(*before, &batch);
  NDX_RETURN_IF_ERROR(MoveHead(before.has_value() ? &*before : nullptr, &item, &batch));
  batch.Put(kItems, key, item.SerializeAsString());
  AddRows(item, &batch);
  NDX_RETURN_IF_ERROR(database_->WriteUnsynced(batch));
  if (before.has_value()) Tally(*before, -1);
  Tally(item, 1);
  next_number_ = std::max(next_number_, item.number() + 1);
  return absl::OkStatus();
}

absl::Status MailboxStore::Remove(const v1::KeptItem& item) {
  const std::string key = ItemKey(item);
  NDX_ASSIGN_OR_RETURN(const auto before, Find(key));
  if (!before.has_value()) return absl::OkStatus();
  store::Batch batch;
  DropRows(*before, &batch);
  NDX_RETURN_IF_ERROR(MoveHead(&*before, nullptr, &batch));
  batch.Delete(kItems, key);
  NDX_RETURN_IF_ERROR(database_->WriteUnsynced(batch));
  Tally(*before, -1);
  return absl::OkStatus();
}

absl::Status MailboxStore::Sync() {
  store::Batch batch;
  batch.Put(store::kDefaultFamily, kSyncKey, "");
  return database_->WriteSynced(batch);
}

absl::StatusOr<std::vector<Lane>> MailboxStore::Lanes() const {
  std::vector<Lane> lanes;
  for (auto at = due_from_.begin(); at != due_from_.end();) {
    const std::string& prefix = at->first;
    const auto cursor = database_->NewCursor(kDue, EndOfPrefix(prefix));
    cursor->Seek(at->second);
    NDX_RETURN_IF_ERROR(cursor->status());
    if (!cursor->Valid()) {
      at = due_from_.erase(at);
      continue;
    }
    const size_t middle = prefix.find('\n');
    lanes.push_back({.provider = prefix.substr(0, middle),
                     .service = prefix.substr(middle + 1, prefix.size() - middle - 2)});
    ++at;
  }
  return lanes;
}

absl::StatusOr<std::optional<v1::KeptItem>> MailboxStore::ItemAt(absl::string_view key) const {
  NDX_ASSIGN_OR_RETURN(auto item, Find(key));
  if (!item.has_value()) return absl::DataLossError("a row of the mailbox names no item");
  return item;
}

absl::StatusOr<std::optional<v1::KeptItem>> MailboxStore::FirstDue(const Lane& lane) const {
  const std::string prefix = LanePrefix(lane);
  const auto found = due_from_.find(prefix);
  if (found == due_from_.end()) return std::optional<v1::KeptItem>();
  const auto cursor = database_->NewCursor(kDue, EndOfPrefix(prefix));
  cursor->Seek(found->second);
  NDX_RETURN_IF_ERROR(cursor->status());
  if (!cursor->Valid()) {
    due_from_.erase(found);
    return std::optional<v1::KeptItem>();
  }
  found->second = std::string(cursor->key());
  return ItemAt(std::string(cursor->value()));
}

absl::StatusOr<std::optional<v1::KeptItem>> MailboxStore::FirstOfLine(
    absl::string_view line) const {
  NDX_ASSIGN_OR_RETURN(const auto head, HeadOf(line));
  if (!head.has_value()) return std::optional<v1::KeptItem>();
  const auto key = database_->Get(kLines, LineKey(line, *head));
  if (!key.ok()) return absl::DataLossError("the head of a line of the mailbox is not in it");
  return ItemAt(*key);
}

absl::StatusOr<uint64_t> MailboxStore::Before(absl::string_view line, uint64_t number,
                                              uint64_t most) const {
  NDX_ASSIGN_OR_RETURN(const auto head, HeadOf(line));
  if (!head.has_value()) return 0;
  uint64_t count = 0;
  const auto cursor = database_->NewCursor(kLines, LineKey(line, number));
  for (cursor->Seek(LineKey(line, *head)); count < most && cursor->Valid(); cursor->Next()) {
    ++count;
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return count;
}

absl::StatusOr<std::optional<std::pair<int64_t, v1::KeptItem>>> MailboxStore::FirstEnd() const {
  using First = std::optional<std::pair<int64_t, v1::KeptItem>>;
  const auto cursor = database_->NewCursor(kEnds);
  cursor->Seek(ends_from_);
  NDX_RETURN_IF_ERROR(cursor->status());
  if (!cursor->Valid()) {
    ends_from_ = kBehindAllEnds;
    return First();
  }
  ends_from_ = std::string(cursor->key());
  const auto when = static_cast<int64_t>(core::ReadBigEndian<uint64_t>(ends_from_));
  NDX_ASSIGN_OR_RETURN(auto item, ItemAt(absl::string_view(ends_from_).substr(sizeof(uint64_t))));
  return First({when, *std::move(item)});
}

absl::Status MailboxStore::Walk(absl::string_view after,
                                const std::function<bool(const v1::KeptItem&)>& see) const {
  const auto cursor = database_->NewCursor(kItems);
  cursor->Seek(after);
  if (cursor->Valid() && !after.empty() && cursor->key() == after) cursor->Next();
  for (; cursor->Valid(); cursor->Next()) {
    v1::KeptItem item;
    const absl::string_view value = cursor->value();
    if (!item.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("an item of the mailbox is unreadable");
    }
    if (!see(item)) break;
  }
  return cursor->status();
}

}  // namespace ndx::mailbox

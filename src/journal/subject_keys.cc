#include "subject_keys.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/key_derivation.h"
#include "ndx/crypto/key_wrap.h"
#include "ndx/journal/master_key.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr uint32_t kKeyStoreLayout = 2;
constexpr uint32_t kUngroupedLayout = 1;  // every part's key wrapped by itself
constexpr absl::string_view kNextLeafKey = "next_leaf";
constexpr size_t kSubjectKeysCached = 65536;
constexpr size_t kWriteBufferBytes = size_t{16} << 20;
constexpr size_t kBlockCacheBytes = size_t{16} << 20;
constexpr size_t kGroupKeysMax = crypto::kWrappedKeyBytesMax / crypto::kAesKeyBytes;

// The key that wraps a part's: from the keys of all its subjects in the order of their ids, so that
// without any one of them the part stays shut.
crypto::SecretBytes WrappingKey(absl::string_view keys) {
  return crypto::HkdfSha256({.key = keys, .salt = {}, .info = "ndx part wrap v1"},
                            crypto::kAesKeyBytes);
}

// Key material put together; wiped when it goes.
class JoinedKeys {
 public:
  explicit JoinedKeys(size_t keys) : bytes_(keys * crypto::kAesKeyBytes) {}
  void Add(absl::string_view key) {
    key.copy(bytes_.data() + at_, crypto::kAesKeyBytes);
    at_ += crypto::kAesKeyBytes;
  }
  absl::string_view view() const { return bytes_.view(); }

 private:
  crypto::SecretBytes bytes_;
  size_t at_ = 0;
};

// Puts parts with the same subjects together. What it is given outlives it.
class GroupedParts {
 public:
  struct Group {
    const std::vector<std::string>* subjects;
    std::vector<const crypto::SecretBytes*> keys;
  };

  // Notes the part's group in what is kept of it.
  void Add(const PartToMove& part, v1::MovedPartKey* out) {
    size_t& group = newest_.try_emplace(part.subjects, kNone).first->second;
    if (group == kNone || all_[group].keys.size() == kGroupKeysMax) {
      group = all_.size();
      all_.push_back({.subjects = &part.subjects});
    }
    all_[group].keys.push_back(&part.key);
    out->set_group_plus_one(static_cast<uint32_t>(group + 1));
    out->set_commitment(part.commitment);
    out->set_offset(part.offset);
  }
  const std::vector<Group>& all() const { return all_; }

 private:
  static constexpr size_t kNone = SIZE_MAX;
  std::vector<Group> all_;
  std::map<absl::Span<const std::string>, size_t> newest_;
};

}  // namespace

std::string SubjectKeyDirectory(const std::string& epoch_directory) {
  return absl::StrCat(epoch_directory, "/keys");
}

store::DatabaseOptions SubjectKeyDatabaseOptions(const std::string& epoch_directory) {
  return {.directory = SubjectKeyDirectory(epoch_directory),
          .families = {{.name = "subjects", .filter = true},
                       {.name = "moved"},
                       {.name = "leaf_subjects"},
                       {.name = "holds"},
                       {.name = "erasures"}},
          .block_cache_bytes = kBlockCacheBytes,
          .write_buffer_bytes = kWriteBufferBytes};
}

absl::string_view KeyMove::WrappingKeyOf(const std::vector<std::string>& ids) {
  if (ids.empty()) return keys_.house_wrapping_key_.view();
  if (ids.size() == 1) {
    Subject& subject = subjects_.at(ids.front());
    if (subject.wrapping_key.empty()) subject.wrapping_key = WrappingKey(subject.key->key.view());
    return subject.wrapping_key.view();
  }
  JoinedKeys joined(ids.size());
  for (const std::string& id : ids) joined.Add(subjects_.at(id).key->key.view());
  joint_wrapping_key_ = WrappingKey(joined.view());
  return joint_wrapping_key_.view();
}

absl::Status KeyMove::Add(const LeafToMove& leaf) {
  GroupedParts groups;
  v1::MovedKeys keys;
  for (const PartToMove& part : leaf.request) groups.Add(part, keys.add_request());
  for (const PartToMove& part : leaf.response) groups.Add(part, keys.add_response());
  for (const PartToMove& part : leaf.signature) groups.Add(part, keys.mutable_signature());
  std::map<std::string, uint32_t> positions;
  for (const auto& group : groups.all()) {
    for (const std::string& id : *group.subjects) positions[id] = 0;
  }
  for (auto& [id, position] : positions) {
    NDX_ASSIGN_OR_RETURN(const auto key, KeyOf(id));
    position = static_cast<uint32_t>(keys.subjects_size());
    v1::MovedSubject& subject = *keys.add_subjects();
    subject.set_id(id);
    subject.set_serial(key->serial);
  }
  for (const auto& group : groups.all()) {
    v1::MovedKeyGroup& out = *keys.add_groups();
    for (const std::string& id : *group.subjects) out.add_subjects(positions.at(id));
    JoinedKeys joined(group.keys.size());
    for (const crypto::SecretBytes* key : group.keys) joined.Add(key->view());
    NDX_ASSIGN_OR_RETURN(*out.mutable_wrapped(),
                         crypto::WrapKey(WrappingKeyOf(*group.subjects), joined.view()));
  }
  batch_.Put(kMovedKeyFamily, LeafKey(leaf.index), keys.SerializeAsString());
  leaves_.insert(leaf.index);
  return absl::OkStatus();
}

absl::StatusOr<const SubjectKey*> KeyMove::KeyOf(const std::string& id) {
  if (const auto found = subjects_.find(id); found != subjects_.end()) {
    return found->second.key.get();
  }
  auto key = keys_.Find(id);
  if (absl::IsNotFound(key.status())) key = keys_.Make(id, &batch_);
  NDX_RETURN_IF_ERROR(key.status());
  const SubjectKey* const out = key->get();
  subjects_[id].key = *std::move(key);
  return out;
}

void KeyMove::AddSubjects(uint64_t leaf, const v1::LeafSubjects& subjects) {
  batch_.Put(kLeafSubjectFamily, LeafKey(leaf), subjects.SerializeAsString());
}

absl::StatusOr<std::unique_ptr<SubjectKeys>> SubjectKeys::Open(Options options,
                                                               core::Random& random) {
  store::DatabaseOptions database_options = SubjectKeyDatabaseOptions(options.epoch_directory);
  database_options.faults = options.faults;
  // A log cut off by a crash loses only what was never followed by a deletion in the journal.
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::Open(database_options, store::LogCheck::kPointInTime));
  std::unique_ptr<SubjectKeys> keys(
      new SubjectKeys(std::move(database), options.masters.current.Clone(), random));
  NDX_RETURN_IF_ERROR(keys->Start(options.origin, options.masters));
  return keys;
}

absl::Status SubjectKeys::CheckHeader(const std::string& origin, const MasterKeys& masters) {
  const auto bytes = database_->Get(store::kDefaultFamily, kHeaderKey);
  v1::KeyStoreHeader header;
  if (absl::IsNotFound(bytes.status())) {
    header.set_origin(origin);
    header.set_master_key_check(MasterKeyCheck(masters.current.view()));
  } else if (!bytes.ok()) {
    return bytes.status();
  } else if (!header.ParseFromString(*bytes) ||
             (header.layout() != kKeyStoreLayout && header.layout() != kUngroupedLayout)) {
    return absl::DataLossError("the store of subject keys has an unknown layout");
  }
  if (header.origin() != origin) {
    return absl::InvalidArgumentError(
        absl::StrCat("the store of subject keys is of ", header.origin(), ", not of ", origin));
  }
  NDX_ASSIGN_OR_RETURN(
      const bool rewrap,
      MustRewrap("the store of subject keys",
                 {header.master_key_check(), header.next_master_key_check()}, masters));
  if (header.layout() != kKeyStoreLayout) {
    // Before the first group: a program that knows of none must not open what has some.
    header.set_layout(kKeyStoreLayout);
    store::Batch batch;
    batch.Put(store::kDefaultFamily, kHeaderKey, header.SerializeAsString());
    NDX_RETURN_IF_ERROR(database_->WriteSynced(batch));
  }
  if (rewrap) {
    NDX_ASSIGN_OR_RETURN(rewrapped_, RewrapSubjectKeys(*database_, masters));
  }
  return absl::OkStatus();
}

absl::Status SubjectKeys::Start(const std::string& origin, const MasterKeys& masters) {
  NDX_RETURN_IF_ERROR(CheckHeader(origin, masters));
  NDX_RETURN_IF_ERROR(ScrubSubjectKeys(*database_));
  NDX_ASSIGN_OR_RETURN(name_key_, LoadOrMake(kNameKey));
  NDX_ASSIGN_OR_RETURN(house_key_, LoadOrMake(kHouseKey));
  house_wrapping_key_ = WrappingKey(house_key_.view());
  NDX_ASSIGN_OR_RETURN(const uint64_t next, NextLeafOf(*database_));
  next_leaf_.store(next);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SubjectKeys::NextLeafOf(const store::Database& database) {
  const auto next = database.Get(store::kDefaultFamily, kNextLeafKey);
  if (absl::IsNotFound(next.status())) return 0;
  NDX_RETURN_IF_ERROR(next.status());
  if (next->size() != sizeof(uint64_t)) {
    return absl::DataLossError("the follower's place in the store of subject keys is unreadable");
  }
  return core::ReadBigEndian<uint64_t>(*next);
}

absl::StatusOr<crypto::SecretBytes> SubjectKeys::LoadOrMake(absl::string_view name) {
  const auto wrapped = database_->Get(store::kDefaultFamily, name);
  if (wrapped.ok()) return crypto::UnwrapKey(master_.view(), *wrapped);
  if (!absl::IsNotFound(wrapped.status())) return wrapped.status();
  crypto::SecretBytes key = crypto::SecretBytes::Generate(random_, crypto::kAesKeyBytes);
  NDX_ASSIGN_OR_RETURN(const std::string fresh, crypto::WrapKey(master_.view(), key.view()));
  store::Batch batch;
  batch.Put(store::kDefaultFamily, name, fresh);
  NDX_RETURN_IF_ERROR(database_->WriteSynced(batch));
  return key;
}

std::string SubjectKeys::IdOf(absl::string_view subject) const {
  const crypto::Digest mac = crypto::HmacSha256(name_key_.view(), {"ndx subject v1", subject});
  return std::string(crypto::AsBytes(mac).substr(0, kSubjectIdBytes));
}

absl::StatusOr<std::shared_ptr<const SubjectKey>> SubjectKeys::Find(const std::string& id) const {
  uint64_t erasures = 0;
  {
    core::MutexLock lock(mutex_);
    if (const auto found = cache_.find(id); found != cache_.end()) return found->second;
    erasures = erasures_;
  }
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database_->Get(kSubjectKeyFamily, id));
  v1::SubjectKey stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a subject's key is damaged");
  auto key = std::make_shared<SubjectKey>();
  key->serial = stored.serial();
  NDX_ASSIGN_OR_RETURN(key->key, crypto::UnwrapKey(master_.view(), stored.wrapped()));
  core::MutexLock lock(mutex_);
  if (cache_.size() >= kSubjectKeysCached) cache_.clear();
  if (erasures == erasures_) cache_[id] = key;
  return key;
}

absl::StatusOr<std::shared_ptr<const SubjectKey>> SubjectKeys::Make(const std::string& id,
                                                                    store::Batch* batch) const {
  auto key = std::make_shared<SubjectKey>();
  do {
    key->serial = random_.Next64();
  } while (key->serial == 0);
  key->key = crypto::SecretBytes::Generate(random_, crypto::kAesKeyBytes);
  v1::SubjectKey stored;
  stored.set_serial(key->serial);
  NDX_ASSIGN_OR_RETURN(*stored.mutable_wrapped(), crypto::WrapKey(master_.view(), key->key.view()));
  batch->Put(kSubjectKeyFamily, id, stored.SerializeAsString());
  return key;
}

absl::StatusOr<v1::MovedKeys> SubjectKeys::Moved(uint64_t leaf) const {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database_->Get(kMovedKeyFamily, LeafKey(leaf)));
  v1::MovedKeys keys;
  if (!keys.ParseFromString(bytes)) {
    return absl::DataLossError(absl::StrCat("leaf ", leaf, ": its moved keys are damaged"));
  }
  return keys;
}

absl::StatusOr<crypto::SecretBytes> SubjectKeys::WrappingKeyOf(
    const v1::MovedKeys& keys, const google::protobuf::RepeatedField<uint32_t>& positions) const {
  JoinedKeys joined(static_cast<size_t>(positions.size()));
  for (const uint32_t position : positions) {
    if (position >= static_cast<uint32_t>(keys.subjects_size())) {
      return absl::DataLossError("a moved key names a subject that is not there");
    }
    const v1::MovedSubject& subject = keys.subjects(static_cast<int>(position));
    NDX_ASSIGN_OR_RETURN(const auto key, Find(subject.id()));
    if (key->serial != subject.serial()) return absl::NotFoundError("the part was erased");
    joined.Add(key->key.view());
  }
  return WrappingKey(joined.view());
}

absl::StatusOr<crypto::SecretBytes> SubjectKeys::GroupKeys(const v1::MovedKeys& keys,
                                                           const v1::MovedKeyGroup& group) const {
  if (group.subjects().empty()) {
    return crypto::UnwrapKey(house_wrapping_key_.view(), group.wrapped());
  }
  NDX_ASSIGN_OR_RETURN(const auto wrapping_key, WrappingKeyOf(keys, group.subjects()));
  return crypto::UnwrapKey(wrapping_key.view(), group.wrapped());
}

absl::StatusOr<crypto::SecretBytes> SubjectKeys::PartKey(const v1::MovedKeys& keys,
                                                         const v1::MovedPartKey& part) const {
  if (keys.pruned_by_plus_one() != 0) return absl::NotFoundError("the retention was over");
  if (part.subjects().empty()) {
    NDX_ASSIGN_OR_RETURN(const auto own, crypto::UnwrapKey(house_key_.view(), keys.own_key()));
    return crypto::UnwrapKey(WrappingKey(own.view()).view(), part.wrapped());
  }
  NDX_ASSIGN_OR_RETURN(const auto wrapping_key, WrappingKeyOf(keys, part.subjects()));
  return crypto::UnwrapKey(wrapping_key.view(), part.wrapped());
}

absl::StatusOr<v1::LeafSubjects> SubjectKeys::SubjectsOf(uint64_t leaf) const {
  const auto bytes = database_->Get(kLeafSubjectFamily, LeafKey(leaf));
  if (absl::IsNotFound(bytes.status())) return v1::LeafSubjects();
  NDX_RETURN_IF_ERROR(bytes.status());
  return ParseSubjects(leaf, *bytes);
}

absl::StatusOr<v1::LeafSubjects> SubjectKeys::ParseSubjects(
    uint64_t leaf, std::optional<absl::string_view> stored) {
  v1::LeafSubjects subjects;
  if (stored.has_value() &&
      !subjects.ParseFromArray(stored->data(), static_cast<int>(stored->size()))) {
    return absl::DataLossError(absl::StrCat("leaf ", leaf, ": its subjects are damaged"));
  }
  return subjects;
}

absl::Status SubjectKeys::Write(KeyMove move, uint64_t next_leaf) {
  move.batch_.Put(store::kDefaultFamily, kNextLeafKey, core::BigEndian(next_leaf));
  NDX_RETURN_IF_ERROR(database_->WriteSynced(move.batch_));
  next_leaf_.store(next_leaf);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SubjectKeys::SerialOf(const std::string& id) const {
  const auto bytes = database_->Get(kSubjectKeyFamily, id);
  if (absl::IsNotFound(bytes.status())) return 0;
  NDX_RETURN_IF_ERROR(bytes.status());
  v1::SubjectKey stored;
  if (!stored.ParseFromString(*bytes)) return absl::DataLossError("a subject's key is damaged");
  return stored.serial();
}

absl::Status SubjectKeys::Erase(const std::string& id, uint64_t serial) {
  NDX_ASSIGN_OR_RETURN(const uint64_t present, SerialOf(id));
  if (present != serial || serial == 0) return absl::OkStatus();
  {
    core::MutexLock lock(mutex_);
    ++erasures_;
    cache_.erase(id);
  }
  store::Batch batch;
  batch.Delete(kSubjectKeyFamily, id);
  NDX_RETURN_IF_ERROR(database_->WriteSynced(batch));
  core::MutexLock lock(mutex_);
  ++erasures_;
  cache_.erase(id);
  return absl::OkStatus();
}

}  // namespace ndx::journal

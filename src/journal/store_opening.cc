#include "store_opening.h"

#include "absl/strings/str_cat.h"
#include "key_mover.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/master_key.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

MasterKeys MasterKeysOf(const RocksJournalKeys& keys) {
  MasterKeys masters{.current = keys.master.Clone()};
  if (keys.master_change.has_value()) masters.previous = keys.master_change->previous.Clone();
  return masters;
}

// What is kept until a leaf says it.
std::string ChangeToRecord(const MasterKeys& masters, const KeyChange& by) {
  v1::UnrecordedKeyChange change;
  change.set_note(
      FormatKeyRotation({.kind = KeyRotation::Kind::kMaster,
                         .old_key = MasterKeyId(MasterKeyCheck(masters.previous->view())),
                         .new_key = MasterKeyId(MasterKeyCheck(masters.current.view()))}));
  change.set_operator_name(by.operator_name);
  change.set_operator_action(by.operator_action);
  change.set_operator_reason(by.operator_reason);
  return change.SerializeAsString();
}

// The store of subject keys, which must go with the journal: neither older than what the journal
// relies on it to hold, nor of a longer journal.
absl::StatusOr<std::unique_ptr<SubjectKeys>> OpenSubjectKeys(const EpochStore& epoch,
                                                             const RocksJournalOptions& options,
                                                             const MasterKeys& masters,
                                                             core::Random& random) {
  NDX_ASSIGN_OR_RETURN(const uint64_t moved_to, KeyMover::MovedTo(*epoch.database));
  NDX_ASSIGN_OR_RETURN(auto subjects,
                       SubjectKeys::Open({.epoch_directory = epoch.directory,
                                          .origin = OriginOf(options.node, epoch.epoch),
                                          .masters = masters.Clone(),
                                          .faults = options.faults},
                                         random));
  const uint64_t next_leaf = subjects->next_leaf();
  if (next_leaf >= moved_to && next_leaf <= epoch.tree.size()) return subjects;
  return absl::DataLossError(absl::StrCat("the journal does not start: its store of subject keys (",
                                          SubjectKeyDirectory(epoch.directory), ") goes to record ",
                                          next_leaf, ", the journal relies on it to record ",
                                          moved_to, " and holds ", epoch.tree.size(),
                                          " records. The two were not kept together. Restore both "
                                          "from one time, or open a new epoch."));
}

// Counts what was wrapped anew, and says what could not be.
void Count(const std::string& where, const Rewrapped& rewrapped, OpenedStores& opened) {
  opened.keys_rewrapped += rewrapped.keys;
  if (rewrapped.unreadable == 0) return;
  opened.remarks.push_back(absl::StrCat(where, ": ", rewrapped.unreadable,
                                        " keys are damaged: neither master key opens them"));
}

// An earlier epoch may be why there is a later one: damaged, or under a master key that is lost.
void RewrapEarlierEpochs(const RocksJournalOptions& options, const MasterKeys& masters,
                         OpenedStores& opened) {
  for (uint32_t epoch = 1; epoch < opened.epoch->epoch; ++epoch) {
    const std::string directory = EpochDirectory(options.directory, epoch);
    const auto rewrapped = RewrapEpoch(directory, masters);
    if (rewrapped.ok()) {
      Count(directory, *rewrapped, opened);
    } else {
      opened.remarks.push_back(absl::StrCat(
          directory,
          ": its keys are not under the new master key: ", rewrapped.status().message()));
    }
  }
}

}  // namespace

absl::StatusOr<OpenedStores> OpenStores(const RocksJournalOptions& options,
                                        const RocksJournalKeys& keys, const core::Clock& clock,
                                        core::Random& random) {
  const MasterKeys masters = MasterKeysOf(keys);
  const bool changes = masters.previous.has_value();
  const std::string record = changes ? ChangeToRecord(masters, keys.master_change->by) : "";
  OpenedStores opened;
  NDX_ASSIGN_OR_RETURN(opened.epoch, OpenEpochStore({.directory = options.directory,
                                                     .node = options.node,
                                                     .signing = {keys.signing, keys.next_signing},
                                                     .masters = masters,
                                                     .unrecorded_key_change = record,
                                                     .open_new_epoch = options.open_new_epoch,
                                                     .program_version = options.version,
                                                     .segment_bytes_max = options.segment_bytes_max,
                                                     .block_cache_bytes = options.block_cache_bytes,
                                                     .faults = options.faults},
                                                    clock));
  if (changes) RewrapEarlierEpochs(options, masters, opened);
  NDX_ASSIGN_OR_RETURN(opened.subjects, OpenSubjectKeys(*opened.epoch, options, masters, random));
  Count("keys", opened.subjects->rewrapped(), opened);
  if (opened.epoch->rewrap) {
    NDX_ASSIGN_OR_RETURN(const Rewrapped rewrapped,
                         RewrapJournalKeys(*opened.epoch->database, masters, record));
    Count("db", rewrapped, opened);
  }
  if (changes) {
    NDX_RETURN_IF_ERROR(ScrubJournalKeys(*opened.epoch->database));
    opened.remarks.push_back(
        "all keys are under the new master key: remove journal.master_key_change from the settings "
        "and destroy the old key, its shares too, unless a backup is to be read with it");
  }
  const std::string signing = opened.epoch->signer->Remark();
  if (!signing.empty()) opened.remarks.push_back(signing);
  return opened;
}

v1::JournalLeaf KeyRotationLeaf(std::string note, const KeyChange& change) {
  v1::JournalLeaf leaf;
  leaf.set_event(v1::JOURNAL_EVENT_KEY_ROTATED);
  leaf.set_note(std::move(note));
  leaf.set_operator_name(change.operator_name);
  leaf.set_operator_action(change.operator_action);
  leaf.set_operator_reason(change.operator_reason);
  return leaf;
}

absl::StatusOr<std::optional<v1::JournalLeaf>> UnrecordedKeyChange(
    const store::Database& database) {
  const auto bytes = database.Get(kMetaFamily, kUnrecordedKeyChangeKey);
  if (absl::IsNotFound(bytes.status())) return std::optional<v1::JournalLeaf>();
  NDX_RETURN_IF_ERROR(bytes.status());
  v1::UnrecordedKeyChange change;
  if (!change.ParseFromString(*bytes)) {
    return absl::DataLossError("the note of a change of the master key is unreadable");
  }
  return std::optional<v1::JournalLeaf>(
      KeyRotationLeaf(change.note(), {.operator_name = change.operator_name(),
                                      .operator_action = change.operator_action(),
                                      .operator_reason = change.operator_reason()}));
}

}  // namespace ndx::journal

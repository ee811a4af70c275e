// The parts of a node that the operator API works on.
//
// Ownership: everything referred to outlives the operator API.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/anchors/anchor_ledger.h"
#include "ndx/console/access_desk.h"
#include "ndx/console/certificate_desk.h"
#include "ndx/console/erasure_desk.h"
#include "ndx/console/journal_pages.h"
#include "ndx/console/mailbox_desk.h"
#include "ndx/console/node_control.h"
#include "ndx/console/peer_desk.h"
#include "ndx/console/persons.h"
#include "ndx/console/registry_desk.h"
#include "ndx/console/replay_desk.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_backup.h"
#include "ndx/journal/journal_key.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/journal/payload_retention.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/registry/registry.h"
#include "ndx/registry/registry_source.h"
#include "ndx/search/filter.h"
#include "ndx/search/search_index.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

// The keyed references (16 bytes) by which a value may stand in leaves of this time: one for each
// year.
using References = std::function<absl::StatusOr<std::vector<std::string>>(
    journal::ReferenceKind, absl::string_view value, const search::TimeBound&)>;

struct OperatorNode {
  const core::Clock& clock;
  telemetry::Log& log;
  journal::Journal& journal;
  const journal::JournalReader& reader;
  // The keys by which the journal is verified.
  journal::JournalKeys& keys;
  const registry::Registry& registry;
  // What the registry is loaded from, for checks.
  const registry::RegistrySource& registry_source;
  NodeControl& control;
  // Verifies the whole journal, as journal::VerifyJournal does; calls progress(done, all), which
  // says false to give up.
  using Progress = std::function<bool(uint64_t, uint64_t)>;
  std::function<absl::StatusOr<journal::VerifyReport>(const Progress&)> verify_journal;
  // Backs the journal up, as journal::BackUpJournal does; fills in the program's version.
  std::function<absl::StatusOr<journal::BackupSummary>(journal::BackupOptions)> back_up_journal;
  // Null: lists read every leaf in their time bound.
  search::SearchIndex* search_index = nullptr;
  // What becomes of payloads; null where nobody follows the journal.
  journal::PayloadKeeper* keeper = nullptr;
  // Erasures by two persons; not null where there is a keeper.
  ErasureDesk* erasures = nullptr;
  References references;
  // Changes of a registry that the node keeps itself; null where it is read from files.
  RegistryDesk* registry_desk = nullptr;
  const registry::RegistryLedger* registry_ledger = nullptr;  // not null where there is a desk
  AccessDesk* access_desk = nullptr;                          // likewise
  // Days before the last of a grant from which it is called to mind.
  uint32_t grant_reminder_days = 30;
  // Which operators are one person, as seen on the HTTP port; null where there is none.
  Persons* persons = nullptr;
  // Replays as tasks; null where the node keeps none.
  ReplayDesk* replay_desk = nullptr;
  // Certificates that the node denies; null where it has no such list.
  CertificateDesk* certificate_desk = nullptr;
  // Kept requests and the stop switch; null where the node keeps none.
  MailboxDesk* mailbox_desk = nullptr;
  // Other nodes and their services; null where the node relays to none.
  PeerDesk* peer_desk = nullptr;
  // What becomes of payloads with time; null where none are kept.
  journal::PayloadRetention* retention = nullptr;
  // Where the journal lies, for the figure of free space.
  std::string journal_directory;
  // The journal's anchors; null where the node keeps none.
  const anchors::AnchorLedger* anchors = nullptr;
  // Certificates of the time-stamp authorities by name, PEM; not null where there are anchors.
  const std::map<std::string, std::string>* authority_pem = nullptr;
};

}  // namespace ndx::console

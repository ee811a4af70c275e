// The catalogue of everything a node, an adapter or a tool may log: one entry per event, with its
// name, its severity and what it means to the person on duty. Add an event here and in the table of
// log_event.cc; there is no other way to write a line.
//
// Thread-safety: constant.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ndx::telemetry {

enum class LogSeverity { kDebug, kInfo, kWarning, kError };

enum class LogEvent {
  // Life of a process.
  kNodeStarting,
  kNodeReady,
  kNodeStopping,
  kNodeStopped,
  kNodeFailed,
  kConfigurationRefused,
  kListening,
  kClockJumped,
  kLogLinesLost,
  kSecretMemoryNotLocked,
  // Network.
  kHandshakeRefused,
  kConnectionRefused,
  kConnectionAbused,
  kConnectionsCapped,
  kAnswerNotTaken,
  kConnectionClosed,
  // Exchanges.
  kExchangeAnswered,
  kExchangeRefused,
  kExchangeFailed,
  kExchangeInDoubt,
  kExchangeResolved,
  kLimitInShadow,
  kBulkHarvesting,
  kDeliveryDead,
  kDeliveriesStopped,
  kDeliveriesResumed,
  kMailboxFailed,
  // Providers.
  kProviderDown,
  kProviderUp,
  kProviderCutOff,
  kPeerFeedRefused,
  kPeerFeedBack,
  kBreakerOpened,
  kBreakerClosed,
  // Journal.
  kJournalOpened,
  kJournalRecovered,
  kJournalRefusedToOpen,
  kJournalWriteFailed,
  kJournalSpaceLow,
  kJournalSpaceBack,
  kJournalKeyRotated,
  kContinuityNotKept,
  kCheckpointFailed,
  kSearchIndexTrouble,
  kFollowerTrouble,
  kFollowerRecovered,
  kPayloadErased,
  kErasureWaits,
  // Anchors outside the node, and witnessing for others.
  kAnchored,
  kAnchorFailed,
  kAnchorOverdue,
  kAnchorRecovered,
  kAnchorContradicted,
  kAnchorStopped,
  kWitnessSawContradiction,
  kWitnessWriteFailed,
  // Registry and certificates.
  kRegistryLoaded,
  kRegistryRefused,
  kGrantEndsSoon,
  kAccessRequestOverdue,
  kCertificateExpiresSoon,
  kCertificateLoaded,
  kCertificateRefused,
  kRevocationListStale,
  kRevocationListRead,
  kRevocationListRefused,
  kOcspFailed,
  // Operators.
  kOperatorCommand,
  kOperatorRefused,
  kReplayExecuted,
  kReplayStarted,
  kReplayPaused,
  kReplayEnded,
  kReplayHalted,
  // Adapters.
  kAdapterStarted,
  kAdapterStopped,
  kDatabaseDown,
  kDatabaseUp,
  kAdapterCallFailed,
};

struct LogEventEntry {
  LogEvent event;
  absl::string_view name;  // area.what_happened
  LogSeverity severity;
  absl::string_view meaning;  // what it means and what to do, for the manual
};

// The whole catalogue, in the order of the enum.
absl::Span<const LogEventEntry> LogEventCatalogue();

// The entry of an event.
const LogEventEntry& EntryOf(LogEvent event);

// debug, info, warning or error.
absl::string_view SeverityName(LogSeverity severity);

}  // namespace ndx::telemetry

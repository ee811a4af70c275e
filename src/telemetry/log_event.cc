#include "ndx/telemetry/log_event.h"

#include "ndx/core/status_macros.h"

namespace ndx::telemetry {
namespace {

using enum LogEvent;
using enum LogSeverity;

constexpr LogEventEntry kCatalogue[] = {
    {kNodeStarting, "node.starting", kInfo,
     "The program starts with this version and these settings."},
    {kNodeReady, "node.ready", kInfo, "All listeners are open; traffic is accepted."},
    {kNodeStopping, "node.stopping", kInfo,
     "Asked to stop; exchanges in flight are finished first."},
    {kNodeStopped, "node.stopped", kInfo, "Stopped by itself; nothing was cut."},
    {kNodeFailed, "node.failed", kError,
     "The program cannot go on and exits; the cause says what to repair."},
    {kConfigurationRefused, "node.configuration_refused", kError,
     "A settings file is wrong; correct the file, path and value named."},
    {kListening, "node.listening", kInfo, "A listener is open at this address."},
    {kClockJumped, "node.clock_jumped", kWarning,
     "The wall clock was moved; check the time service."},
    {kLogLinesLost, "node.log_lines_lost", kWarning,
     "Lines were dropped because the log could not be written as fast as it came."},
    {kSecretMemoryNotLocked, "node.secret_memory_not_locked", kWarning,
     "Keys may be swapped to disk: raise the limit of locked memory (LimitMEMLOCK=8M)."},
    {kHandshakeRefused, "network.handshake_refused", kWarning,
     "A caller without an acceptable certificate; it never became an exchange."},
    {kConnectionRefused, "network.connection_refused", kWarning,
     "Over a limit of connections; find out who opens so many."},
    {kConnectionAbused, "network.connection_abused", kWarning,
     "A connection broke the protocol or a rate limit and was closed; the kind is the row of the "
     "table of limits in src/transport/README.md."},
    {kConnectionsCapped, "network.connections_capped", kWarning,
     "Fewer connections are taken than the settings say, because the process may not open as many "
     "files; raise its limit (LimitNOFILE)."},
    {kAnswerNotTaken, "network.answer_not_taken", kWarning,
     "A caller took too little of an answer; its stream was reset to free the memory."},
    {kConnectionClosed, "network.connection_closed", kDebug, "A connection ended."},
    {kExchangeAnswered, "exchange.answered", kDebug, "The provider answered."},
    {kExchangeRefused, "exchange.refused", kInfo,
     "Refused before anything was sent; the reason says whose move it is."},
    {kExchangeFailed, "exchange.failed", kWarning,
     "Accepted and failed; the reason says whose move it is."},
    {kExchangeInDoubt, "exchange.in_doubt", kWarning,
     "A change was sent and its outcome is not known; resolve it with ndxctl resolve."},
    {kExchangeResolved, "exchange.resolved", kInfo,
     "The outcome of an exchange in doubt has become known."},
    {kLimitInShadow, "exchange.limit_in_shadow", kWarning,
     "Past a limit that is in shadow mode: let through. See what it would refuse, then decide."},
    {kBulkHarvesting, "exchange.bulk_harvesting", kError,
     "The consumer has asked about as many different persons today as its grant allows, and goes "
     "on: it may be walking through a register. Ask its owner; suspend the system if in doubt."},
    {kDeliveryDead, "delivery.dead", kWarning,
     "A kept request is not delivered any more; the reason says why. Look at it with ndxctl "
     "mailbox."},
    {kDeliveriesStopped, "delivery.stopped", kWarning,
     "An operator stopped retries, deliveries and replays, of all or of a part."},
    {kDeliveriesResumed, "delivery.resumed", kInfo, "An operator lets them go on."},
    {kMailboxFailed, "mailbox.failed", kError,
     "The mailbox cannot be read or written; restart the node, which then asks the journal."},
    {kProviderDown, "provider.down", kWarning, "A provider cannot be reached; tell its owner."},
    {kProviderUp, "provider.up", kInfo, "A provider answers again."},
    {kProviderCutOff, "provider.cut_off", kWarning,
     "A provider's connection broke the protocol or a limit and was closed; tell its owner."},
    {kPeerFeedRefused, "peer.feed_refused", kWarning,
     "A peer did not tell its services, or told what cannot be used; those it told before stay on "
     "offer. See the error and `ndxctl peers list`."},
    {kPeerFeedBack, "peer.feed_back", kInfo, "A peer tells its services again."},
    {kBreakerOpened, "provider.breaker_opened", kWarning,
     "Too many calls failed; the provider is left alone for a while."},
    {kBreakerClosed, "provider.breaker_closed", kInfo,
     "The provider works again; calls go to it as before."},
    {kJournalOpened, "journal.opened", kInfo, "The journal is open, with this many leaves."},
    {kJournalRecovered, "journal.recovered", kWarning,
     "The last run did not end by itself; the exchanges counted are now in doubt."},
    {kJournalRefusedToOpen, "journal.refused_to_open", kError,
     "The journal disagrees with its newest checkpoint; do not delete anything, restore or open a "
     "new epoch."},
    {kJournalWriteFailed, "journal.write_failed", kError,
     "A synced write failed; the node stops serving."},
    {kJournalSpaceLow, "journal.space_low", kError,
     "Below the low-water mark; new exchanges are refused. Free space."},
    {kJournalSpaceBack, "journal.space_back", kInfo, "Enough space again; exchanges are accepted."},
    {kJournalKeyRotated, "journal.key_rotated", kInfo, "The journal signs with a new key."},
    {kContinuityNotKept, "journal.continuity_not_kept", kWarning,
     "The newest checkpoint cannot be noted in the continuity file: an older copy of the journal "
     "would not be told from it. Look at the file's disk."},
    {kCheckpointFailed, "journal.checkpoint_failed", kError,
     "A checkpoint could not be written; answers are withheld."},
    {kSearchIndexTrouble, "journal.search_index_trouble", kWarning,
     "The search index cannot be written or was begun anew; exchanges go on, searches are slower."},
    {kFollowerTrouble, "journal.follower_trouble", kError,
     "Payload keys are not moved under their subjects', so nothing can be erased and intake keys "
     "stay; the error says what to repair. It is tried again."},
    {kFollowerRecovered, "journal.follower_recovered", kInfo, "The follower goes on."},
    {kPayloadErased, "journal.payload_erased", kInfo,
     "What was recorded about one person was made unreadable, as the order in the leaf says."},
    {kErasureWaits, "journal.erasure_waits", kWarning,
     "An approved erasure is not carried out yet, because of a legal hold or an exchange that is "
     "still open; the error says which. It is tried again."},
    {kAnchored, "anchor.obtained", kDebug,
     "A witness has cosigned, or an authority time-stamped, the checkpoint of this size."},
    {kAnchorFailed, "anchor.failed", kWarning,
     "A witness or time-stamp authority did not give what was asked; it is asked again."},
    {kAnchorOverdue, "anchor.overdue", kError,
     "The journal has been without the anchors it must have since the time named; see why the "
     "witnesses or authorities do not answer."},
    {kAnchorRecovered, "anchor.recovered", kInfo, "The anchors are there again."},
    {kAnchorContradicted, "anchor.contradicted", kError,
     "A witness has cosigned what this journal does not hold: it was restored from an older copy, "
     "or changed. Stop the node and compare it with the witness."},
    {kAnchorStopped, "anchor.stopped", kError,
     "No new exchanges are taken until the journal is anchored again, as the settings ask."},
    {kWitnessSawContradiction, "witness.contradiction", kError,
     "A log that is witnessed here signed a checkpoint that does not continue its last one; the "
     "request is kept as evidence. Tell its operator and the supervisor."},
    {kWitnessWriteFailed, "witness.write_failed", kError,
     "What was cosigned could not be written; this log is not witnessed until the next start."},
    {kRegistryLoaded, "registry.loaded", kInfo, "This version of the registry is in force."},
    {kRegistryRefused, "registry.refused", kError,
     "The registry files are wrong; the old registry stays in force. Correct the file, path and "
     "value named."},
    {kGrantEndsSoon, "registry.grant_ends_soon", kWarning,
     "A grant's last day is near; said once a day. Whoever needs it longer asks for an extension: "
     "`ndxctl access request --renew`."},
    {kAccessRequestOverdue, "registry.access_request_overdue", kWarning,
     "A request for access waits longer than it should for its owner or for an answer; said once a "
     "day."},
    {kCertificateExpiresSoon, "certificate.expires_soon", kWarning,
     "Renew the certificate named within the days left."},
    {kCertificateLoaded, "certificate.loaded", kInfo,
     "A certificate's files have changed; new connections get the new one."},
    {kCertificateRefused, "certificate.refused", kError,
     "A certificate's files have changed and cannot be used; the old one stays. Certificate and "
     "key "
     "must belong together, and nobody else may read the key."},
    {kRevocationListStale, "certificate.revocation_list_stale", kWarning,
     "The revocation list is older than its next update; fetch a new one."},
    {kRevocationListRead, "certificate.revocation_list_read", kInfo,
     "The list of this file is in force."},
    {kRevocationListRefused, "certificate.revocation_list_refused", kError,
     "The file of a revocation list has changed and does not do; the list before it stays in "
     "force. "
     "Put a list there that one of the authorities in client_ca_file signed, by renaming."},
    {kOcspFailed, "certificate.ocsp_failed", kWarning,
     "A responder gave no answer that counts about a caller's certificate; the answer before "
     "counts "
     "while it is not out of date."},
    {kOperatorCommand, "operator.command", kInfo,
     "An operator did something; the journal holds the leaf."},
    {kOperatorRefused, "operator.refused", kWarning,
     "An operator lacks the role for what was asked."},
    {kReplayExecuted, "operator.replay_executed", kInfo, "A recorded exchange was executed again."},
    {kReplayStarted, "replay.started", kInfo, "A replay task runs; the journal holds the leaf."},
    {kReplayPaused, "replay.paused", kWarning,
     "A replay task has halted: an operator's order, failures in a row, a restart of the node. "
     "Look "
     "at `ndxctl replay show`, then `ndxctl replay resume` or `cancel`."},
    {kReplayEnded, "replay.ended", kInfo, "A replay task has ended or was given up."},
    {kReplayHalted, "replay.halted", kError,
     "What replay tasks do could not be recorded or kept; the one named has stopped, without a "
     "name "
     "there are none until the next start. See to disk and journal, then `ndxctl replay resume`."},
    {kAdapterStarted, "adapter.started", kInfo, "The adapter serves these services."},
    {kAdapterStopped, "adapter.stopped", kInfo, "The adapter stopped by itself."},
    {kDatabaseDown, "adapter.database_down", kError,
     "The database behind the adapter does not answer."},
    {kDatabaseUp, "adapter.database_up", kInfo, "The database answers again."},
    {kAdapterCallFailed, "adapter.call_failed", kWarning, "A call failed inside the adapter."},
};

// EntryOf() finds an entry by its place; two who add events at once must not shift the others.
constexpr bool InTheOrderOfTheEnum() {
  size_t place = 0;
  for (const LogEventEntry& entry : kCatalogue) {
    if (static_cast<size_t>(entry.event) != place++) return false;
  }
  return true;
}
static_assert(InTheOrderOfTheEnum());

}  // namespace

absl::Span<const LogEventEntry> LogEventCatalogue() { return kCatalogue; }

const LogEventEntry& EntryOf(LogEvent event) {
  const auto index = static_cast<size_t>(event);
  NDX_CHECK(index < LogEventCatalogue().size());
  return kCatalogue[index];
}

absl::string_view SeverityName(LogSeverity severity) {
  switch (severity) {
    case kDebug:
      return "debug";
    case kInfo:
      return "info";
    case kWarning:
      return "warning";
    case kError:
      return "error";
  }
  return "error";
}

}  // namespace ndx::telemetry

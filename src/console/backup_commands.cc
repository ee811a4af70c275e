// The method of the backup service.
#include <atomic>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/v1/journal_backup_service.pb.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

using Reply = TypedReply<v1::BackUpJournalResponse>;

v1::BackUpJournalResponse ResultOf(const journal::BackupSummary& summary) {
  v1::BackUpJournalResponse result;
  result.set_bytes_done(summary.bytes);
  result.set_bytes_total(summary.bytes);
  result.set_done(true);
  result.set_backup_id(summary.backup_id);
  result.set_origin(summary.origin);
  result.set_tree_size(summary.tree_size);
  result.set_files(summary.files);
  if (summary.keys_not_after != absl::InfinitePast()) {
    result.mutable_keys_not_after()->set_seconds(absl::ToUnixSeconds(summary.keys_not_after));
  }
  for (const std::string& one : summary.left_out) result.add_left_out(one);
  return result;
}

// Looks whether it can be done, records it, does it.
absl::Status BackUp(const OperatorNode& node, const OperatorIdentity& who,
                    const v1::BackUpJournalRequest& request, Reply& reply) {
  journal::BackupOptions options{.directory = request.directory(),
                                 .keys_directory = request.keys_directory()};
  if (request.keys_days() > 0) options.keys_kept = absl::Hours(24) * request.keys_days();
  NDX_RETURN_IF_ERROR(journal::CheckBackupPlaces(node.journal_directory, options));
  NDX_RETURN_IF_ERROR(
      OperatorLedger(node.journal)
          .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_READ,
                   .operator_name = who.name,
                   .action = "BackUpJournal",
                   .reason = request.keys_directory().empty() ? "without keys" : "with keys",
                   .exchange = {}})
          .status());
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "BackUpJournal"}});
  options.progress = [&reply](uint64_t done, uint64_t all) {
    v1::BackUpJournalResponse progress;
    progress.set_bytes_done(done);
    progress.set_bytes_total(all);
    if (!reply.congested()) reply.Send(progress);
    // Nobody waits for the result: the caller hung up, or the node is stopping.
    return !reply.cancelled();
  };
  NDX_ASSIGN_OR_RETURN(const auto summary, node.back_up_journal(std::move(options)));
  reply.Send(ResultOf(summary));
  return absl::OkStatus();
}

}  // namespace

void AddBackupMethod(const OperatorNode& node, OperatorMethods& methods) {
  const auto running = std::make_shared<std::atomic<bool>>(false);
  methods.Add<v1::BackUpJournalRequest, v1::BackUpJournalResponse>(
      "BackUpJournal", settings::v1::OPERATOR_ROLE_ADMINISTRATOR,
      [&node, running](const OperatorIdentity& who, const auto& request, auto reply) {
        if (running->exchange(true)) {
          reply.Finish(absl::AbortedError("another backup is under way; wait for it to end"));
          return;
        }
        const absl::Status status = BackUp(node, who, request, reply);
        running->store(false);
        reply.Finish(status);
      });
}

}  // namespace ndx::console

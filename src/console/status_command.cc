// The operator method that shows the state of the node.
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/retention_view.h"
#include "ndx/console/service_catalogue.h"

namespace ndx::console {
namespace {

// A checkpoint begins with three lines: origin, size, root in base64 (C2SP tlog-checkpoint).
void ReadCheckpoint(const std::string& checkpoint, v1::JournalStatus& journal) {
  const std::vector<std::string> lines = absl::StrSplit(checkpoint, '\n');
  if (lines.size() < 3) return;
  journal.set_origin(lines[0]);
  absl::Base64Unescape(lines[2], journal.mutable_root());
}

void FillFollower(const journal::FollowProgress& progress, v1::FollowerStatus& follower) {
  follower.set_followed_to(progress.next_leaf);
  if (progress.next_leaf < progress.size) {
    follower.mutable_lag()->set_seconds(absl::ToInt64Seconds(progress.lag));
  }
  follower.set_intake_keys(progress.intake_keys);
  if (progress.intake_keys > 0) {
    *follower.mutable_oldest_intake_key() = ToTimestamp(progress.oldest_intake_key);
  }
  follower.set_trouble(std::string(progress.trouble.message()));
}

void FillJournal(const OperatorNode& node, const VerificationRecord& verification,
                 DoubtTally& doubts, v1::JournalStatus& journal) {
  ReadCheckpoint(node.reader.Checkpoint(), journal);
  journal.set_tree_size(node.reader.size());
  if (journal.tree_size() > 0) {
    if (const auto newest = node.reader.Leaf(journal.tree_size() - 1); newest.ok()) {
      *journal.mutable_newest_leaf_time() =
          ToTimestamp(absl::FromUnixNanos(newest->leaf.time_unix_ns()));
    }
  }
  if (const auto last = verification.last(); last.has_value()) {
    journal.set_verified_to(last->leaves);
    *journal.mutable_verified_time() = ToTimestamp(last->time);
  }
  const DoubtTally::Count count = doubts.Update(node.reader);
  journal.set_in_doubt(count.in_doubt);
  journal.set_in_doubt_counted_to(count.counted_to);
  if (node.search_index != nullptr) {
    journal.set_indexed_to(node.search_index->indexed());
    journal.set_index_trouble(std::string(node.search_index->trouble().message()));
  }
  if (node.keeper != nullptr) FillFollower(node.keeper->progress(), *journal.mutable_follower());
  if (node.retention != nullptr) {
    *journal.mutable_retention() = RetentionStatusOf(*node.retention);
  }
  std::error_code error;
  const auto space = std::filesystem::space(node.journal_directory, error);
  if (!error) journal.set_free_bytes(space.available);
  journal.set_vkey(node.keys.vkey());
  journal.set_writable(node.journal.AcceptsNewExchanges().ok());
}

}  // namespace

void AddStatusMethod(const OperatorNode& node, const VerificationRecord& verification,
                     DoubtTally& doubts, OperatorMethods& methods) {
  methods.AddUnary<v1::GetStatusRequest, v1::GetStatusResponse>(
      "GetStatus", settings::v1::OPERATOR_ROLE_VIEWER,
      [&node, &verification, &doubts](const OperatorIdentity& who, const auto&) {
        v1::GetStatusResponse status = node.control.Status();
        *status.mutable_now() = ToTimestamp(node.clock.Now());
        FillJournal(node, verification, doubts, *status.mutable_journal());
        const auto registry = node.registry.Current();
        status.set_registry_version(registry->VersionHex());
        *status.mutable_registry() = CountsOf(*registry);
        status.set_operator_name(who.name);
        for (const OperatorRole role : who.roles) status.add_operator_roles(RoleName(role));
        return status;
      });
}

}  // namespace ndx::console

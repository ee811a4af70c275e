#include "ndx/daemon/journal_continuity.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/daemon/anchoring.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/newest_checkpoint.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

struct Signed {
  std::string note;
  journal::TreeHead head;
};

// What the journal has signed last. A journal that is not there has signed nothing, and that may be
// less than it should be, too.
absl::StatusOr<Signed> NewestSigned(const std::string& directory, const std::string& node,
                                    const journal::RocksJournalKeys& keys) {
  std::vector<crypto::Ed25519PrivateKey> signing{keys.signing};
  if (keys.next_signing.has_value()) signing.push_back(*keys.next_signing);
  NDX_ASSIGN_OR_RETURN(auto newest, journal::NewestOwnCheckpoint(directory, node, signing));
  if (newest.has_value()) {
    return Signed{.note = std::move(newest->note), .head = newest->checkpoint.head};
  }
  const std::string origin = journal::OriginOf(node, 1);
  NDX_ASSIGN_OR_RETURN(const auto signer, journal::NoteSigner::Create(origin, keys.signing));
  const journal::TreeHead empty{.size = 0, .root = journal::EmptyRoot()};
  return Signed{.note = journal::SignCheckpoint({.origin = origin, .head = empty}, signer),
                .head = empty};
}

}  // namespace

absl::StatusOr<std::unique_ptr<JournalContinuity>> JournalContinuity::Check(
    const settings::v1::NodeSettings& settings, const std::string& settings_file,
    const journal::RocksJournalKeys& keys, bool open_new_epoch, telemetry::Log& log) {
  const std::string directory =
      settings::ResolvePath(settings_file, settings.journal().directory());
  std::unique_ptr<journal::ContinuityFile> file;
  if (!settings.journal().continuity_file().empty()) {
    const std::string path =
        settings::ResolvePath(settings_file, settings.journal().continuity_file());
    if (absl::StartsWith(path, absl::StrCat(directory, "/"))) {
      return absl::InvalidArgumentError(
          absl::StrCat(settings_file,
                       ": journal.continuity_file: lies in the journal's directory, "
                       "with which it would be restored"));
    }
    NDX_ASSIGN_OR_RETURN(file, journal::ContinuityFile::Open(path));
  }
  const auto newest = NewestSigned(directory, settings.node().origin(), keys);
  // What cannot be read is for the journal itself to refuse.
  if (newest.ok() && !open_new_epoch) {
    if (file != nullptr) NDX_RETURN_IF_ERROR(file->Check(newest->note));
    NDX_RETURN_IF_ERROR(
        Anchoring::RefuseOlderCopy(settings, settings_file, newest->note, newest->head));
  }
  return std::unique_ptr<JournalContinuity>(new JournalContinuity(std::move(file), log));
}

void JournalContinuity::Keep(const std::string& checkpoint) {
  if (file_ == nullptr) return;
  const absl::Status kept = file_->Keep(checkpoint);
  if (!kept.ok() && !failing_) {
    log_.Write(telemetry::LogEvent::kContinuityNotKept, {{"error", kept}});
  }
  failing_ = !kept.ok();
}

}  // namespace ndx::daemon

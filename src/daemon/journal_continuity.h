// That the journal which is opened is the newest there is: asked of the witnesses and of the
// continuity file before anything is signed with it, and noted in that file while the node serves.
//
// Thread-safety: thread-compatible; of the main thread. Ownership: the log outlives it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/continuity_file.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/telemetry/log.h"

namespace ndx::daemon {

class JournalContinuity {
 public:
  // kDataLoss, with what to do, if the journal in the settings' directory is an older copy. Nothing
  // is asked where a new epoch is to be opened.
  static absl::StatusOr<std::unique_ptr<JournalContinuity>> Check(
      const settings::v1::NodeSettings& settings, const std::string& settings_file,
      const journal::RocksJournalKeys& keys, bool open_new_epoch, telemetry::Log& log);

  // Notes the newest checkpoint, if there is a file for it. A fault is logged once.
  void Keep(const std::string& checkpoint);

 private:
  JournalContinuity(std::unique_ptr<journal::ContinuityFile> file, telemetry::Log& log)
      : file_(std::move(file)), log_(log) {}

  const std::unique_ptr<journal::ContinuityFile> file_;  // null: none
  telemetry::Log& log_;
  bool failing_ = false;
};

}  // namespace ndx::daemon

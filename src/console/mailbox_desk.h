// Orders about what the node sends of itself: the stop switch, and kept requests. Recorded, then
// carried out; a crash in between leaves an order that is given again.
//
// Thread-safety: thread-safe; everything blocks on the disk. Ownership: everything given outlives
// it. Errors: kNotFound and kFailedPrecondition of what there is; RefusalStatus() of
// JOURNAL_UNAVAILABLE; others of dispatch::StopSwitch and mailbox::Mailbox.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "ndx/broker/kept_requests.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/dispatch/stop_switch.h"
#include "ndx/journal/journal.h"
#include "ndx/mailbox/mailbox.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

class MailboxDesk {
 public:
  struct Parts {
    dispatch::StopSwitch& stops;
    mailbox::Mailbox& mailbox;
    journal::Journal& journal;
    const core::Clock& clock;
    telemetry::Log& log;
  };
  explicit MailboxDesk(const Parts& parts) : parts_(parts) {}
  MailboxDesk(const MailboxDesk&) = delete;
  MailboxDesk& operator=(const MailboxDesk&) = delete;

  const dispatch::StopSwitch& stops() const { return parts_.stops; }
  mailbox::Mailbox& mailbox() const { return parts_.mailbox; }

  struct Stopped {
    dispatch::StopOrder order;
    bool was_stopped = false;
  };
  absl::StatusOr<Stopped> Stop(const std::string& who, const dispatch::StopScope& scope,
                               const std::string& reason);
  // The index of the leaf, here and below.
  absl::StatusOr<uint64_t> Resume(const std::string& who, const dispatch::StopScope& scope,
                                  const std::string& reason);
  absl::StatusOr<uint64_t> Retry(const std::string& who, const broker::KeptKey& key,
                                 const std::string& reason);
  absl::StatusOr<uint64_t> Discard(const std::string& who, const broker::KeptKey& key,
                                   const std::string& reason);

 private:
  void Tell(telemetry::LogEvent event, const std::string& who, const std::string& action,
            uint64_t leaf);

  const Parts parts_;
  core::Mutex deciding_;  // held over the disk: one order at a time
};

}  // namespace ndx::console

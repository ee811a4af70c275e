// What `ndxctl doctor` looks at, one function a subject. Every finding says what to do.
//
// Thread-safety: thread-safe functions. They read files and the clock; they change nothing.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/settings/v1/node_settings.pb.h"

namespace ndx::tools::ndxctl {

enum class Verdict { kGood, kWarning, kBad, kNotChecked };

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string subject;
  std::string detail;
  // What to do; empty when nothing is to be done.
  std::string remedy_en;
  std::string remedy_vi;
};

// Days of validity left from which a certificate is due for renewal.
inline constexpr int kCertificateDaysWarning = 30;
// Difference between two clocks from which exchanges, certificates and leaves suffer.
inline constexpr absl::Duration kClockDifferenceMax = absl::Seconds(5);
// Payloads that are due are removed within the hour, unless there is too much to do.
inline constexpr absl::Duration kRetentionLagMax = absl::Hours(24);

// Time that the journal's follower may be behind before somebody should look.
inline constexpr absl::Duration kFollowerLagWarning = absl::Minutes(5);
// From the beginning of an intake key's hour until it must have been destroyed.
inline constexpr absl::Duration kIntakeKeyAgeMax = absl::Hours(24);

// Reads the node's settings; they are left in `settings` when they are good.
Finding CheckSettings(const std::string& file, settings::v1::NodeSettings& settings);

// A file that nobody but its owner may read: exists, regular, mode 0600 or stricter.
Finding CheckSecretFile(const std::string& subject, const std::string& path);

// A certificate in PEM: readable, valid now, days left.
Finding CheckCertificate(const std::string& subject, const std::string& path, absl::Time now);

// The journal's directory, or the one it will be made in: writable, closed to others, with space
// above the low-water mark.
std::vector<Finding> CheckJournal(const settings::v1::JournalSettings& settings);

// The kernel's opinion of its clock, adjtimex(2).
Finding CheckClock();

// The node's clock against this one's.
Finding CompareClocks(absl::Time node, absl::Time here);

// What the node says of itself and of its providers.
std::vector<Finding> CheckStatus(const console::v1::GetStatusResponse& status);

}  // namespace ndx::tools::ndxctl

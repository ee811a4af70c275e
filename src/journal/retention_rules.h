// How long payloads are kept after their exchange is closed: by the security level of the node's
// information system (cấp độ an toàn hệ thống thông tin), and by exceptions for services and
// methods. Leaves, proofs and receipts are kept for ever, whatever stands here.
//
// Thread-safety: thread-compatible; const calls may run at the same time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

inline constexpr uint32_t kSecurityLevelMin = 2;
inline constexpr uint32_t kSecurityLevelMax = 5;
inline constexpr uint32_t kKeepDaysMin = 1;
inline constexpr uint32_t kKeepDaysMax = 3660;  // ten years
inline constexpr size_t kRetentionExceptionsMax = 256;
// Different retentions; the journal is walked once for each.
inline constexpr size_t kRetentionsMax = 16;

// Days of the longest 1, 3, 6 and 12 calendar months there are, so that a month is never cut short.
inline constexpr uint32_t kKeepDaysOfLevel2 = 31;
inline constexpr uint32_t kKeepDaysOfLevel3 = 92;
inline constexpr uint32_t kKeepDaysOfLevel4 = 184;
inline constexpr uint32_t kKeepDaysOfLevel5 = 366;

// The days for a security level; kInvalidArgument for one that has none.
absl::StatusOr<uint32_t> KeepDaysOfLevel(uint32_t level);

struct RetentionException {
  // A service, "package.Service", or a method of it, "/package.Service/Method".
  std::string name;
  uint32_t keep_days = 0;  // 0: for ever
};

// What applies to a method.
struct AppliedRetention {
  uint32_t keep_days = 0;  // 0: for ever
  // The exception that says so; empty: the node's security level, or that there is none.
  std::string exception;
};

class RetentionRules {
 public:
  // Everything is kept.
  RetentionRules() = default;

  // Without a level, what no exception names is kept for ever. remove_relayed: what another node
  // has answered is not kept, where no exception names it. kInvalidArgument, naming the value, for
  // what is out of bounds, no name, or named twice.
  static absl::StatusOr<RetentionRules> Make(std::optional<uint32_t> security_level,
                                             const std::vector<RetentionException>& exceptions,
                                             bool remove_relayed = false);

  AppliedRetention For(absl::string_view method) const;

  // For how many days the payloads of an exchange are kept that this leaf closes; nothing: for
  // ever.
  std::optional<uint32_t> DaysOf(const v1::JournalLeaf& closing) const;

  // The retentions that end, ascending, each once.
  std::vector<uint32_t> Retentions() const;
  // The same, with 0 where what others have answered is not kept: all that DaysOf() may say.
  std::vector<uint32_t> AllDays() const;

  // Tells these rules from others.
  std::string Digest() const;

  std::optional<uint32_t> security_level() const { return security_level_; }
  const std::map<std::string, uint32_t>& exceptions() const { return exceptions_; }

 private:
  std::optional<uint32_t> security_level_;
  uint32_t keep_days_ = 0;
  std::map<std::string, uint32_t> exceptions_;
  bool remove_relayed_ = false;
};

}  // namespace ndx::journal

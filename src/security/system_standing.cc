#include "ndx/security/system_standing.h"

#include "ndx/registry/calendar.h"

namespace ndx::security {

std::optional<core::Refusal> RefusalOfSystem(const registry::SystemEntry& system,
                                             const std::string& node_contact, absl::Time now) {
  const absl::CivilDay today = registry::VietnamDay(now);
  const registry::MemberEntry& member = *system.member;
  if (member.successor != nullptr && member.in_use.to.has_value() && *member.in_use.to < today) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_MEMBER_REPLACED,
                         .parameters = {{"member", member.code.text()},
                                        {"date", member.in_use.ToText()},
                                        {"successor", member.LatestSuccessor().OwnerText()}}};
  }
  if (system.suspended || member.suspended || !member.in_use.Contains(today)) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_SYSTEM_SUSPENDED,
                         .parameters = {{"system", system.id.text()}, {"node", node_contact}}};
  }
  if (!system.in_use.Contains(today)) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_SYSTEM_NOT_IN_USE,
                         .parameters = {{"system", system.id.text()},
                                        {"from", system.in_use.FromText()},
                                        {"to", system.in_use.ToText()},
                                        {"node", node_contact}}};
  }
  return std::nullopt;
}

}  // namespace ndx::security

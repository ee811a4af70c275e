#include "ndx/console/operator_rights.h"

#include "absl/strings/str_cat.h"
#include "ndx/console/refusal_status.h"

namespace ndx::console {

absl::Status RequireRole(const OperatorIdentity& who, OperatorRole role, absl::string_view what) {
  if (who.Has(role)) return absl::OkStatus();
  return RefusalStatus(
      {.reason = exchange::v1::ERROR_REASON_OPERATOR_ROLE_MISSING,
       .parameters = {
           {"method", std::string(what)}, {"role", RoleName(role)}, {"user", who.name}}});
}

absl::Status UnknownOperator(const transport::PeerIdentity& peer) {
  const bool local = peer.kind == transport::PeerKind::kUnix;
  return RefusalStatus(
      {.reason = exchange::v1::ERROR_REASON_OPERATOR_UNKNOWN,
       .parameters = {{"user", local ? absl::StrCat("uid ", peer.unix_peer.uid) : "(remote)"}}});
}

}  // namespace ndx::console

#include "ndx/console/certificate_desk.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/spki_digest.h"

namespace ndx::console {
namespace {

OperatorLedger::Entry Order(const std::string& who, const std::string& action,
                            const std::string& reason, const crypto::Digest& spki_sha256) {
  return {.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
          .operator_name = who,
          .action = action,
          .reason = reason,
          .note = absl::StrCat("certificate spki sha256 ", registry::SpkiDigestText(spki_sha256))};
}

}  // namespace

absl::StatusOr<CertificateDesk::Denied> CertificateDesk::Deny(const std::string& who,
                                                              const crypto::Digest& spki_sha256,
                                                              const std::string& reason) {
  const core::MutexLock one_at_a_time(deciding_);
  if (auto denial = parts_.denied.Find(spki_sha256)) {
    parts_.end_connections(spki_sha256);
    return Denied{.denial = *std::move(denial), .was_denied = true};
  }
  Denied denied{.denial = {.spki_sha256 = spki_sha256,
                           .since = parts_.clock.Now(),
                           .operator_name = who,
                           .reason = reason}};
  NDX_ASSIGN_OR_RETURN(
      denied.denial.leaf_index,
      OperatorLedger(parts_.journal).Record(Order(who, "DenyCertificate", reason, spki_sha256)));
  NDX_RETURN_IF_ERROR(parts_.denied.Deny(denied.denial));
  parts_.end_connections(spki_sha256);
  parts_.log.Write(
      telemetry::LogEvent::kOperatorCommand,
      {{"operator", who}, {"action", "DenyCertificate"}, {"leaf", denied.denial.leaf_index}});
  return denied;
}

absl::StatusOr<uint64_t> CertificateDesk::Allow(const std::string& who,
                                                const crypto::Digest& spki_sha256,
                                                const std::string& reason) {
  const core::MutexLock one_at_a_time(deciding_);
  const std::optional<security::Denial> denial = parts_.denied.Find(spki_sha256);
  if (!denial.has_value()) {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_DENIED});
  }
  OperatorLedger::Entry order = Order(who, "AllowCertificate", reason, spki_sha256);
  order.continues = denial->leaf_index;
  if (SamePerson(parts_.persons, denial->operator_name, who)) {
    order.note = "refused PROPOSAL_SAME_PERSON";
    NDX_RETURN_IF_ERROR(OperatorLedger(parts_.journal).Record(order).status());
    return RefusalStatus(
        {.reason = exchange::v1::ERROR_REASON_PROPOSAL_SAME_PERSON,
         .parameters = {{"user", who}, {"number", absl::StrCat(denial->leaf_index)}}});
  }
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, OperatorLedger(parts_.journal).Record(order));
  NDX_RETURN_IF_ERROR(parts_.denied.Allow(spki_sha256));
  parts_.log.Write(telemetry::LogEvent::kOperatorCommand,
                   {{"operator", who}, {"action", "AllowCertificate"}, {"leaf", leaf}});
  return leaf;
}

}  // namespace ndx::console

// Methods of the certificate service: the node's deny list.
#include <utility>

#include "ndx/console/certificate_desk.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/operator_rights.h"
#include "ndx/console/v1/certificate_service.pb.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/spki_digest.h"

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_ADMINISTRATOR;
using settings::v1::OPERATOR_ROLE_APPROVER;
using settings::v1::OPERATOR_ROLE_POLICY_EDITOR;
using settings::v1::OPERATOR_ROLE_VIEWER;

// The system for which a key is registered today; empty where it is for none.
std::string SystemOfKey(const registry::RegistrySnapshot& registry, absl::string_view spki_sha256,
                        absl::CivilDay today) {
  const registry::SystemEntry* system = registry.FindSystemByCertificate(spki_sha256);
  if (system == nullptr) return "";
  for (const registry::CertificateEntry& certificate : system->certificates) {
    if (certificate.spki_sha256 == spki_sha256 && certificate.registered.Contains(today)) {
      return system->id.text();
    }
  }
  return "";
}

v1::DeniedCertificate ViewOf(const OperatorNode& node, const security::Denial& denial) {
  v1::DeniedCertificate view;
  view.set_spki_sha256(registry::SpkiDigestText(denial.spki_sha256));
  view.set_system(SystemOfKey(*node.registry.Current(), crypto::AsBytes(denial.spki_sha256),
                              registry::VietnamDay(node.clock.Now())));
  *view.mutable_since() = ToTimestamp(denial.since);
  view.set_operator_name(denial.operator_name);
  view.set_reason(denial.reason);
  view.set_leaf_index(denial.leaf_index);
  return view;
}

absl::StatusOr<crypto::Digest> KeyOf(const std::string& text) {
  auto key = registry::ParseSpkiDigest(text);
  if (key.ok()) return key;
  return absl::InvalidArgumentError(
      "spki_sha256 must be 64 hexadecimal digits: the SHA-256 of the certificate's "
      "SubjectPublicKeyInfo");
}

absl::StatusOr<v1::DenyCertificateResponse> DenyCertificate(
    const OperatorNode& node, const OperatorIdentity& who,
    const v1::DenyCertificateRequest& request) {
  if (!who.Has(OPERATOR_ROLE_POLICY_EDITOR)) {
    NDX_RETURN_IF_ERROR(RequireRole(who, OPERATOR_ROLE_ADMINISTRATOR, "DenyCertificate"));
  }
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  NDX_ASSIGN_OR_RETURN(const crypto::Digest key, KeyOf(request.spki_sha256()));
  NDX_ASSIGN_OR_RETURN(const auto denied,
                       node.certificate_desk->Deny(who.name, key, request.reason()));
  v1::DenyCertificateResponse response;
  *response.mutable_denied() = ViewOf(node, denied.denial);
  response.set_was_denied(denied.was_denied);
  return response;
}

absl::StatusOr<v1::AllowCertificateResponse> AllowCertificate(
    const OperatorNode& node, const OperatorIdentity& who,
    const v1::AllowCertificateRequest& request) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  NDX_ASSIGN_OR_RETURN(const crypto::Digest key, KeyOf(request.spki_sha256()));
  v1::AllowCertificateResponse response;
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       node.certificate_desk->Allow(who.name, key, request.reason()));
  response.set_leaf_index(leaf);
  return response;
}

v1::ListDeniedCertificatesResponse ListDenied(const OperatorNode& node) {
  v1::ListDeniedCertificatesResponse response;
  for (const security::Denial& denial : node.certificate_desk->List()) {
    *response.add_certificates() = ViewOf(node, denial);
  }
  return response;
}

}  // namespace

void AddCertificateMethods(const OperatorNode& node, OperatorMethods& methods) {
  if (node.certificate_desk == nullptr) return;
  // One of two roles, which is seen behind it.
  methods.AddUnary<v1::DenyCertificateRequest, v1::DenyCertificateResponse>(
      "DenyCertificate", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return DenyCertificate(node, who, request);
      });
  methods.AddUnary<v1::AllowCertificateRequest, v1::AllowCertificateResponse>(
      "AllowCertificate", OPERATOR_ROLE_APPROVER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return AllowCertificate(node, who, request);
      });
  methods.AddUnary<v1::ListDeniedCertificatesRequest, v1::ListDeniedCertificatesResponse>(
      "ListDeniedCertificates", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return ListDenied(node); });
}

}  // namespace ndx::console

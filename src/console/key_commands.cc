// Methods of the key service: the journal's public keys, and the rotation of its signing key.
#include <future>
#include <memory>

#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/v1/journal_key_service.pb.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

v1::JournalKeyState StateOf(journal::JournalKeyState state) {
  switch (state) {
    case journal::JournalKeyState::kNext:
      return v1::JOURNAL_KEY_STATE_NEXT;
    case journal::JournalKeyState::kCurrent:
      return v1::JOURNAL_KEY_STATE_CURRENT;
    case journal::JournalKeyState::kOverlap:
      return v1::JOURNAL_KEY_STATE_OVERLAP;
    case journal::JournalKeyState::kFormer:
      return v1::JOURNAL_KEY_STATE_FORMER;
  }
  return v1::JOURNAL_KEY_STATE_UNSPECIFIED;
}

v1::ListJournalKeysResponse ListKeys(const OperatorNode& node) {
  v1::ListJournalKeysResponse response;
  for (const journal::JournalKey& key : node.keys.keys()) {
    v1::JournalKey& out = *response.add_keys();
    out.set_vkey(key.vkey);
    out.set_state(StateOf(key.state));
    if (key.leaf.has_value()) out.set_leaf_index_plus_one(*key.leaf + 1);
    if (key.signs_until.has_value()) *out.mutable_signs_until() = ToTimestamp(*key.signs_until);
    out.set_handover(key.handover);
  }
  response.set_master_key_id(node.keys.master_key_id());
  return response;
}

absl::StatusOr<v1::RotateSigningKeyResponse> Rotate(const OperatorNode& node,
                                                    const OperatorIdentity& who,
                                                    const v1::RotateSigningKeyRequest& request) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "RotateSigningKey"}});
  // Shared: the journal may answer while this thread is already going on.
  auto promise = std::make_shared<std::promise<absl::StatusOr<journal::Appended>>>();
  node.keys.RotateSigningKey({.operator_name = who.name,
                              .operator_action = "RotateSigningKey",
                              .operator_reason = request.reason()},
                             [promise](absl::StatusOr<journal::Appended> appended) {
                               promise->set_value(std::move(appended));
                             });
  NDX_ASSIGN_OR_RETURN(const journal::Appended appended, promise->get_future().get());
  v1::RotateSigningKeyResponse response;
  response.set_leaf_index(appended.index);
  for (const journal::JournalKey& key : node.keys.keys()) {
    if (key.leaf == appended.index) response.set_vkey(key.vkey);
    // The one that it follows comes right behind it.
    if (!response.vkey().empty() && key.signs_until.has_value()) {
      *response.mutable_overlap_until() = ToTimestamp(*key.signs_until);
      break;
    }
  }
  return response;
}

}  // namespace

void AddKeyMethods(const OperatorNode& node, OperatorMethods& methods) {
  methods.AddUnary<v1::ListJournalKeysRequest, v1::ListJournalKeysResponse>(
      "ListJournalKeys", settings::v1::OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return ListKeys(node); });
  methods.AddUnary<v1::RotateSigningKeyRequest, v1::RotateSigningKeyResponse>(
      "RotateSigningKey", settings::v1::OPERATOR_ROLE_KEY_CUSTODIAN,
      [&node](const OperatorIdentity& who, const auto& request) {
        return Rotate(node, who, request);
      });
}

}  // namespace ndx::console

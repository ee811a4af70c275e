#include "ndx/broker/relay_answer.h"

#include <algorithm>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/broker/relay_request.h"
#include "ndx/core/refusal_details.h"

namespace ndx::broker {
namespace {

using journal::v1::JournalLeaf;

core::Refusal FromPeer(exchange::v1::ErrorReason reason, const registry::PeerEntry& peer) {
  return {.reason = reason,
          .parameters = {{"peer", peer.system->id.text()},
                         {"owner", peer.system->member->OwnerText()}}};
}

std::optional<google::rpc::ErrorInfo> BusErrorIn(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info) && info.domain() == core::kErrorDomain) return info;
  }
  return std::nullopt;
}

// What the record says otherwise than this node knows it; empty where it fits.
absl::string_view UnfitPartOf(const Exchange& x, const JournalLeaf& leaf) {
  if (leaf.exchange_id() != IdAtPeer(x).bytes()) return "exchange_id";
  if (leaf.method() != x.route.method->path) return "method";
  if (!x.status.ok()) return "";
  if (leaf.event() != journal::v1::JOURNAL_EVENT_ANSWERED &&
      leaf.event() != journal::v1::JOURNAL_EVENT_RESOLVED) {
    return "event";
  }
  if (leaf.grpc_status() != static_cast<uint32_t>(x.status.code)) return "grpc_status";
  if (leaf.consumer() != x.principal->system.text()) return "consumer";
  if (leaf.provider() != x.route.provider->system->id.text()) return "provider";
  std::vector<std::string> path = x.relay_path;
  path.push_back(x.route.provider->via->system->id.text());
  if (!std::equal(path.begin(), path.end(), leaf.relay_path().begin(), leaf.relay_path().end())) {
    return "relay_path";
  }
  if (x.streams() && x.streamed.messages != leaf.response().messages()) return "response.messages";
  if (x.streams() && x.streamed.bytes != leaf.response().bytes()) return "response.bytes";
  return "";
}

journal::ReceiptChecks ChecksOf(const Exchange& x) {
  journal::ReceiptChecks checks;
  if (!x.status.ok()) return checks;
  const registry::MethodEntry& method = *x.route.method;
  checks.request.emplace(
      journal::ReceiptMessages{.messages = {*x.request}, .descriptor = method.input});
  if (x.streams()) return checks;
  auto& answer = checks.response.emplace();
  for (const transport::Message& message : x.answer) answer.messages.push_back(*message);
  answer.descriptor = method.output;
  return checks;
}

}  // namespace

absl::StatusOr<journal::VerifiedReceipt> VerifyPeersReceipt(const registry::PeerEntry& peer,
                                                            absl::string_view receipt,
                                                            journal::ReceiptChecks checks) {
  absl::StatusOr<journal::VerifiedReceipt> verified =
      absl::PermissionDeniedError("no key of the peer's journal is registered");
  for (const std::string& vkey : peer.journal_keys) {
    checks.vkey = vkey;
    verified = journal::VerifyReceipt(receipt, checks);
    if (verified.ok()) break;
  }
  return verified;
}

PeerError PeerErrorOf(const transport::GrpcStatus& status, const registry::PeerEntry& peer) {
  google::rpc::Status theirs;
  std::optional<google::rpc::ErrorInfo> info;
  if (theirs.ParseFromString(status.details_bin)) info = BusErrorIn(theirs);
  const auto reason = info.has_value() ? core::ReasonFromName(info->reason())
                                       : exchange::v1::ERROR_REASON_UNSPECIFIED;
  if (reason == exchange::v1::ERROR_REASON_UNSPECIFIED) {
    return {.refusal = FromPeer(exchange::v1::ERROR_REASON_RELAY_PEER_FAULT, peer), .node = ""};
  }
  PeerError error{.refusal = FromPeer(reason, peer), .node = peer.system->id.text()};
  error.refusal.grpc_code = status.code;
  const auto named = info->metadata().find("node");
  if (named == info->metadata().end()) return error;
  const auto node = core::SystemId::Parse(named->second);
  if (node.ok()) error.node = node->text();
  return error;
}

transport::GrpcStatus RenderPeerError(const transport::GrpcStatus& status, absl::string_view node) {
  google::rpc::Status theirs;
  if (!theirs.ParseFromString(status.details_bin)) return status;
  for (auto& detail : *theirs.mutable_details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info) || info.domain() != core::kErrorDomain) continue;
    (*info.mutable_metadata())["node"] = std::string(node);
    detail.PackFrom(info);
  }
  return {
      .code = status.code, .message = status.message, .details_bin = theirs.SerializeAsString()};
}

std::string ReceiptIn(const transport::Metadata& trailers) {
  const auto receipts = trailers.FindAll("ndx-receipt-bin");
  return receipts.size() == 1 ? std::string(receipts.front()) : "";
}

std::optional<core::Refusal> CheckNextReceipt(const Exchange& x, HopTimes& hops,
                                              journal::KnownCheckpoints& known) {
  const registry::PeerEntry& peer = *x.route.provider->via;
  if (x.next_receipt.empty()) {
    if (!x.status.ok()) return std::nullopt;
    return FromPeer(exchange::v1::ERROR_REASON_RELAY_RECEIPT_MISSING, peer);
  }
  journal::ReceiptChecks checks = ChecksOf(x);
  checks.known = &known;
  const auto verified = VerifyPeersReceipt(peer, x.next_receipt, std::move(checks));
  const std::string what = verified.ok() ? std::string(UnfitPartOf(x, verified->leaf))
                                         : std::string(verified.status().message());
  if (!what.empty()) {
    core::Refusal refusal = FromPeer(exchange::v1::ERROR_REASON_RELAY_RECEIPT_INVALID, peer);
    refusal.parameters["what"] = what;
    return refusal;
  }
  hops.Saw(peer.system->id.text(), x.provider_nanos,
           static_cast<int64_t>(verified->leaf.duration_us()) * 1000);
  return std::nullopt;
}

}  // namespace ndx::broker

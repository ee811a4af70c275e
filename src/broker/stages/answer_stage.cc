#include "ndx/broker/stages/answer_stage.h"

#include <utility>

#include "ndx/broker/error_answer.h"
#include "ndx/broker/hop_metadata.h"
#include "ndx/broker/relay_answer.h"
#include "ndx/core/limits.h"

namespace ndx::broker {
namespace {

size_t Base64Bytes(size_t bytes) { return (bytes + 2) / 3 * 4; }

// Bytes the status takes among the trailers; the message may grow threefold by percent-encoding.
size_t StatusBytes(const transport::GrpcStatus& status) {
  constexpr size_t kNames = 64;
  return 3 * status.message.size() + Base64Bytes(status.details_bin.size()) +
         3 * transport::Metadata::kEntryOverheadBytes + kNames;
}

// What is left for a provider's error beside the exchange id.
constexpr size_t kStatusBytesMax = core::kTrailerBytesMax - 256;

transport::GrpcStatus StatusOf(const Exchange& x, const std::string& node) {
  if (!x.error_node.empty() && !x.recalled) {
    transport::GrpcStatus status = RenderPeerError(x.status, x.error_node);
    if (StatusBytes(status) <= kStatusBytesMax) return status;
  }
  if (x.refusal.has_value()) return RenderRefusal(*x.refusal, x.id, node);
  if (x.status.ok()) return {};
  const std::string provider =
      x.route.provider == nullptr ? "" : x.route.provider->system->id.text();
  transport::GrpcStatus status = RenderProviderError(x.status, provider, x.id, node);
  if (StatusBytes(status) <= kStatusBytesMax) return status;
  const transport::GrpcStatus bare{.code = x.status.code, .message = x.status.message};
  return RenderProviderError(bare, provider, x.id, node);
}

// What would have been refused if the registry did not say to warn: "field: rule", in English, as
// metadata are ASCII.
void AddWarnings(const Exchange& x, transport::Metadata& trailers) {
  for (const core::FieldViolation& warning : x.field_warnings) {
    trailers.Add("ndx-field-warning", absl::StrCat(warning.field, ": ", warning.description_en));
  }
}

// Another node takes more than a client library may: it has to have the receipt.
size_t TrailerBytesMax(const Exchange& x) {
  return x.relayed_from.has_value() ? core::kPeerTrailerBytesMax : core::kTrailerBytesMax;
}

// The provider's own trailers go with its own answer only, and only as long as there is room.
transport::Metadata TrailersOf(const Exchange& x, const std::string& signature,
                               const transport::GrpcStatus& status) {
  const auto add_own = [&](transport::Metadata& trailers) {
    trailers.Add("ndx-exchange-id", x.id.ToString());
    if (!signature.empty()) trailers.Add("ndx-signature-bin", signature);
  };
  transport::Metadata own;
  add_own(own);
  if (x.outcome != Outcome::kAnswered) return own;
  transport::Metadata trailers = AcrossNode(x.provider_trailers);
  add_own(trailers);
  AddWarnings(x, trailers);
  const bool fits = StatusBytes(status) + trailers.WireBytes() <= TrailerBytesMax(x);
  return fits ? trailers : own;
}

}  // namespace

Flow AnswerStage::Enter(Exchange& x) {
  if (x.caller != nullptr) {
    KeepForCaller(x);
    Send(x);
    x.caller = nullptr;
  }
  meter_.Ended(x);
  GiveBack(x);
  return Flow::kNext;
}

// What the caller has yet to take stays in the budget; all that recording needed goes.
void AnswerStage::KeepForCaller(Exchange& x) {
  uint64_t kept = x.unreleased_bytes;
  for (const transport::Message& message : x.answer) kept += message->size();
  if (x.memory_taken <= kept) return;
  admission_.ReleaseMemory(x.principal->system, x.memory_taken - kept);
  x.memory_taken = kept;
}

void AnswerStage::Send(Exchange& x) const {
  const transport::GrpcStatus status = StatusOf(x, node_);
  transport::Metadata trailers = TrailersOf(x, SignDelivery(x, sign_), status);
  const size_t receipt_bytes = Base64Bytes(x.receipt.size()) + 64;
  const size_t other_bytes = StatusBytes(status) + trailers.WireBytes();
  if (!x.receipt.empty() && other_bytes + receipt_bytes <= TrailerBytesMax(x)) {
    trailers.Add("ndx-receipt-bin", x.receipt);
  }
  // The messages of a stream have gone already, unless they come from the record.
  if (x.outcome == Outcome::kAnswered && (!x.streams() || x.recalled)) {
    if (!x.answer.empty() || !x.provider_initial.empty()) {
      x.caller->SendInitialMetadata(std::move(x.provider_initial));
    }
    for (transport::Message& message : x.answer) x.caller->SendMessage(std::move(message));
  }
  x.caller->Finish(status, std::move(trailers));
}

void AnswerStage::GiveBack(Exchange& x) {
  if (x.holds_id) admission_.ReleaseId(x.principal->system, x.id);
  if (x.holds_consumer_place) admission_.LeaveConsumer(x.principal->system);
  if (x.holds_node_place) admission_.Leave();
  if (x.memory_taken > 0) admission_.ReleaseMemory(x.principal->system, x.memory_taken);
  x.memory_taken = 0;
  x.place = dispatch::ProviderPlace();
  x.answer.clear();
  x.request.reset();
}

}  // namespace ndx::broker

#include "ndx/broker/stages/answer_stage.h"

#include <utility>

#include "absl/strings/match.h"
#include "ndx/broker/error_answer.h"
#include "ndx/core/limits.h"

namespace ndx::broker {
namespace {

transport::GrpcStatus StatusOf(const Exchange& x, const std::string& node) {
  if (x.refusal.has_value()) return RenderRefusal(*x.refusal, x.id, node);
  if (x.status.ok()) return {};
  const std::string provider =
      x.route.provider == nullptr ? "" : x.route.provider->system->id.text();
  return RenderProviderError(x.status, provider, x.id, node);
}

size_t Base64Bytes(size_t bytes) { return (bytes + 2) / 3 * 4; }

// Bytes the trailers take beside the receipt.
size_t OtherBytes(const transport::GrpcStatus& status, const transport::Metadata& trailers) {
  return trailers.WireBytes() + 3 * status.message.size() + Base64Bytes(status.details_bin.size()) +
         3 * transport::Metadata::kEntryOverheadBytes + 64;
}

}  // namespace

Flow AnswerStage::Enter(Exchange& x) {
  if (x.caller != nullptr) {
    Send(x);
    x.caller = nullptr;
  }
  meter_.Ended(x);
  GiveBack(x);
  return Flow::kNext;
}

void AnswerStage::Send(Exchange& x) const {
  const transport::GrpcStatus status = StatusOf(x, node_);
  transport::Metadata trailers;
  for (const auto& entry : x.provider_trailers.entries()) {
    if (!absl::StartsWith(entry.key, "ndx-")) trailers.Add(entry.key, entry.value);
  }
  trailers.Add("ndx-exchange-id", x.id.ToString());
  const size_t receipt_bytes = Base64Bytes(x.receipt.size()) + 64;
  if (!x.receipt.empty() &&
      OtherBytes(status, trailers) + receipt_bytes <= core::kTrailerBytesMax) {
    trailers.Add("ndx-receipt-bin", x.receipt);
  }
  if (x.outcome == Outcome::kAnswered && !x.streams()) {
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
  admission_.ReleaseMemory(x.memory_taken);
  x.memory_taken = 0;
  x.answer.clear();
  x.request.reset();
}

}  // namespace ndx::broker

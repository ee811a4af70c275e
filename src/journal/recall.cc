#include "recall.h"

#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "sealed_payload.h"

namespace ndx::journal {
namespace {

// Whether the request is the one recorded; nullopt if that can no longer be told.
absl::StatusOr<std::optional<bool>> SameRequest(const RecallQuery& query,
                                                const v1::ExchangeState& state, KeyRing& keys) {
  if (query.method != state.method()) return std::optional<bool>(false);
  if (state.request_hmac().empty()) return std::optional<bool>();
  const auto intake = keys.IntakeKeyOf(state.intake_hour());
  if (absl::IsNotFound(intake.status())) return std::optional<bool>();
  if (!intake.ok()) return intake.status();
  const std::string mac = RecallMac((*intake)->recall.view(), query.request);
  return std::optional<bool>(crypto::ConstantTimeEqual(mac, state.request_hmac()));
}

RecallVerdict VerdictOf(v1::ExchangePhase phase) {
  switch (phase) {
    case v1::EXCHANGE_PHASE_OPENED:
      return RecallVerdict::kInProgress;
    case v1::EXCHANGE_PHASE_ANSWERED:
      return RecallVerdict::kAnswered;
    case v1::EXCHANGE_PHASE_FAILED:
      return RecallVerdict::kFailed;
    case v1::EXCHANGE_PHASE_IN_DOUBT:
      return RecallVerdict::kInDoubt;
    case v1::EXCHANGE_PHASE_SUBMITTED:
      return RecallVerdict::kSubmitted;
    default:
      return RecallVerdict::kUnknown;
  }
}

absl::Status AddAnswer(const StoreReader& reader, uint64_t index, Recalled* out) {
  auto payload = reader.OpenPayload(index);
  if (payload.ok() && !payload->whole()) {
    out->verdict = RecallVerdict::kAnswerNotKept;
  } else if (payload.ok()) {
    out->response = std::move(payload->response);
  } else if (absl::IsNotFound(payload.status())) {
    out->verdict = RecallVerdict::kAnswerNotKept;
  } else {
    return payload.status();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Recalled> RecallExchange(const RecallQuery& query, const StoreReader& reader,
                                        KeyRing& keys) {
  const auto state = reader.State(query.exchange_id, query.consumer);
  if (absl::IsNotFound(state.status())) return Recalled();
  if (!state.ok()) return state.status();
  Recalled out{.verdict = VerdictOf(state->phase())};
  if (out.verdict == RecallVerdict::kUnknown) return out;
  NDX_ASSIGN_OR_RETURN(const std::optional<bool> same, SameRequest(query, *state, keys));
  if (same.has_value() && !*same) return Recalled{.verdict = RecallVerdict::kDifferent};
  const bool closed = state->closing_leaf_plus_one() != 0;
  const uint64_t newest =
      (closed ? state->closing_leaf_plus_one() : state->request_leaf_plus_one()) - 1;
  // Written, but its checkpoint is not signed yet: the answer has not left.
  if (newest >= reader.size()) return Recalled{.verdict = RecallVerdict::kInProgress};
  NDX_ASSIGN_OR_RETURN(StoredLeaf leaf, reader.Leaf(newest));
  out.leaf = std::move(leaf.leaf);
  NDX_ASSIGN_OR_RETURN(out.receipt, reader.Receipt(newest));
  if (closed && !same.has_value()) {
    out.verdict = RecallVerdict::kAnswerNotKept;
  } else if (out.verdict == RecallVerdict::kAnswered) {
    NDX_RETURN_IF_ERROR(AddAnswer(reader, newest, &out));
  }
  return out;
}

}  // namespace ndx::journal

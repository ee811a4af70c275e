#include "record_preparer.h"

#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/sealing.h"
#include "segment_spill.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

bool IsClosing(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_ANSWERED || event == v1::JOURNAL_EVENT_FAILED ||
         event == v1::JOURNAL_EVENT_IN_DOUBT || event == v1::JOURNAL_EVENT_RESOLVED;
}

void AddSalts(std::vector<std::string> salts,
              google::protobuf::RepeatedPtrField<std::string>* out) {
  for (std::string& salt : salts) *out->Add() = std::move(salt);
}

bool HasPayload(const Record& record) {
  return record.request.has_value() || record.response.has_value() ||
         !record.consumer_signature.empty();
}

}  // namespace

std::unique_ptr<PendingRecord> RecordPreparer::Prepare(Record record, AppendCallback done) {
  auto pending = std::make_unique<PendingRecord>();
  pending->done = std::move(done);
  const absl::Status filled = Fill(record, *pending);
  if (!filled.ok()) {
    Abandon(*pending);
    pending->refused = filled;
  }
  return pending;
}

void RecordPreparer::Abandon(const PendingRecord& pending) {
  if (pending.open == nullptr) return;
  // What is resolved was entered only for this record.
  if (pending.event == v1::JOURNAL_EVENT_REQUEST_OPENED ||
      pending.event == v1::JOURNAL_EVENT_RESOLVED) {
    parts_.open.Remove(pending.open->key);
  } else {
    parts_.open.AbandonClose(pending.open->key);
  }
}

void RecordPreparer::Stamp(v1::JournalLeaf& leaf) const {
  leaf.set_leaf_version(kLeafVersion);
  leaf.set_time_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  leaf.set_monotonic_ns(parts_.clock.MonotonicNanos());
  leaf.set_boot_id(parts_.boot_id);
  if (!leaf.exchange_id().empty() && leaf.attempt() == 0) leaf.set_attempt(1);
}

absl::Status RecordPreparer::Fill(Record& record, PendingRecord& pending) {
  v1::JournalLeaf& leaf = record.leaf;
  if (leaf.event() == v1::JOURNAL_EVENT_UNSPECIFIED) {
    return absl::InvalidArgumentError("a record needs an event");
  }
  if (!leaf.exchange_id().empty()) {
    NDX_ASSIGN_OR_RETURN(pending.exchange_id, core::ExchangeId::FromBytes(leaf.exchange_id()));
    pending.exchange_key_in_store = ExchangeKey(pending.exchange_id, leaf.consumer());
  } else if (HasPayload(record) || IsClosing(leaf.event()) ||
             leaf.event() == v1::JOURNAL_EVENT_REQUEST_OPENED) {
    return absl::InvalidArgumentError("this record needs an exchange id");
  }
  if (leaf.attempt() > 0xFFFF) return absl::InvalidArgumentError("the attempt is over 65535");
  pending.event = leaf.event();
  pending.consumer = leaf.consumer();
  pending.method = leaf.method();
  pending.grpc_status = leaf.grpc_status();
  pending.recallable = record.recallable;
  Stamp(leaf);
  pending.fields_removed = MoveFieldsRemovedAside(&leaf);
  NDX_RETURN_IF_ERROR(TakeNextReceipt(record, pending));
  CollectUnmoved(record, pending);
  if (leaf.event() == v1::JOURNAL_EVENT_REQUEST_OPENED) return Open(record, pending);
  if (!IsClosing(leaf.event())) return StandAlone(record, pending);
  auto open = parts_.open.BeginClose(pending.exchange_key_in_store, leaf.method());
  if (open.ok()) {
    pending.open = *std::move(open);
    return Close(record, pending);
  }
  if (!absl::IsNotFound(open.status()) || leaf.event() == v1::JOURNAL_EVENT_RESOLVED ||
      record.response_spill != nullptr) {
    return open.status();
  }
  return StandAlone(record, pending);
}

absl::Status RecordPreparer::TakeNextReceipt(Record& record, PendingRecord& pending) {
  if (record.next_receipt.empty()) return absl::OkStatus();
  if (record.next_receipt.size() > kNextReceiptBytesMax) {
    return absl::InvalidArgumentError("the next node's receipt is too large");
  }
  NDX_ASSIGN_OR_RETURN(*pending.opening.mutable_next(), ToNextReceipt(record.next_receipt));
  const crypto::Digest digest = crypto::Sha256Of({record.next_receipt});
  record.leaf.set_relay_receipt_sha256(digest.data(), digest.size());
  pending.next_receipt = std::move(record.next_receipt);
  return absl::OkStatus();
}

void RecordPreparer::CollectUnmoved(const Record& record, PendingRecord& pending) const {
  // Of a spilled answer the messages are gone; of one without its type the follower may know more.
  const auto untyped = [](const std::optional<Payload>& payload) {
    return payload.has_value() && payload->descriptor == nullptr;
  };
  if (!parts_.unmoved.collected() || !HasPayload(record) || record.response_spill != nullptr ||
      untyped(record.request) || untyped(record.response)) {
    return;
  }
  pending.unmoved = std::make_unique<UnmovedLeaf>();
}

absl::StatusOr<crypto::SecretBytes> RecordPreparer::NewExchangeKey(const Record& record,
                                                                   PendingRecord& pending) {
  NDX_ASSIGN_OR_RETURN(const auto intake, parts_.keys.CurrentIntakeKey());
  crypto::SecretBytes key = crypto::SecretBytes::Generate(parts_.random, kExchangeKeyBytes);
  pending.wrapped_key = parts_.keys.Wrap(*intake, key.view());
  if (pending.unmoved != nullptr) pending.unmoved->wrapped = true;
  if (record.recallable && record.request.has_value()) {
    pending.request_mac = RecallMac(intake->recall.view(), record.request->messages);
    pending.intake_hour = intake->hour;
  }
  return key;
}

absl::Status RecordPreparer::Open(Record& record, PendingRecord& pending) {
  if (record.response.has_value() || record.response_spill != nullptr) {
    return absl::InvalidArgumentError("an exchange is opened without an answer");
  }
  auto open = std::make_shared<OpenExchange>();
  open->key = pending.exchange_key_in_store;
  open->exchange_id = pending.exchange_id;
  open->method = pending.method;
  NDX_ASSIGN_OR_RETURN(open->exchange_key, NewExchangeKey(record, pending));
  v1::JournalLeaf& leaf = record.leaf;
  NDX_RETURN_IF_ERROR(
      SealRequest(record, ExchangePartKeys(open->exchange_key.view()), pending, leaf));
  open->request = leaf.request();
  open->request.clear_ciphertext_sha256();
  open->request_salts.assign(pending.opening.request_salts().begin(),
                             pending.opening.request_salts().end());
  open->signature_commitment = leaf.signature_commitment();
  open->signature_key_id = leaf.signature_key_id();
  open->signature_salt = pending.opening.signature_salt();
  NDX_RETURN_IF_ERROR(Finish(leaf, pending));
  NDX_RETURN_IF_ERROR(parts_.open.Begin(open));
  pending.open = std::move(open);
  return absl::OkStatus();
}

absl::Status RecordPreparer::Close(Record& record, PendingRecord& pending) {
  if (record.request.has_value() || !record.consumer_signature.empty()) {
    return absl::InvalidArgumentError("the request was recorded when the exchange was opened");
  }
  const OpenExchange& open = *pending.open;
  v1::JournalLeaf& leaf = record.leaf;
  leaf.set_caused_by_plus_one(open.last_leaf + 1);
  *leaf.mutable_request() = open.request;
  leaf.set_signature_commitment(open.signature_commitment);
  leaf.set_signature_key_id(open.signature_key_id);
  AddSalts(open.request_salts, pending.opening.mutable_request_salts());
  pending.opening.set_signature_salt(open.signature_salt);
  if (record.response_spill != nullptr) {
    NDX_RETURN_IF_ERROR(TakeSpill(record, pending, leaf));
  } else if (record.response.has_value()) {
    // What resolves a doubt is sealed under a key of its own: nobody knows any more what the first
    // one has sealed before the crash.
    const bool own_key = leaf.event() == v1::JOURNAL_EVENT_RESOLVED;
    crypto::SecretBytes fresh;
    if (own_key) {
      NDX_ASSIGN_OR_RETURN(fresh, NewExchangeKey(record, pending));
    }
    const absl::string_view key = own_key ? fresh.view() : open.exchange_key.view();
    if (key.empty()) return absl::FailedPreconditionError("the exchange's key is gone");
    NDX_ASSIGN_OR_RETURN(const uint16_t attempt, parts_.open.NextAnswerAttempt(open.key));
    NDX_RETURN_IF_ERROR(SealAnswer(record, ExchangePartKeys(key), attempt, pending, leaf));
  }
  return Finish(leaf, pending);
}

absl::Status RecordPreparer::StandAlone(Record& record, PendingRecord& pending) {
  if (record.response_spill != nullptr) {
    return absl::InvalidArgumentError("a spilled answer belongs to an exchange that was opened");
  }
  v1::JournalLeaf& leaf = record.leaf;
  if (HasPayload(record)) {
    NDX_ASSIGN_OR_RETURN(const crypto::SecretBytes key, NewExchangeKey(record, pending));
    const ExchangePartKeys keys(key.view());
    NDX_RETURN_IF_ERROR(SealRequest(record, keys, pending, leaf));
    NDX_RETURN_IF_ERROR(
        SealAnswer(record, keys, static_cast<uint16_t>(leaf.attempt()), pending, leaf));
  }
  return Finish(leaf, pending);
}

absl::Status RecordPreparer::SealRequest(const Record& record, const ExchangePartKeys& keys,
                                         PendingRecord& pending, v1::JournalLeaf& leaf) {
  if (!record.request.has_value() && record.consumer_signature.empty()) return absl::OkStatus();
  const SealContext context{.exchange_id = pending.exchange_id,
                            .direction = Direction::kRequest,
                            .attempt = static_cast<uint16_t>(leaf.attempt())};
  SealedDirection sealed{.attempt = context.attempt};
  UnmovedLeaf* const unmoved = pending.unmoved.get();
  if (record.request.has_value()) {
    const auto plan =
        parts_.plans.Get(record.request->descriptor, record.request->descriptor_owner);
    NDX_ASSIGN_OR_RETURN(SealedPayload payload,
                         SealPayload(context, keys, *plan, *record.request,
                                     unmoved == nullptr ? nullptr : &unmoved->request));
    sealed.stored = std::move(payload.stored);
    *leaf.mutable_request() = std::move(payload.commitment);
    AddSalts(std::move(payload.salts), pending.opening.mutable_request_salts());
  }
  if (!record.consumer_signature.empty()) {
    crypto::SecretBytes key = keys.Of(Direction::kSignature, 0);
    SealPart(context, 0, key.view(),
             {.kind = PartKind::kSignature, .plaintext = record.consumer_signature},
             &sealed.stored);
    const std::string salt = CommitmentSalt(key.view());
    const crypto::Digest commitment = PartCommitment(salt, record.consumer_signature);
    leaf.set_signature_commitment(commitment.data(), commitment.size());
    pending.opening.set_signature_salt(salt);
    if (unmoved != nullptr) {
      unmoved->signature.push_back({.key = std::move(key),
                                    .subjects = {},
                                    .commitment = leaf.signature_commitment(),
                                    .offset = 0});
    }
  }
  if (sealed.stored.empty()) return absl::OkStatus();
  sealed.digest = crypto::Sha256Of({sealed.stored});
  leaf.mutable_request()->set_ciphertext_sha256(sealed.digest.data(), sealed.digest.size());
  pending.request = std::move(sealed);
  return absl::OkStatus();
}

absl::Status RecordPreparer::SealAnswer(Record& record, const ExchangePartKeys& keys,
                                        uint16_t attempt, PendingRecord& pending,
                                        v1::JournalLeaf& leaf) {
  if (!record.response.has_value()) return absl::OkStatus();
  const SealContext context{
      .exchange_id = pending.exchange_id, .direction = Direction::kResponse, .attempt = attempt};
  const auto plan =
      parts_.plans.Get(record.response->descriptor, record.response->descriptor_owner);
  NDX_ASSIGN_OR_RETURN(
      SealedPayload payload,
      SealPayload(context, keys, *plan, *record.response,
                  pending.unmoved == nullptr ? nullptr : &pending.unmoved->response));
  AddSalts(std::move(payload.salts), pending.opening.mutable_response_salts());
  *leaf.mutable_response() = std::move(payload.commitment);
  if (payload.stored.empty()) return absl::OkStatus();
  SealedDirection sealed{.stored = std::move(payload.stored), .attempt = context.attempt};
  sealed.digest = crypto::Sha256Of({sealed.stored});
  leaf.mutable_response()->set_ciphertext_sha256(sealed.digest.data(), sealed.digest.size());
  pending.response = std::move(sealed);
  return absl::OkStatus();
}

absl::Status RecordPreparer::TakeSpill(Record& record, PendingRecord& pending,
                                       v1::JournalLeaf& leaf) {
  auto* spill = dynamic_cast<SegmentSpill*>(record.response_spill.get());
  if (spill == nullptr || spill->exchange() != pending.open) {
    return absl::InvalidArgumentError("the spilled answer is of another exchange");
  }
  SpilledAnswer answer = spill->Take();
  AddSalts(std::move(answer.salts), pending.opening.mutable_response_salts());
  *leaf.mutable_response() = std::move(answer.commitment);
  if (!answer.sealed.pieces.empty()) pending.response = std::move(answer.sealed);
  return absl::OkStatus();
}

absl::Status RecordPreparer::Finish(v1::JournalLeaf& leaf, PendingRecord& pending) {
  NDX_ASSIGN_OR_RETURN(pending.leaf, EncodeLeaf(leaf));
  pending.leaf_hash = LeafHash(pending.leaf);
  const int parts = pending.opening.request_salts_size() + pending.opening.response_salts_size();
  pending.receipt_wanted = parts <= static_cast<int>(kReceiptPartsMax);
  return absl::OkStatus();
}

}  // namespace ndx::journal

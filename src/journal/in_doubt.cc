#include "in_doubt.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/sealing.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

// What was known of the exchange when its opening leaf was written.
std::shared_ptr<OpenExchange> FromOpeningLeaf(const v1::JournalLeaf& leaf, uint64_t index,
                                              const PayloadKeys& payload_keys) {
  auto open = std::make_shared<OpenExchange>();
  open->exchange_id = core::ExchangeId::FromBytes(leaf.exchange_id()).value_or(core::ExchangeId());
  open->key = ExchangeKey(open->exchange_id, leaf.consumer());
  open->method = leaf.method();
  open->request = leaf.request();
  open->request.clear_ciphertext_sha256();
  open->signature_commitment = leaf.signature_commitment();
  open->signature_key_id = leaf.signature_key_id();
  open->key_leaf = index;
  open->last_leaf = index;
  const auto keys = payload_keys.Of(index, index);
  if (!keys.ok()) return open;  // without its keys an exchange can still be closed, without salts
  open->exchange_key = crypto::SecretBytes(keys->exchange_key());
  for (uint32_t i = 0; i < leaf.request().parts(); ++i) {
    open->request_salts.push_back(keys->Salt(Direction::kRequest, i).value_or(""));
  }
  if (!leaf.signature_commitment().empty()) {
    open->signature_salt = keys->Salt(Direction::kSignature, 0).value_or("");
  }
  return open;
}

Record DoubtAbout(const v1::JournalLeaf& opening) {
  Record record;
  v1::JournalLeaf& leaf = record.leaf;
  leaf.set_event(v1::JOURNAL_EVENT_IN_DOUBT);
  leaf.set_exchange_id(opening.exchange_id());
  leaf.set_attempt(opening.attempt());
  leaf.set_replay_of(opening.replay_of());
  leaf.set_ground_sealed(opening.ground_sealed());
  leaf.set_consumer(opening.consumer());
  leaf.set_provider(opening.provider());
  *leaf.mutable_relay_path() = opening.relay_path();
  leaf.set_face(opening.face());
  leaf.set_certificate_sha256(opening.certificate_sha256());
  leaf.set_method(opening.method());
  leaf.set_purpose(opening.purpose());
  leaf.set_procedure(opening.procedure());
  if (opening.has_dossier()) *leaf.mutable_dossier() = opening.dossier();
  if (opening.has_officer()) *leaf.mutable_officer() = opening.officer();
  leaf.set_trace_id(opening.trace_id());
  leaf.set_submitted_plus_one(opening.submitted_plus_one());
  if (opening.has_decision()) *leaf.mutable_decision() = opening.decision();
  leaf.set_registry_version(opening.registry_version());
  leaf.set_resolution("found open when the node started");
  return record;
}

}  // namespace

absl::StatusOr<std::vector<Record>> FindOpenExchanges(const store::Database& database,
                                                      const PayloadKeys& keys,
                                                      OpenExchanges& open) {
  std::vector<Record> records;
  const auto cursor = database.NewCursor(kOpenFamily);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    const uint64_t index = LeafIndexOf(cursor->key());
    NDX_ASSIGN_OR_RETURN(const std::string bytes, database.Get(kLeafFamily, LeafKey(index)));
    NDX_ASSIGN_OR_RETURN(const v1::JournalLeaf leaf, DecodeLeaf(bytes));
    NDX_RETURN_IF_ERROR(open.Adopt(FromOpeningLeaf(leaf, index, keys)));
    records.push_back(DoubtAbout(leaf));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return records;
}

absl::Status AdoptDoubt(const v1::JournalLeaf& resolved, const StoreReader& reader,
                        const PayloadKeys& keys, OpenExchanges& open) {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(resolved.exchange_id()));
  NDX_ASSIGN_OR_RETURN(const v1::ExchangeState state, reader.State(id, resolved.consumer()));
  if (state.phase() != v1::EXCHANGE_PHASE_IN_DOUBT || state.closing_leaf_plus_one() == 0) {
    return absl::FailedPreconditionError("the exchange is not in doubt");
  }
  // Nothing that could make the record fail is left to find out once the exchange is entered.
  if (resolved.method() != state.method()) {
    return absl::InvalidArgumentError("the exchange was of another method");
  }
  if (resolved.attempt() > 0xFFFF) return absl::InvalidArgumentError("the attempt is over 65535");
  const uint64_t opening_index = state.request_leaf_plus_one() - 1;
  NDX_ASSIGN_OR_RETURN(const StoredLeaf opening, reader.Leaf(opening_index));
  auto exchange = FromOpeningLeaf(opening.leaf, opening_index, keys);
  exchange->last_leaf = state.closing_leaf_plus_one() - 1;
  return open.Adopt(std::move(exchange));
}

}  // namespace ndx::journal

#include "ndx/journal/leaf_codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/sealing.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "strict_text.h"

namespace ndx::journal {
namespace {

constexpr size_t kIdBytes = core::ExchangeId::kBytes;
constexpr size_t kReferenceBytes = 16;
constexpr size_t kRegistryVersionBytes = 16;

// Most bytes of a field in the wire format: tags of numbers up to 2047 take two bytes, lengths up
// to 16383 two more.
constexpr size_t Field(size_t content) { return 2 + 2 + content; }
constexpr size_t kVarint32 = 2 + 5;
constexpr size_t kVarint64 = 2 + 10;
constexpr size_t kReference = Field(Field(kReferenceBytes) + kVarint32 + kVarint32);
constexpr size_t kDecision =
    Field(kVarint32 + 2 * Field(kLeafRuleBytesMax) + 2 * Field(kLeafReasonBytesMax) +
          kLeafFieldsRemovedBytesMax + Field(crypto::kDigestBytes));
constexpr size_t kCommitment = Field(2 * Field(crypto::kDigestBytes) + 2 * kVarint32 + kVarint64);

// A leaf is of an exchange or of the node itself (IsOfNode), and has one of these.
constexpr size_t kOfRelay = Field(crypto::kDigestBytes) + 3 * Field(kLeafSystemBytesMax);  // 26-29
constexpr size_t kOfKept = kReference + 2 * kVarint64;  // 36 to 38
constexpr size_t kOfNode =
    Field(Field(kLeafVersionBytesMax) + 2 * kVarint64 + kVarint32) +                  // 80
    kLeafHandshakeCausesMax * Field(Field(kLeafHandshakeCauseBytesMax) + kVarint32);  // 81

constexpr size_t kWorstCase =
    2 * kVarint32 + Field(kIdBytes) + kVarint32 + kVarint64 + Field(kIdBytes) +  // 1 to 6
    2 * kVarint64 + Field(kIdBytes) +                                            // 10 to 12
    (2 + kLeafRelaysMax) * Field(kLeafSystemBytesMax) + kVarint32 +              // 20 to 23
    2 * Field(crypto::kDigestBytes) +                                            // 24, 25
    Field(core::kMethodBytesMax) + Field(core::kPurposeBytesMax) +               // 30, 31
    Field(core::kProcedureBytesMax) + 2 * kReference + Field(kIdBytes) +         // 32 to 35
    std::max(kOfRelay + kOfKept, kOfNode) +                                      // 26 to 38, 80, 81
    kDecision + Field(kRegistryVersionBytes) +                                   // 40, 41
    kVarint32 + Field(kLeafReasonBytesMax) + Field(kLeafBusinessCodeBytesMax) +  // 50 to 52
    kVarint64 + Field(4 * kVarint32) + Field(kLeafResolutionBytesMax) +          // 53 to 55
    2 * kCommitment + Field(crypto::kDigestBytes) + Field(kLeafKeyIdBytesMax) +  // 60 to 63
    Field(kLeafOperatorNameBytesMax) + Field(kLeafOperatorReasonBytesMax) +      // 70, 71
    Field(kLeafOperatorActionBytesMax) +                                         // 72
    Field(kLeafNoteBytesMax);                                                    // 82
static_assert(kWorstCase <= core::kLeafBytesMax, "a leaf within its limits must fit");

absl::Status TooLong(absl::string_view field, size_t limit) {
  return absl::InvalidArgumentError(
      absl::StrCat("the leaf's ", field, " is longer than ", limit, " bytes"));
}

// protobuf writes text that is not UTF-8 and then refuses to read it.
absl::Status CheckText(absl::string_view field, absl::string_view value, size_t limit) {
  if (value.size() > limit) return TooLong(field, limit);
  if (!IsUtf8(value)) {
    return absl::InvalidArgumentError(absl::StrCat("the leaf's ", field, " is not UTF-8"));
  }
  return absl::OkStatus();
}

struct Bound {
  absl::string_view name;
  const std::string& value;
  size_t limit;
};

struct Fixed {
  absl::string_view name;
  const std::string& value;
  size_t size;
};

absl::Status CheckTexts(const v1::JournalLeaf& leaf) {
  const Bound bounds[] = {
      {"consumer", leaf.consumer(), kLeafSystemBytesMax},
      {"provider", leaf.provider(), kLeafSystemBytesMax},
      {"relay_asserted_origin", leaf.relay_asserted_origin(), kLeafSystemBytesMax},
      {"error_node", leaf.error_node(), kLeafSystemBytesMax},
      {"relayed_to", leaf.relayed_to(), kLeafSystemBytesMax},
      {"method", leaf.method(), core::kMethodBytesMax},
      {"purpose", leaf.purpose(), core::kPurposeBytesMax},
      {"procedure", leaf.procedure(), core::kProcedureBytesMax},
      {"decision.rule", leaf.decision().rule(), kLeafRuleBytesMax},
      {"decision.reason", leaf.decision().reason(), kLeafReasonBytesMax},
      {"decision.shadow_rule", leaf.decision().shadow_rule(), kLeafRuleBytesMax},
      {"decision.shadow_reason", leaf.decision().shadow_reason(), kLeafReasonBytesMax},
      {"error_reason", leaf.error_reason(), kLeafReasonBytesMax},
      {"business_code", leaf.business_code(), kLeafBusinessCodeBytesMax},
      {"resolution", leaf.resolution(), kLeafResolutionBytesMax},
      {"signature_key_id", leaf.signature_key_id(), kLeafKeyIdBytesMax},
      {"operator_name", leaf.operator_name(), kLeafOperatorNameBytesMax},
      {"operator_reason", leaf.operator_reason(), kLeafOperatorReasonBytesMax},
      {"operator_action", leaf.operator_action(), kLeafOperatorActionBytesMax},
      {"start.version", leaf.start().version(), kLeafVersionBytesMax},
      {"note", leaf.note(), kLeafNoteBytesMax},
  };
  for (const Bound& bound : bounds) {
    NDX_RETURN_IF_ERROR(CheckText(bound.name, bound.value, bound.limit));
  }
  return absl::OkStatus();
}

absl::Status CheckFixed(const v1::JournalLeaf& leaf) {
  const Fixed fixed[] = {
      {"exchange_id", leaf.exchange_id(), kIdBytes},
      {"replay_of", leaf.replay_of(), kIdBytes},
      {"boot_id", leaf.boot_id(), kIdBytes},
      {"trace_id", leaf.trace_id(), kIdBytes},
      {"certificate_sha256", leaf.certificate_sha256(), crypto::kDigestBytes},
      {"relay_certificate_sha256", leaf.relay_certificate_sha256(), crypto::kDigestBytes},
      {"relay_receipt_sha256", leaf.relay_receipt_sha256(), crypto::kDigestBytes},
      {"dossier.hmac", leaf.dossier().hmac(), kReferenceBytes},
      {"officer.hmac", leaf.officer().hmac(), kReferenceBytes},
      {"order_key.hmac", leaf.order_key().hmac(), kReferenceBytes},
      {"registry_version", leaf.registry_version(), kRegistryVersionBytes},
      {"decision.fields_removed_sha256", leaf.decision().fields_removed_sha256(),
       crypto::kDigestBytes},
      {"request.root", leaf.request().root(), crypto::kDigestBytes},
      {"response.root", leaf.response().root(), crypto::kDigestBytes},
      {"request.ciphertext_sha256", leaf.request().ciphertext_sha256(), crypto::kDigestBytes},
      {"response.ciphertext_sha256", leaf.response().ciphertext_sha256(), crypto::kDigestBytes},
      {"signature_commitment", leaf.signature_commitment(), crypto::kDigestBytes},
  };
  for (const Fixed& field : fixed) {
    if (!field.value.empty() && field.value.size() != field.size) {
      return absl::InvalidArgumentError(
          absl::StrCat("the leaf's ", field.name, " must have ", field.size, " bytes"));
    }
  }
  return absl::OkStatus();
}

bool IsOfNode(const v1::JournalLeaf& leaf) {
  return leaf.has_start() || leaf.handshakes_refused_size() > 0;
}

bool IsRelayed(const v1::JournalLeaf& leaf) {
  return !leaf.relay_certificate_sha256().empty() || !leaf.relay_asserted_origin().empty() ||
         !leaf.error_node().empty() || !leaf.relayed_to().empty();
}

bool IsOfKept(const v1::JournalLeaf& leaf) {
  return leaf.has_order_key() || leaf.expires_unix_ns() != 0 || leaf.submitted_plus_one() != 0;
}

size_t FieldsRemovedBytes(const v1::Decision& decision) {
  size_t size = 0;
  // One byte of tag; two of length where the path is longer than 127 bytes.
  for (const std::string& path : decision.fields_removed()) {
    size += 1 + (path.size() > 127 ? 2 : 1) + path.size();
  }
  return size;
}

absl::Status CheckLists(const v1::JournalLeaf& leaf) {
  if (IsOfNode(leaf) && IsOfKept(leaf)) {
    return absl::InvalidArgumentError("the leaf is of the node, and of a kept request");
  }
  if (leaf.relay_path_size() > static_cast<int>(kLeafRelaysMax)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the leaf's relay_path has more than ", kLeafRelaysMax, " nodes"));
  }
  for (const std::string& node : leaf.relay_path()) {
    NDX_RETURN_IF_ERROR(CheckText("relay_path", node, kLeafSystemBytesMax));
  }
  if (FieldsRemovedBytes(leaf.decision()) > kLeafFieldsRemovedBytesMax) {
    return TooLong("decision.fields_removed", kLeafFieldsRemovedBytesMax);
  }
  for (const std::string& path : leaf.decision().fields_removed()) {
    NDX_RETURN_IF_ERROR(CheckText("decision.fields_removed", path, kLeafFieldsRemovedBytesMax));
  }
  if (leaf.handshakes_refused_size() > static_cast<int>(kLeafHandshakeCausesMax)) {
    return absl::InvalidArgumentError("the leaf's handshakes_refused has too many causes");
  }
  for (const auto& [cause, count] : leaf.handshakes_refused()) {
    NDX_RETURN_IF_ERROR(CheckText("handshakes_refused", cause, kLeafHandshakeCauseBytesMax));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckLeaf(const v1::JournalLeaf& leaf) {
  NDX_RETURN_IF_ERROR(CheckTexts(leaf));
  NDX_RETURN_IF_ERROR(CheckFixed(leaf));
  if (!leaf.exchange_id().empty() && (leaf.has_start() || !leaf.handshakes_refused().empty())) {
    return absl::InvalidArgumentError("a leaf of an exchange reports no start and no handshakes");
  }
  if (leaf.exchange_id().empty() && IsRelayed(leaf)) {
    return absl::InvalidArgumentError("only a leaf of an exchange names other nodes");
  }
  return CheckLists(leaf);
}

std::string MoveFieldsRemovedAside(v1::JournalLeaf* leaf) {
  if (FieldsRemovedBytes(leaf->decision()) <= kLeafFieldsRemovedBytesMax) return "";
  v1::FieldsRemoved list;
  list.mutable_paths()->Swap(leaf->mutable_decision()->mutable_fields_removed());
  std::string bytes = list.SerializeAsString();
  const crypto::Digest digest = crypto::Sha256Of({bytes});
  leaf->mutable_decision()->set_fields_removed_sha256(digest.data(), digest.size());
  return bytes;
}

absl::StatusOr<std::string> EncodeLeaf(const v1::JournalLeaf& leaf) {
  NDX_RETURN_IF_ERROR(CheckLeaf(leaf));
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);  // the map's order
  NDX_CHECK(leaf.SerializeToCodedStream(&coded));
  coded.Trim();
  if (bytes.size() > core::kLeafBytesMax) return TooLong("bytes", core::kLeafBytesMax);
  return bytes;
}

absl::StatusOr<v1::JournalLeaf> DecodeLeaf(absl::string_view bytes) {
  v1::JournalLeaf leaf;
  NDX_RETURN_IF_ERROR(DecodeLeafInto(bytes, &leaf));
  return leaf;
}

absl::Status DecodeLeafInto(absl::string_view bytes, v1::JournalLeaf* leaf) {
  if (bytes.size() > core::kLeafBytesMax ||
      !leaf->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      leaf->leaf_version() != kLeafVersion) {
    return absl::DataLossError("the bytes are not a leaf of a known version");
  }
  return absl::OkStatus();
}

}  // namespace ndx::journal

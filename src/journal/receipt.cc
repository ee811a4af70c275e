#include "ndx/journal/receipt.h"

#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/sealing.h"
#include "strict_text.h"

namespace ndx::journal {
namespace {

constexpr absl::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr size_t kProofHashesMax = 63;

absl::Status Malformed() { return absl::InvalidArgumentError("the receipt is not a tlog-proof"); }

// A receipt's lines, decoded.
struct ReceiptText {
  std::string opening;
  uint64_t index = 0;
  std::vector<crypto::Digest> proof;
  std::string checkpoint;
};

absl::StatusOr<ReceiptText> TakeApart(absl::string_view text) {
  const size_t end = text.find("\n\n");
  if (text.size() > kReceiptBytesMax || end == absl::string_view::npos) return Malformed();
  const std::vector<absl::string_view> lines = absl::StrSplit(text.substr(0, end), '\n');
  if (lines.size() < 3 || lines.size() > 3 + kProofHashesMax || lines[0] != kFirstLine) {
    return Malformed();
  }
  absl::string_view extra = lines[1];
  absl::string_view index = lines[2];
  if (!absl::ConsumePrefix(&extra, "extra ") || !absl::ConsumePrefix(&index, "index ")) {
    return Malformed();
  }
  ReceiptText parts;
  NDX_ASSIGN_OR_RETURN(parts.opening, DecodeBase64(extra));
  NDX_ASSIGN_OR_RETURN(parts.index, ParseDecimal(index));
  for (size_t i = 3; i < lines.size(); ++i) {
    NDX_ASSIGN_OR_RETURN(const std::string hash, DecodeBase64(lines[i]));
    if (hash.size() != crypto::kDigestBytes) return Malformed();
    parts.proof.push_back(crypto::DigestFromBytes(hash));
  }
  parts.checkpoint = std::string(text.substr(end + 2));
  return parts;
}

std::string PutTogether(absl::string_view opening, uint64_t index,
                        absl::Span<const crypto::Digest> proof, absl::string_view checkpoint) {
  std::string text =
      absl::StrCat(kFirstLine, "\nextra ", absl::Base64Escape(opening), "\nindex ", index, "\n");
  for (const crypto::Digest& hash : proof) {
    absl::StrAppend(&text, absl::Base64Escape(crypto::AsBytes(hash)), "\n");
  }
  absl::StrAppend(&text, "\n", checkpoint);
  return text;
}

using Salts = google::protobuf::RepeatedPtrField<std::string>;

using ErasedCommitments = std::map<uint32_t, TreeHash>;

// Commitments of parts that the node could not open any more when it made the receipt.
absl::StatusOr<ErasedCommitments> ErasedParts(const exchange::v1::ReceiptOpening& opening,
                                              bool of_response) {
  ErasedCommitments out;
  for (const exchange::v1::ErasedPart& part : opening.erased()) {
    if (part.of_response() != of_response) continue;
    if (part.commitment().size() != crypto::kDigestBytes) return Malformed();
    out[part.part()] = crypto::DigestFromBytes(part.commitment());
  }
  return out;
}

// Recomputes a direction's root from the messages and holds it against the leaf. What stands in
// for an erased part is taken as it is: the root tells whether it is the right one.
absl::Status CheckMessages(absl::string_view direction, const ReceiptMessages& given,
                           const Salts& salts, const ErasedCommitments& erased,
                           const v1::PayloadCommitment& commitment) {
  const CutPlan plan(given.descriptor);
  std::vector<Part> parts;
  for (const std::string& message : given.messages) {
    NDX_RETURN_IF_ERROR(plan.Cut(message, &parts));
  }
  if (parts.size() != static_cast<size_t>(salts.size()) || commitment.parts() != parts.size() ||
      commitment.messages() != given.messages.size()) {
    return absl::DataLossError(absl::StrCat("the ", direction,
                                            " given has another number of messages or parts than "
                                            "the one recorded"));
  }
  if (parts.empty()) {
    if (commitment.root().empty()) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("the leaf commits to a ", direction, ", none is given"));
  }
  std::vector<TreeHash> commitments;
  for (int i = 0; i < salts.size(); ++i) {
    const auto gone = erased.find(static_cast<uint32_t>(i));
    commitments.push_back(
        gone != erased.end()
            ? gone->second
            : PartCommitment(salts.Get(i), parts[static_cast<size_t>(i)].plaintext));
  }
  if (commitment.root() != crypto::AsBytes(RootOf(commitments))) {
    return absl::DataLossError(
        absl::StrCat("the ", direction, " given is not the one that was recorded"));
  }
  return absl::OkStatus();
}

std::string CheckedText(absl::string_view direction, size_t erased) {
  if (erased == 0) return absl::StrCat("the ", direction, " given is the one recorded");
  return absl::StrCat("the ", direction, " given is the one recorded, but for ", erased,
                      " parts erased since, which cannot be compared");
}

absl::Status CheckGiven(const ReceiptChecks& checks, const exchange::v1::ReceiptOpening& opening,
                        VerifiedReceipt* out) {
  if (checks.request.has_value()) {
    NDX_ASSIGN_OR_RETURN(const ErasedCommitments erased, ErasedParts(opening, false));
    NDX_RETURN_IF_ERROR(CheckMessages("request", *checks.request, opening.request_salts(), erased,
                                      out->leaf.request()));
    out->request_checked = true;
    out->checked.push_back(CheckedText("request", erased.size()));
  }
  if (checks.response.has_value()) {
    NDX_ASSIGN_OR_RETURN(const ErasedCommitments erased, ErasedParts(opening, true));
    NDX_RETURN_IF_ERROR(CheckMessages("answer", *checks.response, opening.response_salts(), erased,
                                      out->leaf.response()));
    out->response_checked = true;
    out->checked.push_back(CheckedText("answer", erased.size()));
  }
  if (checks.consumer_signature.has_value()) {
    const crypto::Digest commitment =
        PartCommitment(opening.signature_salt(), *checks.consumer_signature);
    if (out->leaf.signature_commitment() != crypto::AsBytes(commitment)) {
      return absl::DataLossError("the signature given is not the one that was recorded");
    }
    out->signature_checked = true;
    out->checked.push_back("the caller's signature given is the one recorded");
  }
  return absl::OkStatus();
}

absl::Status CheckNext(const exchange::v1::ReceiptOpening& opening, VerifiedReceipt* out) {
  if (!opening.has_next()) return absl::OkStatus();
  std::string text = NextReceiptText(opening.next());
  if (out->leaf.relay_receipt_sha256() != crypto::AsBytes(crypto::Sha256Of({text}))) {
    return absl::DataLossError("the next node's receipt is not the one that the record names");
  }
  out->next_receipt = std::move(text);
  return absl::OkStatus();
}

}  // namespace

std::string FormatReceipt(const Receipt& receipt) {
  return PutTogether(receipt.opening.SerializeAsString(), receipt.index, receipt.proof,
                     receipt.checkpoint);
}

absl::StatusOr<exchange::v1::NextReceipt> ToNextReceipt(absl::string_view text) {
  NDX_ASSIGN_OR_RETURN(ReceiptText parts, TakeApart(text));
  exchange::v1::NextReceipt next;
  next.set_opening(std::move(parts.opening));
  next.set_index(parts.index);
  for (const crypto::Digest& hash : parts.proof) next.add_proof(hash.data(), hash.size());
  next.set_checkpoint(std::move(parts.checkpoint));
  if (NextReceiptText(next) != text) return Malformed();
  return next;
}

std::string NextReceiptText(const exchange::v1::NextReceipt& next) {
  std::vector<crypto::Digest> proof;
  for (const std::string& hash : next.proof()) {
    if (hash.size() != crypto::kDigestBytes) return "";
    proof.push_back(crypto::DigestFromBytes(hash));
  }
  return PutTogether(next.opening(), next.index(), proof, next.checkpoint());
}

absl::StatusOr<Receipt> ParseReceipt(absl::string_view text) {
  NDX_ASSIGN_OR_RETURN(ReceiptText parts, TakeApart(text));
  Receipt receipt{.index = parts.index,
                  .proof = std::move(parts.proof),
                  .checkpoint = std::move(parts.checkpoint)};
  if (!receipt.opening.ParseFromString(parts.opening)) return Malformed();
  return receipt;
}

absl::StatusOr<Checkpoint> KnownCheckpoints::Open(absl::string_view vkey, absl::string_view note) {
  const auto found = by_vkey_.find(vkey);
  if (found != by_vkey_.end() && found->second.note == note) return found->second.checkpoint;
  NDX_ASSIGN_OR_RETURN(const NoteVerifier verifier, NoteVerifier::FromVkey(vkey));
  NDX_ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(note, {&verifier, 1}));
  ++signatures_verified_;
  if (found == by_vkey_.end() && by_vkey_.size() >= kKnownCheckpointsMax) by_vkey_.clear();
  by_vkey_[std::string(vkey)] = {.note = std::string(note), .checkpoint = checkpoint};
  return checkpoint;
}

absl::StatusOr<VerifiedReceipt> VerifyReceipt(absl::string_view text, const ReceiptChecks& checks) {
  NDX_ASSIGN_OR_RETURN(const Receipt receipt, ParseReceipt(text));
  KnownCheckpoints none;
  KnownCheckpoints& known = checks.known != nullptr ? *checks.known : none;
  NDX_ASSIGN_OR_RETURN(const Checkpoint checkpoint, known.Open(checks.vkey, receipt.checkpoint));
  VerifiedReceipt out;
  out.origin = checkpoint.origin;
  out.index = receipt.index;
  out.tree_size = checkpoint.head.size;
  out.checked.push_back(absl::StrCat("the checkpoint of ", checkpoint.head.size,
                                     " records is signed by ", checkpoint.origin));
  NDX_RETURN_IF_ERROR(VerifyInclusion(receipt.index, checkpoint.head.size,
                                      LeafHash(receipt.opening.leaf()), receipt.proof,
                                      checkpoint.head.root));
  out.checked.push_back(absl::StrCat("the record stands at index ", receipt.index, " of it"));
  NDX_ASSIGN_OR_RETURN(out.leaf, DecodeLeaf(receipt.opening.leaf()));
  NDX_RETURN_IF_ERROR(CheckGiven(checks, receipt.opening, &out));
  NDX_RETURN_IF_ERROR(CheckNext(receipt.opening, &out));
  return out;
}

}  // namespace ndx::journal

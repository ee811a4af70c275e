#include "ndx/journal/evidence_bundle.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "json_text.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/leaf_line.h"

namespace ndx::journal {
namespace {

std::string HexDigest(absl::string_view bytes) {
  const crypto::Digest digest = crypto::Sha256Of({bytes});
  return absl::BytesToHexString(crypto::AsBytes(digest));
}

}  // namespace

std::string BundleReceiptName(uint64_t index) {
  return absl::StrCat("receipts/", index, ".tlog-proof");
}

std::string BundlePayloadName(uint64_t index, bool request) {
  return absl::StrCat("payloads/", index, request ? ".request" : ".response");
}

std::string BundleSignatureName(uint64_t index) {
  return absl::StrCat("payloads/", index, ".signature");
}

std::string FrameMessages(const std::vector<std::string>& messages) {
  std::string frames;
  for (const std::string& message : messages) {
    absl::StrAppend(&frames, core::BigEndian(static_cast<uint32_t>(message.size())), message);
  }
  return frames;
}

absl::StatusOr<std::vector<std::string>> UnframeMessages(absl::string_view frames) {
  std::vector<std::string> messages;
  while (!frames.empty()) {
    const size_t size = frames.size() < 4 ? 0 : core::ReadBigEndian<uint32_t>(frames);
    if (frames.size() < 4 || frames.size() - 4 < size) {
      return absl::DataLossError("the messages are not whole");
    }
    messages.emplace_back(frames.substr(4, size));
    frames.remove_prefix(4 + size);
  }
  return messages;
}

std::string FormatManifest(const v1::EvidenceManifest& manifest) { return FormatJson(manifest); }

absl::StatusOr<v1::EvidenceManifest> ParseManifest(const std::string& json) {
  v1::EvidenceManifest manifest;
  if (!ParseJson(json, &manifest).ok()) {
    return absl::InvalidArgumentError("the manifest cannot be read");
  }
  return manifest;
}

absl::StatusOr<EvidenceWriter> EvidenceWriter::Create(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(BundleWriter files, BundleWriter::Create(path));
  return EvidenceWriter(std::move(files));
}

absl::Status EvidenceWriter::AddFile(const std::string& name, absl::string_view bytes) {
  if (!names_.insert(name).second) {
    return absl::AlreadyExistsError(absl::StrCat(name, " is in the bundle already"));
  }
  NDX_RETURN_IF_ERROR(files_.Add(name, bytes));
  v1::EvidenceFile& file = *manifest_.add_files();
  file.set_name(name);
  file.set_bytes(bytes.size());
  file.set_sha256(HexDigest(bytes));
  return absl::OkStatus();
}

absl::Status EvidenceWriter::Add(const Exchange& exchange) {
  if (exchange.leaves.empty()) return absl::InvalidArgumentError("an exchange without a leaf");
  v1::EvidenceExchange& entry = *manifest_.add_exchanges();
  entry.set_exchange_id(exchange.exchange_id);
  entry.set_consumer(exchange.consumer);
  entry.set_unreadable(exchange.unreadable);
  entry.set_read_leaf_plus_one(exchange.read_leaf_plus_one);
  for (const Leaf& leaf : exchange.leaves) {
    NDX_ASSIGN_OR_RETURN(const std::string line, FormatLeafLine(leaf.index, leaf.bytes));
    absl::StrAppend(&leaves_, line, "\n");
    NDX_RETURN_IF_ERROR(AddFile(BundleReceiptName(leaf.index), leaf.receipt));
    entry.add_leaves(leaf.index);
  }
  const uint64_t newest = exchange.leaves.back().index;
  if (!exchange.request.empty()) {
    entry.set_request_file(BundlePayloadName(newest, true));
    NDX_RETURN_IF_ERROR(AddFile(entry.request_file(), FrameMessages(exchange.request)));
  }
  if (!exchange.response.empty()) {
    entry.set_response_file(BundlePayloadName(newest, false));
    NDX_RETURN_IF_ERROR(AddFile(entry.response_file(), FrameMessages(exchange.response)));
  }
  if (!exchange.consumer_signature.empty()) {
    entry.set_signature_file(BundleSignatureName(newest));
    NDX_RETURN_IF_ERROR(AddFile(entry.signature_file(), exchange.consumer_signature));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> EvidenceWriter::Finish(const Head& head) {
  NDX_RETURN_IF_ERROR(AddFile(kBundleCheckpoint, head.checkpoint));
  NDX_RETURN_IF_ERROR(AddFile(kBundleVkey, absl::StrCat(head.vkey, "\n")));
  NDX_RETURN_IF_ERROR(AddFile(kBundleLeaves, leaves_));
  if (!head.descriptors.empty()) {
    NDX_RETURN_IF_ERROR(AddFile(kBundleDescriptors, head.descriptors));
  }
  manifest_.set_format_version(kBundleFormatVersion);
  manifest_.set_origin(head.origin);
  manifest_.set_tree_size(head.tree_size);
  manifest_.set_made(head.made);
  manifest_.set_selection(head.selection);
  const std::string json = FormatManifest(manifest_);
  NDX_RETURN_IF_ERROR(files_.Add(kBundleManifest, json));
  NDX_RETURN_IF_ERROR(files_.Finish());
  return HexDigest(json);
}

}  // namespace ndx::journal

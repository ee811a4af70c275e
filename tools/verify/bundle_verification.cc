#include "ndx/tools/verify/bundle_verification.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/exchange_id.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/tools/verify/receipt_verification.h"
#include "ndx/tools/verify/signed_head.h"

namespace ndx::tools::verify {
namespace {

using journal::v1::EvidenceExchange;

std::string IdOf(const journal::v1::JournalLeaf& leaf) {
  const auto id = core::ExchangeId::FromBytes(leaf.exchange_id());
  return id.ok() ? id->ToString() : "";
}

}  // namespace

void BundleVerification::Wrong(const std::string& name, const Bilingual& what) {
  verdict_.Problem({absl::StrCat(name, ": ", what.en), absl::StrCat(name, ": ", what.vi)});
}

std::optional<std::string> BundleVerification::Read(const std::string& name) {
  auto bytes = bundle_.Read(name);
  if (!bytes.ok()) {
    Wrong(name, {"is missing or cannot be read", "bị thiếu hoặc không đọc được"});
    return std::nullopt;
  }
  return *std::move(bytes);
}

bool BundleVerification::ReadManifest() {
  const auto json = Read(journal::kBundleManifest);
  if (!json.has_value()) return false;
  auto manifest = journal::ParseManifest(*json);
  if (!manifest.ok() || manifest->format_version() != journal::kBundleFormatVersion) {
    Wrong(journal::kBundleManifest,
          {"is no manifest of a known version", "không phải bản kê thuộc phiên bản đã biết"});
    return false;
  }
  manifest_ = *std::move(manifest);
  const crypto::Digest digest = crypto::Sha256Of({*json});
  const std::string hex = absl::BytesToHexString(crypto::AsBytes(digest));
  verdict_.Checked({absl::StrCat("the manifest with SHA-256 ", hex, ", made ", manifest_.made(),
                                 " for: ", manifest_.selection()),
                    absl::StrCat("bản kê có SHA-256 ", hex, ", lập ", manifest_.made(),
                                 " cho: ", manifest_.selection())});
  return true;
}

void BundleVerification::CheckDigests() {
  std::set<std::string> named = {journal::kBundleManifest};
  for (const journal::v1::EvidenceFile& file : manifest_.files()) {
    named.insert(file.name());
    const auto bytes = Read(file.name());
    if (!bytes.has_value()) continue;
    const crypto::Digest digest = crypto::Sha256Of({*bytes});
    if (bytes->size() != file.bytes() ||
        absl::BytesToHexString(crypto::AsBytes(digest)) != file.sha256()) {
      Wrong(file.name(),
            {"is not the file that the manifest names", "không phải tệp mà bản kê nêu"});
    }
  }
  for (const auto& [name, size] : bundle_.files()) {
    if (named.count(name) == 0) {
      Wrong(name, {"does not stand in the manifest", "không có trong bản kê"});
    }
  }
}

void BundleVerification::CheckCheckpoint() {
  const auto text = Read(journal::kBundleCheckpoint);
  if (!text.has_value()) return;
  const auto note = CheckSignatures(*text, keys_, verdict_);
  if (!note.has_value()) return;
  const auto checkpoint = journal::ParseForeignCheckpoint(note->text);
  if (!checkpoint.ok() || checkpoint->checkpoint.origin != manifest_.origin() ||
      checkpoint->checkpoint.head.size != manifest_.tree_size()) {
    Wrong(journal::kBundleCheckpoint,
          {"is not the one that the manifest names", "không phải điểm kiểm tra mà bản kê nêu"});
    return;
  }
  DescribeCheckpoint(*checkpoint, *note, keys_, verdict_);
}

void BundleVerification::ReadLeaves() {
  const auto text = Read(journal::kBundleLeaves);
  if (!text.has_value()) return;
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    auto leaf = journal::ParseLeafLine(line);
    if (!leaf.ok()) {
      Wrong(journal::kBundleLeaves, Translate(std::string(leaf.status().message())));
      continue;
    }
    const uint64_t index = leaf->index;
    leaves_.emplace(index, *std::move(leaf));
  }
}

void BundleVerification::ReadTypes() {
  if (bundle_.files().count(journal::kBundleDescriptors) == 0) return;
  const auto set = Read(journal::kBundleDescriptors);
  if (!set.has_value()) return;
  auto types = MessageTypes::FromSet(*set);
  if (types.ok()) {
    types_ = *std::move(types);
  } else {
    Wrong(journal::kBundleDescriptors, Translate(std::string(types.status().message())));
  }
}

std::optional<std::vector<std::string>> BundleVerification::MessagesIn(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto frames = Read(name);
  if (!frames.has_value()) return std::nullopt;
  auto messages = journal::UnframeMessages(*frames);
  if (!messages.ok()) {
    Wrong(name, {"the messages are not whole", "các thông điệp không nguyên vẹn"});
    return std::nullopt;
  }
  return *std::move(messages);
}

void BundleVerification::CheckLeaf(const EvidenceExchange& exchange, const journal::LeafLine& line,
                                   bool has_payload) {
  const std::string name = journal::BundleReceiptName(line.index);
  const auto receipt = Read(name);
  if (!receipt.has_value()) return;
  GivenMessages given{.signer_keys = signer_keys_, .types = types_.get()};
  if (has_payload) {
    given.request = MessagesIn(exchange.request_file());
    given.response = MessagesIn(exchange.response_file());
    if (!exchange.signature_file().empty())
      given.consumer_signature = Read(exchange.signature_file());
    payloads_checked_ += given.request.has_value() ? 1U : 0U;
    payloads_checked_ += given.response.has_value() ? 1U : 0U;
    const bool request_absent = line.leaf.request().messages() > 0 && !given.request.has_value();
    const bool response_absent = line.leaf.response().messages() > 0 && !given.response.has_value();
    payloads_absent_ += (request_absent ? 1U : 0U) + (response_absent ? 1U : 0U);
  }
  Verdict of_receipt;
  const auto verified = CheckReceipt(*receipt, keys_, given, of_receipt);
  if (!verified.has_value()) {
    Wrong(name, of_receipt.first_problem());
  } else if (verified->origin != manifest_.origin() || verified->index != line.index ||
             verified->leaf.SerializeAsString() != line.leaf.SerializeAsString()) {
    Wrong(name, {"is the receipt of another leaf", "là xác nhận của bản ghi khác"});
  } else {
    ++leaves_checked_;
    using Caller = CallerSignature;
    if (verified->caller_signature == Caller::kBad) Wrong(name, of_receipt.first_problem());
    if (!has_payload) return;
    signatures_checked_ += verified->caller_signature == Caller::kVerified ? 1U : 0U;
    signatures_not_tried_ += verified->caller_signature == Caller::kNotTried ? 1U : 0U;
  }
}

uint64_t BundleVerification::PayloadLeaf(const EvidenceExchange& exchange) const {
  for (int i = exchange.leaves_size() - 1; i >= 0; --i) {
    const auto found = leaves_.find(exchange.leaves(i));
    if (found == leaves_.end()) continue;
    const auto& leaf = found->second.leaf;
    if (leaf.has_request() || leaf.has_response()) return exchange.leaves(i);
  }
  return exchange.leaves_size() == 0 ? 0 : exchange.leaves(exchange.leaves_size() - 1);
}

void BundleVerification::CheckExchange(const EvidenceExchange& exchange) {
  const uint64_t payload_leaf = PayloadLeaf(exchange);
  for (int i = 0; i < exchange.leaves_size(); ++i) {
    const uint64_t index = exchange.leaves(i);
    const auto found = leaves_.find(index);
    const std::string name = absl::StrCat("leaf ", index);
    if (found == leaves_.end() || (i > 0 && index <= exchange.leaves(i - 1))) {
      Wrong(name, {"is missing or out of order", "bị thiếu hoặc sai thứ tự"});
      continue;
    }
    if (IdOf(found->second.leaf) != exchange.exchange_id()) {
      Wrong(name, {absl::StrCat("is not of the exchange ", exchange.exchange_id()),
                   absl::StrCat("không thuộc giao dịch ", exchange.exchange_id())});
    }
    CheckLeaf(exchange, found->second, index == payload_leaf);
  }
  if (!exchange.unreadable().empty()) {
    verdict_.NotChecked({absl::StrCat("a payload of ", exchange.exchange_id(),
                                      " that is not there: ", exchange.unreadable()),
                         absl::StrCat("nội dung của ", exchange.exchange_id(),
                                      " không có trong hồ sơ: ", exchange.unreadable())});
  }
}

void BundleVerification::CheckExchanges() {
  uint64_t named = 0;
  for (const EvidenceExchange& exchange : manifest_.exchanges()) {
    CheckExchange(exchange);
    named += static_cast<uint64_t>(exchange.leaves_size());
  }
  if (named != leaves_.size()) {
    Wrong(journal::kBundleLeaves, {"has leaves that belong to no exchange of the manifest",
                                   "có bản ghi không thuộc giao dịch nào của bản kê"});
  }
}

void BundleVerification::Summarise() {
  if (verdict_.holds()) {
    verdict_.Checked({absl::StrCat(manifest_.files_size(), " files by their digests"),
                      absl::StrCat(manifest_.files_size(), " tệp theo giá trị băm")});
  }
  verdict_.Checked({absl::StrCat(leaves_checked_, " leaves of ", manifest_.exchanges_size(),
                                 " exchanges by their receipts, and their words by their bytes"),
                    absl::StrCat(leaves_checked_, " bản ghi của ", manifest_.exchanges_size(),
                                 " giao dịch theo xác nhận, và phần chữ theo phần byte")});
  if (payloads_checked_ > 0) {
    verdict_.Checked({absl::StrCat(payloads_checked_, " payloads by their commitments"),
                      absl::StrCat(payloads_checked_, " nội dung theo cam kết")});
  }
  if (signatures_checked_ > 0) {
    verdict_.Checked(
        {absl::StrCat(signatures_checked_, " requests by their callers' own signatures"),
         absl::StrCat(signatures_checked_, " yêu cầu theo chữ ký số của chính bên khai thác")});
  }
  if (signatures_not_tried_ > 0) {
    verdict_.NotChecked(
        {absl::StrCat(signatures_not_tried_,
                      " callers' signatures: not in the bundle, or no key given (--signer-key)"),
         absl::StrCat(signatures_not_tried_,
                      " chữ ký của bên khai thác: không có trong hồ sơ hoặc thiếu khóa công khai "
                      "(--signer-key)")});
  }
  if (payloads_absent_ > 0) {
    verdict_.NotChecked({absl::StrCat(payloads_absent_, " payloads, which are not in the bundle"),
                         absl::StrCat(payloads_absent_, " nội dung không có trong hồ sơ")});
  }
  verdict_.NotChecked(
      {"that no exchange was left out, who made the bundle, and when: the manifest is not signed",
       "có bỏ sót giao dịch nào không, ai lập hồ sơ và khi nào: bản kê không được ký"});
}

void BundleVerification::Run() {
  if (!ReadManifest()) return;
  CheckDigests();
  CheckCheckpoint();
  ReadLeaves();
  ReadTypes();
  CheckExchanges();
  Summarise();
}

}  // namespace ndx::tools::verify

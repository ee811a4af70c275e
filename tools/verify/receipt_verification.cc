#include "ndx/tools/verify/receipt_verification.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/tools/verify/next_receipt.h"

namespace ndx::tools::verify {
namespace {

using journal::ReceiptMessages;
using journal::v1::JournalLeaf;

// Vietnam has had no summer time since 1975; a machine without time zone files shows the same.
std::string TimeText(int64_t unix_ns) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E3S +07", absl::FromUnixNanos(unix_ns),
                          absl::FixedTimeZone(7 * 3600));
}

// The key that the receipt's checkpoint says it is signed by; where it names none, the first, by
// which it then does not verify.
std::string VkeyFor(const journal::Receipt& receipt,
                    const std::vector<journal::NoteVerifier>& keys) {
  const auto note = journal::ParseNote(receipt.checkpoint);
  const auto* const signer = note.ok() ? journal::SignerOf(*note, keys) : nullptr;
  return signer == nullptr ? keys.front().vkey() : signer->vkey();
}

std::optional<ReceiptMessages> Typed(const std::optional<std::vector<std::string>>& messages,
                                     const google::protobuf::Descriptor* type) {
  if (!messages.has_value()) return std::nullopt;
  return ReceiptMessages{.messages = *messages, .descriptor = type};
}

// Whatever the leaf commits to and nobody gave.
void SayNotChecked(const JournalLeaf& leaf, const journal::VerifiedReceipt& verified,
                   Verdict& verdict) {
  if (!verified.request_checked && leaf.request().messages() > 0) {
    verdict.NotChecked({"what was asked: the leaf commits to it, it is not given",
                        "nội dung yêu cầu: bản ghi có cam kết, nhưng không được đưa ra"});
  }
  if (!verified.response_checked && leaf.response().messages() > 0) {
    verdict.NotChecked({"what was answered: the leaf commits to it, it is not given",
                        "nội dung trả lời: bản ghi có cam kết, nhưng không được đưa ra"});
  }
}

void SayChecked(const journal::VerifiedReceipt& verified, Verdict& verdict) {
  verdict.Checked({absl::StrCat("the checkpoint of ", verified.tree_size, " leaves is signed by ",
                                verified.origin),
                   absl::StrCat("điểm kiểm tra của ", verified.tree_size, " bản ghi do ",
                                verified.origin, " ký")});
  const std::string leaf = DescribeLeaf(verified.index, verified.leaf);
  verdict.Checked(
      {absl::StrCat("it holds the leaf ", leaf), absl::StrCat("trong đó có bản ghi ", leaf)});
  if (verified.request_checked) {
    verdict.Checked(
        {"the request given is the one recorded", "yêu cầu đưa ra đúng là yêu cầu đã ghi"});
  }
  if (verified.response_checked) {
    verdict.Checked(
        {"the answer given is the one recorded", "trả lời đưa ra đúng là trả lời đã ghi"});
  }
  if (verified.signature_checked) {
    verdict.Checked({"the caller's signature given is the one recorded",
                     "chữ ký đưa ra đúng là chữ ký đã ghi"});
  }
}

}  // namespace

std::string DescribeLeaf(uint64_t index, const JournalLeaf& leaf) {
  const auto id = core::ExchangeId::FromBytes(leaf.exchange_id());
  std::string text = absl::StrCat(
      index, ": ",
      absl::StripPrefix(journal::v1::JournalEvent_Name(leaf.event()), "JOURNAL_EVENT_"), " ",
      TimeText(leaf.time_unix_ns()));
  if (id.ok()) absl::StrAppend(&text, " ", id->ToString());
  if (!leaf.consumer().empty()) {
    absl::StrAppend(&text, " ", leaf.consumer(), " → ", leaf.provider(), " ", leaf.method());
  }
  return text;
}

std::optional<CheckedReceipt> CheckReceipt(const std::string& text,
                                           const std::vector<journal::NoteVerifier>& keys,
                                           const GivenMessages& given, Verdict& verdict) {
  const auto receipt = journal::ParseReceipt(text);
  if (!receipt.ok()) {
    verdict.Problem(Translate(std::string(receipt.status().message())));
    return std::nullopt;
  }
  journal::ReceiptChecks checks{.vkey = VkeyFor(*receipt, keys)};
  const auto leaf = journal::DecodeLeaf(receipt->opening.leaf());
  const auto* const method =
      given.types == nullptr || !leaf.ok() ? nullptr : given.types->Find(leaf->method());
  checks.request = Typed(given.request, method == nullptr ? nullptr : method->input_type());
  checks.response = Typed(given.response, method == nullptr ? nullptr : method->output_type());
  checks.consumer_signature = given.consumer_signature;
  auto verified = journal::VerifyReceipt(text, checks);
  if (!verified.ok()) {
    verdict.Problem(Translate(std::string(verified.status().message())));
    if (method == nullptr && (given.request.has_value() || given.response.has_value())) {
      verdict.NotChecked(
          {"whether the messages fit when cut by their type: give its descriptors",
           "nội dung có khớp khi cắt theo kiểu hay không: cần tệp mô tả (descriptors)"});
    }
    return std::nullopt;
  }
  SayChecked(*verified, verdict);
  SayNotChecked(verified->leaf, *verified, verdict);
  const SignedRequest signed_request{
      .request = given.request, .signature = given.consumer_signature, .keys = given.signer_keys};
  const CallerSignature caller =
      CheckCallerSignature(*verified, receipt->opening, signed_request, verdict);
  CheckNextReceipt(*verified, keys, given, verdict);
  return CheckedReceipt{{*std::move(verified)}, caller};
}

}  // namespace ndx::tools::verify

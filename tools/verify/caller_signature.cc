#include "ndx/tools/verify/caller_signature.h"

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/crypto/exchange_signature.h"

namespace ndx::tools::verify {
namespace {

using crypto::ExchangeSignature;
using crypto::SignatureFault;

CallerSignature NotTried(Bilingual what, Verdict& verdict) {
  verdict.NotChecked(
      {absl::StrCat("whether the caller's signature is the caller's over this request: ", what.en),
       absl::StrCat("chữ ký có đúng là của bên khai thác trên yêu cầu này hay không: ", what.vi)});
  return CallerSignature::kNotTried;
}

CallerSignature Bad(SignatureFault fault, Verdict& verdict) {
  verdict.Problem(
      {absl::StrCat("the caller's signature does not count: ", crypto::FaultTextEn(fault)),
       absl::StrCat("chữ ký của bên khai thác không hợp lệ: ", crypto::FaultTextVi(fault))});
  return CallerSignature::kBad;
}

bool PartsErased(const exchange::v1::ReceiptOpening& opening) {
  return std::any_of(opening.erased().begin(), opening.erased().end(),
                     [](const auto& part) { return !part.of_response(); });
}

// Vietnam has had no summer time since 1975; a machine without time zone files shows the same.
std::string SignedTimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S +07", time, absl::FixedTimeZone(7 * 3600));
}

}  // namespace

CallerSignature CheckCallerSignature(const journal::VerifiedReceipt& verified,
                                     const exchange::v1::ReceiptOpening& opening,
                                     const SignedRequest& given, Verdict& verdict) {
  const journal::v1::JournalLeaf& leaf = verified.leaf;
  if (leaf.signature_commitment().empty()) return CallerSignature::kNone;
  if (!verified.signature_checked) {
    verdict.NotChecked({"the caller's own signature: the leaf commits to it, it is not given",
                        "chữ ký của bên khai thác: bản ghi có cam kết, nhưng không được đưa ra"});
    return CallerSignature::kNotTried;
  }
  if (given.keys.empty()) {
    return NotTried({"give the public key registered for it (--signer-key)",
                     "cần khóa công khai đã đăng ký (--signer-key)"},
                    verdict);
  }
  if (!verified.request_checked || given.request->size() != 1 || PartsErased(opening)) {
    return NotTried({"the whole request is not given", "không có đủ nội dung yêu cầu"}, verdict);
  }
  const auto parsed = ExchangeSignature::Parse(*given.signature, crypto::SignedAs::kRequest);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return Bad(*fault, verdict);
  const auto& signature = std::get<ExchangeSignature>(parsed);
  const auto key = std::find_if(given.keys.begin(), given.keys.end(),
                                [&](const auto& each) { return each.id() == signature.key_id(); });
  const auto id = core::ExchangeId::FromBytes(leaf.exchange_id());
  if (key == given.keys.end()) return Bad(SignatureFault::kKeyUnknown, verdict);
  if (!id.ok()) return Bad(SignatureFault::kMismatch, verdict);
  const crypto::SignedExchange exchange{
      .exchange_id = id->ToString(),
      .method = leaf.method(),
      .body_sha256 = crypto::BodyDigest::Of(given.request->front())};
  if (const auto fault = signature.Verify(exchange, *key)) return Bad(*fault, verdict);
  const std::string made = SignedTimeText(signature.issued());
  verdict.Checked({absl::StrCat(leaf.consumer(), " signed this request itself at ", made,
                                ", with the key ", signature.key_id()),
                   absl::StrCat("chính ", leaf.consumer(), " đã ký số yêu cầu này lúc ", made,
                                ", bằng khóa ", signature.key_id())});
  return CallerSignature::kVerified;
}

}  // namespace ndx::tools::verify

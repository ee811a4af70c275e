#include "ndx/adapters/sdk/answer_signer.h"

namespace ndx::sdk {

std::string AnswerSigner::Sign(const crypto::SignedExchange& answer) const {
  return crypto::SignExchange(crypto::SignedAs::kAnswer, answer, key_, clock_.Now());
}

std::string AnswerSignature::Finish() {
  return signer_->Sign(
      {.exchange_id = exchange_id_, .method = method_, .body_sha256 = digest_.Finish()});
}

}  // namespace ndx::sdk

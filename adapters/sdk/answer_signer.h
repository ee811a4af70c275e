// Signs a provider's answers (ký số câu trả lời), for a registry that says `signed_answers`. The
// form is that of crypto/exchange_signature.h, SignedAs::kAnswer; the key, one of the system's
// `signing_keys`.
//
//   const auto signer = std::make_shared<const AnswerSigner>(*std::move(key), clock);
//   reply.SignWith(signer, call, crypto::BodyDigest::Kind::kMessage);   // in an adapter
//   metadata = AnswerSignature(signer, call, kind).Add(bytes).Finish();  // in a gRPC server
//
// Thread-safety: AnswerSigner is thread-safe; an AnswerSignature belongs to one thread at a time.
// Ownership: the clock outlives the signer.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "ndx/adapters/sdk/adapter_call.h"
#include "ndx/core/clock.h"
#include "ndx/crypto/exchange_signature.h"

namespace ndx::sdk {

// Metadata that carries it, behind the answer.
inline constexpr absl::string_view kSignatureKey = "ndx-signature-bin";

class AnswerSigner {
 public:
  AnswerSigner(crypto::SigningPrivateKey key, const core::Clock& clock)
      : key_(std::move(key)), clock_(clock) {}

  std::string Sign(const crypto::SignedExchange& answer) const;

 private:
  const crypto::SigningPrivateKey key_;
  const core::Clock& clock_;
};

// Of one call, while its answer goes out.
class AnswerSignature {
 public:
  // kind: kStream for a method with a streamed answer, however many messages it has.
  AnswerSignature(std::shared_ptr<const AnswerSigner> signer, const AdapterCall& call,
                  crypto::BodyDigest::Kind kind)
      : signer_(std::move(signer)),
        exchange_id_(call.exchange_id),
        method_(call.method),
        digest_(kind) {}

  AnswerSignature& Add(absl::string_view message) {
    digest_.Add(message);
    return *this;
  }

  // The bytes of ndx-signature-bin. Once.
  std::string Finish();

 private:
  std::shared_ptr<const AnswerSigner> signer_;
  std::string exchange_id_;
  std::string method_;
  crypto::BodyDigest digest_;
};

}  // namespace ndx::sdk

#include "ndx/tools/ndxctl/call_proof.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/adapters/sdk/consumer_signature.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tools/ndxctl/key_files.h"

namespace ndx::tools::ndxctl {
namespace {

constexpr char kExchangeIdKey[] = "ndx-exchange-id";

absl::Status Write(const std::string& file, const std::string& bytes) {
  if (file.empty()) return absl::OkStatus();
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  out.close();
  if (out) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(file, " cannot be written"));
}

}  // namespace

absl::Status ProveCall(const CallProofFiles& files, const core::Clock& clock, core::Random& random,
                       ExchangeCall& call) {
  if (!files.officer_token.empty()) {
    NDX_ASSIGN_OR_RETURN(const std::string token, ReadFile(files.officer_token));
    call.metadata.emplace("ndx-officer-token", std::string(absl::StripAsciiWhitespace(token)));
  }
  if (files.sign_key.empty()) {
    if (files.signature_out.empty()) return Write(files.request_out, call.request);
    return absl::InvalidArgumentError("--save-signature needs --sign-key");
  }
  NDX_ASSIGN_OR_RETURN(const auto key, crypto::SigningPrivateKey::Load(files.sign_key));
  if (call.metadata.count(kExchangeIdKey) == 0) {
    call.metadata.emplace(kExchangeIdKey, core::ExchangeId::Generate(clock, random).ToString());
  }
  const std::string signature =
      sdk::SignRequest({.exchange_id = call.metadata.find(kExchangeIdKey)->second,
                        .method = call.method,
                        .request = call.request},
                       key, clock.Now());
  call.metadata.emplace("ndx-signature-bin", signature);
  NDX_RETURN_IF_ERROR(Write(files.signature_out, signature));
  return Write(files.request_out, call.request);
}

absl::Status CheckDelivery(const CallProofFiles& files, const ExchangeCall& call, bool streamed,
                           const std::vector<std::string>& messages, const std::string& signature,
                           const core::Clock& clock) {
  const auto id = call.metadata.find(kExchangeIdKey);
  const sdk::DeliveredExchange delivered{
      .exchange_id = id == call.metadata.end() ? std::string() : id->second,
      .method = call.method,
      .streamed = streamed,
      .messages = messages};
  NDX_ASSIGN_OR_RETURN(const auto vkeys, ReadVkeys(files.vkeys));
  absl::Status verdict;
  for (const std::string& vkey : vkeys) {
    NDX_ASSIGN_OR_RETURN(const auto verifier, journal::NoteVerifier::FromVkey(vkey));
    NDX_ASSIGN_OR_RETURN(const auto key,
                         crypto::SigningPublicKey::FromEd25519(verifier.public_key()));
    verdict = sdk::VerifyDelivery(delivered, signature, key, clock.Now());
    if (verdict.ok()) return verdict;
  }
  return verdict;
}

}  // namespace ndx::tools::ndxctl

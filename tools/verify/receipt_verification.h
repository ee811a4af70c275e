// Verifies a receipt (tlog-proof with a leaf) and says in a verdict what was checked and what not.
//
// Thread-safety: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ndx/crypto/signing_key.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tools/verify/caller_signature.h"
#include "ndx/tools/verify/message_types.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::verify {

// What was sent and got, as far as it is given.
struct GivenMessages {
  std::optional<std::vector<std::string>> request;
  std::optional<std::vector<std::string>> response;
  std::optional<std::string> consumer_signature;
  // Registered keys of the caller's system; empty: the signature is not held against any.
  std::vector<crypto::SigningPublicKey> signer_keys;
  const MessageTypes* types = nullptr;  // null: a message is one part
};

struct CheckedReceipt : journal::VerifiedReceipt {
  CallerSignature caller_signature = CallerSignature::kNone;
};

// nullopt, with the problem in the verdict, if it does not verify.
std::optional<CheckedReceipt> CheckReceipt(const std::string& text,
                                           const std::vector<journal::NoteVerifier>& keys,
                                           const GivenMessages& given, Verdict& verdict);

// The leaf in one line: index, event, exchange id, time, who asked whom for what.
std::string DescribeLeaf(uint64_t index, const journal::v1::JournalLeaf& leaf);

}  // namespace ndx::tools::verify

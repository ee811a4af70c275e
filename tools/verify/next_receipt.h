// The receipts of the nodes behind the one whose receipt is verified: each stands inside the one
// before it, so that one receipt proves the whole way of an exchange.
//
// Thread-safety: thread-safe.
#pragma once

#include <vector>

#include "ndx/tools/verify/receipt_verification.h"

namespace ndx::tools::verify {

// What the next node recorded, and by it the nodes behind that one: by their own keys, where these
// are given, and that it is the same exchange by the way that both say it went. Nothing is said of
// an exchange that was not passed on.
void CheckNextReceipt(const journal::VerifiedReceipt& outer,
                      const std::vector<journal::NoteVerifier>& keys, const GivenMessages& given,
                      Verdict& verdict);

}  // namespace ndx::tools::verify

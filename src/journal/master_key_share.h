// A share of the master key as text, for a person to keep on paper or in a safe:
//
//   ndx master key share 2 of 5, 3 needed
//   key 5ba5483b931a967629597289aaef2b682d4e7f57aee2986e127c4b16f0fa5fa5
//   share 0123-4567-89ab-cdef-0123-4567-89ab-cdef-0123-4567-89ab-cdef-0123-4567-89ab-cdef
//   sum 6c1f2e90
//
// key is the check value of the master key (master_key.h), sum the first 8 digits of the SHA-256 of
// the lines before, so that an error of copying is noticed in the share that has it.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/core/random.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::journal {

// count shares of a master key, any `needed` of which give it back; each set that lies side by side
// has been tried. kInvalidArgument as crypto::SplitSecret(), or for a key that has not 32 bytes.
absl::StatusOr<std::vector<crypto::SecretBytes>> ShareMasterKey(absl::string_view master,
                                                                size_t needed, size_t count,
                                                                core::Random& random);

// The master key, held against the check value in the shares. kInvalidArgument, with what is wrong
// and with which share: one that was copied wrongly or is no share, shares of different keys, one
// given twice, too few; kDataLoss if they do not give the key that they name.
absl::StatusOr<crypto::SecretBytes> RestoreMasterKey(absl::Span<const std::string> shares);

}  // namespace ndx::journal

// SHA-256, HMAC-SHA-256, and comparison that takes the same time wherever two strings differ.
//
// Thread-safety: the functions are thread-safe; a Sha256 belongs to one thread at a time.
// Errors: none; running out of memory inside the cryptographic library ends the program.
// Source: FIPS 180-4, RFC 2104.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "absl/strings/string_view.h"

namespace ndx::crypto {

inline constexpr size_t kDigestBytes = 32;
using Digest = std::array<uint8_t, kDigestBytes>;

// The bytes of a digest; valid as long as the digest.
inline absl::string_view AsBytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The digest in 32 given bytes. NDX_CHECKs the size.
Digest DigestFromBytes(absl::string_view bytes);

// SHA-256 over data that arrives in pieces. May be used again after Finish().
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& Add(absl::string_view piece);

  // The digest of what was added; what follows starts a new digest.
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SHA-256 over the concatenation of the pieces.
Digest Sha256Of(std::initializer_list<absl::string_view> pieces);

// HMAC-SHA-256 over the concatenation of the pieces.
Digest HmacSha256(absl::string_view key, std::initializer_list<absl::string_view> pieces);

// True if both hold the same bytes. Takes no longer for a longer common prefix.
bool ConstantTimeEqual(absl::string_view a, absl::string_view b);

}  // namespace ndx::crypto

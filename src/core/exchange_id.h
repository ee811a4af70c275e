// Identifier of one exchange (mã giao dịch): a UUID version 7, RFC 9562 section 5.7.
//
// Thread-safety: value type. The generator is thread-safe as its clock and random source are.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"

namespace ndx::core {

class ExchangeId {
 public:
  static constexpr size_t kBytes = 16;
  static constexpr size_t kTextLength = 36;

  // The nil id: no exchange.
  ExchangeId() = default;

  // A new id: 48 bits of Unix milliseconds, 74 random bits.
  static ExchangeId Generate(const Clock& clock, Random& random);

  // Parses the canonical text, 36 characters in either case. kInvalidArgument unless it is a UUID
  // of version 7 and of the RFC 9562 variant; the message does not repeat the input.
  static absl::StatusOr<ExchangeId> Parse(absl::string_view text);

  // From 16 bytes as stored in a leaf; no check of version.
  static absl::StatusOr<ExchangeId> FromBytes(absl::string_view bytes);

  // Lower-case canonical text.
  std::string ToString() const;

  // The 16 bytes.
  absl::string_view bytes() const;

  // Milliseconds since 1970 that the id carries.
  int64_t unix_ms() const;

  bool is_nil() const { return *this == ExchangeId(); }

  friend auto operator<=>(const ExchangeId&, const ExchangeId&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const ExchangeId& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  std::array<uint8_t, kBytes> bytes_{};
};

}  // namespace ndx::core

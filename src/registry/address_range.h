// A range of network addresses, as grants name them: "10.55.0.0/16", "2001:db8::/32", "192.0.2.7".
//
// Thread-safety: value type. Source: RFC 4632, RFC 4291. An IPv4 address mapped into IPv6
// (::ffff:a.b.c.d) is the IPv4 address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::registry {

class NetworkAddress {
 public:
  // Without port; nullopt if it is none.
  static std::optional<NetworkAddress> Parse(absl::string_view text);
  // Of a peer: "192.0.2.1:4711", "[2001:db8::1]:4711".
  static std::optional<NetworkAddress> OfPeer(absl::string_view text);

 private:
  friend class AddressRange;
  std::array<uint8_t, 16> bytes_{};  // IPv4 mapped
  bool four_ = false;
};

class AddressRange {
 public:
  // kInvalidArgument, saying what is wrong, also for bits set behind the prefix: whoever wrote them
  // meant another range.
  static absl::StatusOr<AddressRange> Parse(absl::string_view text);

  bool Contains(const NetworkAddress& address) const;
  const std::string& text() const { return text_; }

 private:
  NetworkAddress base_;
  int prefix_bits_ = 0;  // of 128
  std::string text_;
};

}  // namespace ndx::registry

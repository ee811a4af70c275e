#include "ndx/registry/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ndx::registry {
namespace {

constexpr int kBits = 128;
constexpr int kFourBits = 32;
constexpr size_t kFourAt = 12;  // of a mapped address
constexpr std::array<uint8_t, kFourAt> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// Whether the first bits of both are the same.
bool SameBits(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(whole), b.begin())) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF00U >> static_cast<unsigned>(rest));
  return (a[whole] & mask) == (b[whole] & mask);
}

}  // namespace

std::optional<NetworkAddress> NetworkAddress::Parse(absl::string_view text) {
  NetworkAddress address;
  const std::string terminated(text);
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + kFourAt) == 1) {
    std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
    address.four_ = true;
    return address;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) != 1) return std::nullopt;
  address.four_ = std::equal(kMapped.begin(), kMapped.end(), address.bytes_.begin());
  return address;
}

std::optional<NetworkAddress> NetworkAddress::OfPeer(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  text = text.substr(0, colon);
  if (absl::ConsumePrefix(&text, "[") && !absl::ConsumeSuffix(&text, "]")) return std::nullopt;
  return Parse(text);
}

absl::StatusOr<AddressRange> AddressRange::Parse(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  const auto base = NetworkAddress::Parse(parts.first);
  if (!base.has_value()) {
    return absl::InvalidArgumentError(
        "must be an address or a range such as 10.55.0.0/16 or 2001:db8::/32");
  }
  AddressRange range;
  range.base_ = *base;
  range.text_ = std::string(text);
  const int most = base->four_ ? kFourBits : kBits;
  int bits = most;
  const bool ranged = parts.first.size() < text.size();
  if (ranged && (parts.second.empty() || parts.second[0] == '+' ||
                 !absl::SimpleAtoi(parts.second, &bits) || bits < 0 || bits > most)) {
    return absl::InvalidArgumentError(absl::StrCat("must have a prefix of 0 to ", most, " bits"));
  }
  range.prefix_bits_ = bits + (kBits - most);
  for (int bit = range.prefix_bits_; bit < kBits; ++bit) {
    const uint8_t byte = base->bytes_[static_cast<size_t>(bit / 8)];
    if ((byte & (0x80U >> static_cast<unsigned>(bit % 8))) == 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("has bits set behind its prefix of ", bits, " bits"));
  }
  return range;
}

bool AddressRange::Contains(const NetworkAddress& address) const {
  return address.four_ == base_.four_ && SameBits(address.bytes_, base_.bytes_, prefix_bits_);
}

}  // namespace ndx::registry

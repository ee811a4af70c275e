#include "ndx/core/exchange_id.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ndx::core {
namespace {

constexpr std::array<size_t, 4> kDashes = {8, 13, 18, 23};

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsDash(size_t at) {
  for (const size_t dash : kDashes) {
    if (dash == at) return true;
  }
  return false;
}

absl::Status NotAnId() {
  return absl::InvalidArgumentError(
      "must be a UUID of version 7, such as 01890a5d-ac96-774b-bcce-b302099a8057");
}

}  // namespace

ExchangeId ExchangeId::Generate(const Clock& clock, Random& random) {
  ExchangeId id;
  random.Fill(id.bytes_.data() + 6, kBytes - 6);
  const auto ms = static_cast<uint64_t>(absl::ToUnixMillis(clock.Now()));
  for (size_t i = 0; i < 6; ++i) id.bytes_[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  id.bytes_[6] = static_cast<uint8_t>((id.bytes_[6] & 0x0F) | 0x70);
  id.bytes_[8] = static_cast<uint8_t>((id.bytes_[8] & 0x3F) | 0x80);
  return id;
}

absl::StatusOr<ExchangeId> ExchangeId::Parse(absl::string_view text) {
  if (text.size() != kTextLength) return NotAnId();
  ExchangeId id;
  size_t nibble = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return NotAnId();
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return NotAnId();
    uint8_t& byte = id.bytes_[nibble / 2];
    byte = static_cast<uint8_t>((byte << 4) | value);
    ++nibble;
  }
  const bool version_7 = (id.bytes_[6] >> 4) == 7;
  const bool rfc_variant = (id.bytes_[8] >> 6) == 2;
  if (!version_7 || !rfc_variant) return NotAnId();
  return id;
}

absl::StatusOr<ExchangeId> ExchangeId::FromBytes(absl::string_view bytes) {
  if (bytes.size() != kBytes) return absl::InvalidArgumentError("an exchange id has 16 bytes");
  ExchangeId id;
  std::memcpy(id.bytes_.data(), bytes.data(), kBytes);
  return id;
}

std::string ExchangeId::ToString() const {
  const std::string hex = absl::BytesToHexString(bytes());
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

absl::string_view ExchangeId::bytes() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

int64_t ExchangeId::unix_ms() const {
  int64_t ms = 0;
  for (size_t i = 0; i < 6; ++i) ms = (ms << 8) | bytes_[i];
  return ms;
}

}  // namespace ndx::core

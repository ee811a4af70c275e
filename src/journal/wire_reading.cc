#include "wire_reading.h"

namespace ndx::journal {

bool ReadVarint(absl::string_view bytes, size_t* at, uint64_t* value) {
  *value = 0;
  for (uint32_t shift = 0; shift < 64 && *at < bytes.size(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes[(*at)++]);
    *value |= uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool ReadTag(absl::string_view bytes, size_t* at, uint32_t* number, uint32_t* wire_type) {
  uint64_t tag = 0;
  if (!ReadVarint(bytes, at, &tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
  *number = static_cast<uint32_t>(tag >> 3);
  *wire_type = static_cast<uint32_t>(tag & 7);
  return true;
}

bool SkipScalar(absl::string_view bytes, uint32_t wire_type, size_t* at) {
  uint64_t ignored = 0;
  if (wire_type == kVarint) return ReadVarint(bytes, at, &ignored);
  if (wire_type != kFixed64 && wire_type != kFixed32) return false;
  const size_t size = wire_type == kFixed64 ? 8 : 4;
  if (bytes.size() - *at < size) return false;
  *at += size;
  return true;
}

}  // namespace ndx::journal

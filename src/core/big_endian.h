// Integers as big-endian bytes: the order of keys is the order of numbers.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::core {

template <typename T>
void AppendBigEndian(T value, std::string* out) {
  for (size_t i = sizeof(T); i-- > 0;) {
    out->push_back(static_cast<char>(static_cast<uint8_t>(value >> (8 * i))));
  }
}

template <typename T>
std::string BigEndian(T value) {
  std::string out;
  AppendBigEndian(value, &out);
  return out;
}

// Reads sizeof(T) bytes from the front; the caller has checked that they are there.
template <typename T>
T ReadBigEndian(absl::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(static_cast<T>(value << 8) | static_cast<uint8_t>(bytes[i]));
  }
  return value;
}

}  // namespace ndx::core

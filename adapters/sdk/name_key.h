// A Vietnamese name as the national databases compare it: upper case, no tone marks, Đ as D, and
// nothing but A-Z and 0-9.
//
//   NameKey("Nguyễn Thị Đào") == "NGUYENTHIDAO", composed (NFC) or decomposed (NFD) alike
//
// Thread-safety: thread-safe. Never fails: bytes that are not UTF-8 are left out.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace ndx::sdk {

std::string NameKey(absl::string_view name);

}  // namespace ndx::sdk

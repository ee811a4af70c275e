// Text as OpenSSL takes it. Private to this folder.
#pragma once

#include "absl/strings/string_view.h"

namespace ndx::crypto {

inline const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace ndx::crypto

// Key material: cannot be copied by accident, overwritten before its memory is given back.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "ndx/core/random.h"

namespace ndx::crypto {

class SecretBytes {
 public:
  SecretBytes() = default;
  // A copy of the bytes.
  explicit SecretBytes(absl::string_view bytes) : bytes_(bytes) {}
  // size zero bytes, to be filled through data().
  explicit SecretBytes(size_t size) : bytes_(size, '\0') {}
  // size random bytes.
  static SecretBytes Generate(core::Random& random, size_t size);

  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  // A second copy, said out loud.
  SecretBytes Clone() const { return SecretBytes(view()); }

  // Drops the bytes past the first size; NDX_CHECKs that there are that many.
  void Truncate(size_t size);

  absl::string_view view() const { return bytes_; }
  char* data() { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  void Wipe();

  std::string bytes_;
};

// Overwrites memory in a way the compiler does not remove.
void WipeMemory(void* at, size_t size);

}  // namespace ndx::crypto

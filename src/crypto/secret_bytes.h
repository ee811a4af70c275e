// Key material: in locked memory, cannot be copied by accident, overwritten before its memory is
// given back.
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "ndx/core/random.h"

namespace ndx::crypto {

class SecretBytes {
 public:
  SecretBytes() = default;
  // A copy of the bytes.
  explicit SecretBytes(absl::string_view bytes);
  // size zero bytes, to be filled through data().
  explicit SecretBytes(size_t size);
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

  absl::string_view view() const { return {at_, size_}; }
  char* data() { return at_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  void Release();

  char* at_ = nullptr;  // null where nothing was taken
  size_t taken_ = 0;
  size_t size_ = 0;
};

// Overwrites memory in a way the compiler does not remove.
void WipeMemory(void* at, size_t size);

}  // namespace ndx::crypto

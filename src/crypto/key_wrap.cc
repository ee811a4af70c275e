#include "ndx/crypto/key_wrap.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"

// RFC 5649 over AES of one block. The library's own id-aes256-wrap-pad computes AES in portable
// code whatever the processor offers, and costs six times as much.
namespace ndx::crypto {
namespace {

constexpr size_t kBlockBytes = 16;
constexpr size_t kHalfBytes = 8;
constexpr unsigned kRounds = 6;
// The first half of the alternative initial value (RFC 5649, 3); the key's length follows it.
constexpr std::array<uint8_t, 4> kInitialValue = {0xA6, 0x59, 0x59, 0xA6};

using Block = std::array<uint8_t, kBlockBytes>;
using Half = std::array<uint8_t, kHalfBytes>;

// AES-256 of single blocks; one for each thread and direction, because to make a context costs as
// much as to wrap a key.
class BlockCipher {
 public:
  enum class Way : int { kDecrypt = 0, kEncrypt = 1 };

  explicit BlockCipher(Way way) : context_(EVP_CIPHER_CTX_new()) {
    NDX_CHECK(context_ != nullptr);
    EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
    NDX_CHECK(algorithm != nullptr);
    NDX_CHECK(EVP_CipherInit_ex2(context_, algorithm, kNoKey.data(), nullptr, static_cast<int>(way),
                                 nullptr) == 1);
    EVP_CIPHER_free(algorithm);
    NDX_CHECK(EVP_CIPHER_CTX_set_padding(context_, 0) == 1);
  }
  ~BlockCipher() { EVP_CIPHER_CTX_free(context_); }
  BlockCipher(const BlockCipher&) = delete;
  BlockCipher& operator=(const BlockCipher&) = delete;

  void Begin(absl::string_view key) { SetKey(reinterpret_cast<const uint8_t*>(key.data())); }
  void Run(Block* block) {
    int size = 0;
    NDX_CHECK(EVP_CipherUpdate(context_, block->data(), &size, block->data(), kBlockBytes) == 1);
  }
  // Leaves nothing of the key behind.
  void End() { SetKey(kNoKey.data()); }

 private:
  static constexpr std::array<uint8_t, kAesKeyBytes> kNoKey = {};

  void SetKey(const uint8_t* key) {
    NDX_CHECK(EVP_CipherInit_ex2(context_, nullptr, key, nullptr, -1, nullptr) == 1);
  }

  EVP_CIPHER_CTX* const context_;
};

// Mixes the number of a step into the half that goes from step to step.
void MixIn(uint64_t step, Block* block) {
  for (size_t i = 0; i < kHalfBytes; ++i) {
    (*block)[kHalfBytes - 1 - i] ^= static_cast<uint8_t>(step >> (8 * i));
  }
}

// Two halves are one block, either way (RFC 5649, 4.1).
void RunOneBlock(BlockCipher& cipher, uint8_t* halves) {
  Block block;
  std::memcpy(block.data(), halves, kBlockBytes);
  cipher.Run(&block);
  std::memcpy(halves, block.data(), kBlockBytes);
  OPENSSL_cleanse(block.data(), block.size());
}

// RFC 3394, 2.2.1: halves behind the initial value, whose place is the first of them.
void Wrap(BlockCipher& cipher, uint8_t* halves, size_t count) {
  if (count == 2) return RunOneBlock(cipher, halves);
  Block block;
  std::memcpy(block.data(), halves, kHalfBytes);
  uint64_t step = 0;
  for (unsigned round = 0; round < kRounds; ++round) {
    for (size_t i = 1; i < count; ++i) {
      uint8_t* const half = halves + i * kHalfBytes;
      std::memcpy(block.data() + kHalfBytes, half, kHalfBytes);
      cipher.Run(&block);
      MixIn(++step, &block);
      std::memcpy(half, block.data() + kHalfBytes, kHalfBytes);
    }
  }
  std::memcpy(halves, block.data(), kHalfBytes);
}

// The same backwards (RFC 3394, 2.2.2).
void Unwrap(BlockCipher& cipher, uint8_t* halves, size_t count) {
  if (count == 2) return RunOneBlock(cipher, halves);
  Block block;
  std::memcpy(block.data(), halves, kHalfBytes);
  uint64_t step = kRounds * (count - 1);
  for (unsigned round = 0; round < kRounds; ++round) {
    for (size_t i = count - 1; i > 0; --i) {
      uint8_t* const half = halves + i * kHalfBytes;
      MixIn(step--, &block);
      std::memcpy(block.data() + kHalfBytes, half, kHalfBytes);
      cipher.Run(&block);
      std::memcpy(half, block.data() + kHalfBytes, kHalfBytes);
    }
  }
  std::memcpy(halves, block.data(), kHalfBytes);
  OPENSSL_cleanse(block.data(), block.size());
}

Half InitialValueOf(size_t key_bytes) {
  Half out;
  std::copy(kInitialValue.begin(), kInitialValue.end(), out.begin());
  for (size_t i = 0; i < 4; ++i) out[4 + i] = static_cast<uint8_t>(key_bytes >> (8 * (3 - i)));
  return out;
}

size_t PaddedBytes(size_t key_bytes) {
  return (key_bytes + kHalfBytes - 1) / kHalfBytes * kHalfBytes;
}

// The bytes of the key in what was unwrapped; 0 if it was not wrapped under this key (RFC 5649, 3).
// What is wrong with it is not told, nor by how long it takes.
size_t KeyBytesIn(const uint8_t* halves, size_t padded_bytes) {
  uint32_t size = 0;
  for (size_t i = 0; i < 4; ++i) size = size << 8 | halves[4 + i];
  const bool possible = size > padded_bytes - kHalfBytes && size <= padded_bytes;
  const size_t padding_from = possible ? size : padded_bytes;
  uint8_t wrong = possible ? 0 : 1;
  for (size_t i = 0; i < kInitialValue.size(); ++i) {
    wrong = static_cast<uint8_t>(wrong | (halves[i] ^ kInitialValue[i]));
  }
  for (size_t i = padded_bytes - kHalfBytes; i < padded_bytes; ++i) {
    const uint8_t padding = i >= padding_from ? 0xFF : 0;
    wrong = static_cast<uint8_t>(wrong | (halves[kHalfBytes + i] & padding));
  }
  return wrong == 0 ? size : 0;
}

}  // namespace

absl::StatusOr<std::string> WrapKey(absl::string_view wrapping_key, absl::string_view key) {
  if (wrapping_key.size() != kAesKeyBytes) {
    return absl::InvalidArgumentError("a wrapping key has 32 bytes");
  }
  if (key.empty() || key.size() > kWrappedKeyBytesMax) {
    return absl::InvalidArgumentError("a key to be wrapped has 1 to 4096 bytes");
  }
  thread_local BlockCipher cipher(BlockCipher::Way::kEncrypt);
  const Half initial = InitialValueOf(key.size());
  std::string wrapped(kHalfBytes + PaddedBytes(key.size()), '\0');
  std::copy(initial.begin(), initial.end(), wrapped.begin());
  key.copy(wrapped.data() + kHalfBytes, key.size());
  cipher.Begin(wrapping_key);
  Wrap(cipher, reinterpret_cast<uint8_t*>(wrapped.data()), wrapped.size() / kHalfBytes);
  cipher.End();
  return wrapped;
}

absl::StatusOr<SecretBytes> UnwrapKey(absl::string_view wrapping_key, absl::string_view wrapped) {
  if (wrapping_key.size() != kAesKeyBytes) {
    return absl::InvalidArgumentError("a wrapping key has 32 bytes");
  }
  const absl::Status changed =
      absl::DataLossError("the wrapped key was changed or belongs to another wrapping key");
  if (wrapped.size() < kBlockBytes || wrapped.size() > kWrappedKeyBytesMax + kHalfBytes ||
      wrapped.size() % kHalfBytes != 0) {
    return changed;
  }
  thread_local BlockCipher cipher(BlockCipher::Way::kDecrypt);
  SecretBytes halves(wrapped);
  auto* const at = reinterpret_cast<uint8_t*>(halves.data());
  cipher.Begin(wrapping_key);
  Unwrap(cipher, at, wrapped.size() / kHalfBytes);
  cipher.End();
  const size_t size = KeyBytesIn(at, wrapped.size() - kHalfBytes);
  if (size == 0) return changed;
  return SecretBytes(halves.view().substr(kHalfBytes, size));
}

}  // namespace ndx::crypto

#include "ndx/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>

#include "ndx/core/status_macros.h"

namespace ndx::crypto {
namespace {

// Fetched once: a fetch for each digest costs more than a third of a short digest.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const kAlgorithm = [] {
    const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    NDX_CHECK(algorithm != nullptr);
    return algorithm;
  }();
  return kAlgorithm;
}

constexpr size_t kBlockBytes = 64;  // of SHA-256

Sha256& ThreadHasher() {
  thread_local Sha256 hasher;
  return hasher;
}

}  // namespace

Digest DigestFromBytes(absl::string_view bytes) {
  Digest digest;
  NDX_CHECK(bytes.size() == digest.size());
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) {
    NDX_CHECK(context != nullptr);
    NDX_CHECK(EVP_DigestInit_ex(context, Sha256Algorithm(), nullptr) == 1);
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::Add(absl::string_view piece) {
  NDX_CHECK(EVP_DigestUpdate(state_->context, piece.data(), piece.size()) == 1);
  return *this;
}

Digest Sha256::Finish() {
  Digest digest;
  unsigned int size = 0;
  NDX_CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1);
  NDX_CHECK(size == digest.size());
  NDX_CHECK(EVP_DigestInit_ex(state_->context, nullptr, nullptr) == 1);
  return digest;
}

Digest Sha256Of(std::initializer_list<absl::string_view> pieces) {
  Sha256& hasher = ThreadHasher();
  for (const absl::string_view piece : pieces) hasher.Add(piece);
  return hasher.Finish();
}

// RFC 2104 by two digests: to set a key in the library's own HMAC costs as much as both. A digest
// that is finished leaves nothing behind in its context.
Digest HmacSha256(absl::string_view key, std::initializer_list<absl::string_view> pieces) {
  std::array<char, kBlockBytes> pad{};
  Digest digest{};
  if (key.size() > pad.size()) {
    digest = Sha256Of({key});
    key = AsBytes(digest);
  }
  key.copy(pad.data(), pad.size());
  for (char& byte : pad) byte = static_cast<char>(byte ^ 0x36);
  Sha256& hasher = ThreadHasher();
  hasher.Add({pad.data(), pad.size()});
  for (const absl::string_view piece : pieces) hasher.Add(piece);
  digest = hasher.Finish();
  for (char& byte : pad) byte = static_cast<char>(byte ^ 0x36 ^ 0x5C);
  digest = Sha256Of({{pad.data(), pad.size()}, AsBytes(digest)});
  OPENSSL_cleanse(pad.data(), pad.size());
  return digest;
}

bool ConstantTimeEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace ndx::crypto

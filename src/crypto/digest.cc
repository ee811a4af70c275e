#include "ndx/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

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

// One for each thread, made ready for SHA-256: to fetch the digest by name costs more than an HMAC.
class ThreadHmac {
 public:
  ThreadHmac() : context_(NewContext()) {
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0),
                                     OSSL_PARAM_construct_end()};
    NDX_CHECK(EVP_MAC_CTX_set_params(context_, parameters) == 1);
  }
  ~ThreadHmac() { EVP_MAC_CTX_free(context_); }
  ThreadHmac(const ThreadHmac&) = delete;
  ThreadHmac& operator=(const ThreadHmac&) = delete;

  void Begin(absl::string_view key) {
    // A null key means "the key set before" to the library, so an empty one needs an address.
    NDX_CHECK(EVP_MAC_init(context_, Bytes(key.empty() ? "" : key.data()), key.size(), nullptr) ==
              1);
  }
  void Add(absl::string_view piece) {
    NDX_CHECK(EVP_MAC_update(context_, Bytes(piece.data()), piece.size()) == 1);
  }
  // Leaves nothing of the key behind.
  Digest Finish() {
    Digest digest;
    size_t size = 0;
    NDX_CHECK(EVP_MAC_final(context_, digest.data(), &size, digest.size()) == 1);
    Begin("");
    return digest;
  }

 private:
  static EVP_MAC_CTX* NewContext() {
    EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    NDX_CHECK(algorithm != nullptr);
    EVP_MAC_CTX* const context = EVP_MAC_CTX_new(algorithm);
    EVP_MAC_free(algorithm);
    NDX_CHECK(context != nullptr);
    return context;
  }
  static const unsigned char* Bytes(const char* text) {
    return reinterpret_cast<const unsigned char*>(text);
  }

  EVP_MAC_CTX* const context_;
};

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

Digest HmacSha256(absl::string_view key, std::initializer_list<absl::string_view> pieces) {
  thread_local ThreadHmac hmac;
  hmac.Begin(key);
  for (const absl::string_view piece : pieces) hmac.Add(piece);
  return hmac.Finish();
}

bool ConstantTimeEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace ndx::crypto

#include "ndx/crypto/token_key.h"

#include <openssl/engine.h>
#include <openssl/err.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {
namespace {

constexpr absl::string_view kScheme = "pkcs11:";

// "%20" and the like (RFC 3986).
std::string Decoded(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!escaped) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
    i += 2;
  }
  return out;
}

// The engine's own words for what went wrong, the cause first.
absl::Status EngineError(absl::string_view doing) {
  std::string words;
  while (const unsigned long code = ERR_get_error()) {
    const char* const reason = ERR_reason_error_string(code);
    if (reason != nullptr) absl::StrAppend(&words, words.empty() ? "" : "; ", reason);
  }
  return absl::UnavailableError(
      absl::StrCat("PKCS#11: ", doing, ": ", words.empty() ? "no reason given" : words));
}

// g++ warns of everything that has to do with engines: OpenSSL 3.0 still has nothing else here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

class Engine {
 public:
  absl::StatusOr<std::shared_ptr<void>> Load(const TokenUri& uri, absl::string_view pin) {
    const core::MutexLock lock(mutex_);
    NDX_RETURN_IF_ERROR(Begin(uri.module_path));
    SecretBytes text(pin.size() + 1);  // with the zero behind it
    pin.copy(text.data(), pin.size());
    if (!pin.empty() && ENGINE_ctrl_cmd_string(engine_, "PIN", text.data(), 0) != 1) {
      return EngineError("giving the PIN");
    }
    EVP_PKEY* const key = ENGINE_load_private_key(engine_, uri.key.c_str(), nullptr, nullptr);
    if (key == nullptr) return EngineError(absl::StrCat("the key ", uri.key));
    ERR_clear_error();
    return std::shared_ptr<void>(key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); });
  }

 private:
  absl::Status Begin(const std::string& module_path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (module_.has_value()) {
      if (*module_ == module_path) return absl::OkStatus();
      return absl::FailedPreconditionError(
          absl::StrCat("PKCS#11: this program uses the module ", *module_, " already"));
    }
    ENGINE* const engine = ENGINE_by_id("pkcs11");
    if (engine == nullptr) {
      return EngineError("the engine (package libengine-pkcs11-openssl)");
    }
    if (!module_path.empty() &&
        ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module_path.c_str(), 0) != 1) {
      return EngineError(absl::StrCat("the module ", module_path));
    }
    if (ENGINE_init(engine) != 1) {
      ENGINE_free(engine);
      return EngineError(absl::StrCat("beginning with the module ", module_path));
    }
    engine_ = engine;
    module_ = module_path;
    return absl::OkStatus();
  }

  core::Mutex mutex_;
  ENGINE* engine_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::optional<std::string> module_ ABSL_GUARDED_BY(mutex_);
};

#pragma GCC diagnostic pop

}  // namespace

absl::StatusOr<TokenUri> ParseTokenUri(absl::string_view uri) {
  if (!absl::StartsWith(uri, kScheme)) {
    return absl::InvalidArgumentError(
        "a key on a token is pkcs11:token=NAME;object=NAME?pin-source=…");
  }
  TokenUri out;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(uri, absl::MaxSplits('?', 1));
  out.key = std::string(parts.first);
  if (absl::StrContains(uri, "pin-value=")) {
    return absl::InvalidArgumentError(
        "a PIN must not stand in the settings (pin-value); put it into a file and name that with "
        "pin-source=file:PATH or pin-source=credential:NAME");
  }
  for (const absl::string_view attribute : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(attribute, absl::MaxSplits('=', 1));
    std::string* const place = pair.first == "module-path"  ? &out.module_path
                               : pair.first == "pin-source" ? &out.pin_source
                               : pair.first == "wrapped"    ? &out.wrapped
                                                            : nullptr;
    if (place == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a pkcs11 URI has module-path, pin-source and wrapped behind its '?', not ", pair.first));
    }
    *place = Decoded(pair.second);
  }
  return out;
}

absl::StatusOr<PrivateKey> OpenTokenKey(const TokenUri& uri, absl::string_view pin) {
  static auto* const engine = new Engine;  // never destroyed: keys may be used until the very end
  NDX_ASSIGN_OR_RETURN(auto key, engine->Load(uri, pin));
  return PrivateKey::FromHandle(std::move(key));
}

}  // namespace ndx::crypto

#include "ndx/security/json_web_key_set.h"

#include <cjose/cjose.h>
#include <jansson.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "json_text.h"
#include "ndx/core/status_macros.h"

namespace ndx::security {
namespace {

constexpr size_t kKidBytesMax = 256;
constexpr size_t kRsaBitsMin = 2048;

size_t CurveBits(absl::string_view curve) {
  if (curve == "P-256") return 256;
  if (curve == "P-384") return 384;
  return curve == "P-521" ? 521 : 0;
}

bool ForSignatures(const json_t* key) {
  const auto use = TextIn(key, "use");
  if (use.has_value() && *use != "sig") return false;
  const json_t* const operations = json_object_get(key, "key_ops");
  if (operations == nullptr) return true;
  for (size_t i = 0; i < json_array_size(operations); ++i) {
    const json_t* const operation = json_array_get(operations, i);
    if (json_is_string(operation) && absl::string_view(json_string_value(operation)) == "verify") {
      return true;
    }
  }
  return false;
}

// nullopt for a key that is left out.
absl::StatusOr<std::optional<JsonWebKey>> ReadKey(const json_t* entry) {
  for (const char* const secret : {"d", "p", "q", "k"}) {
    if (json_object_get(entry, secret) != nullptr) {
      return absl::InvalidArgumentError(
          "a key of the set is a private one: publish only n, e, x, y");
    }
  }
  JsonWebKey key{.kind = TextIn(entry, "kty").value_or(""),
                 .curve = TextIn(entry, "crv").value_or(""),
                 .algorithm = TextIn(entry, "alg").value_or("")};
  const bool ec = key.kind == "EC" && CurveBits(key.curve) > 0;
  if ((!ec && key.kind != "RSA") || !ForSignatures(entry)) return std::nullopt;
  const std::unique_ptr<char, FreeText> text(json_dumps(entry, JSON_COMPACT));
  cjose_err error{};
  cjose_jwk_t* const read = cjose_jwk_import(text.get(), std::string(text.get()).size(), &error);
  if (read == nullptr) return absl::InvalidArgumentError("a key of the set cannot be read");
  key.handle = std::shared_ptr<void>(
      read, [](void* held) { cjose_jwk_release(static_cast<cjose_jwk_t*>(held)); });
  key.bits = ec ? CurveBits(key.curve) : cjose_jwk_get_keysize(read, &error);
  if (!ec && key.bits < kRsaBitsMin) return std::nullopt;
  return key;
}

}  // namespace

absl::StatusOr<JsonWebKeySet> JsonWebKeySet::Parse(absl::string_view text) {
  if (text.size() > kBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kBytesMax, " bytes"));
  }
  const Json set = ParseJsonObject(text);
  const json_t* const keys = json_object_get(set.get(), "keys");
  if (!json_is_array(keys)) {
    return absl::InvalidArgumentError("no JWK set: an object with an array \"keys\" is due");
  }
  if (json_array_size(keys) > kKeysMax) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kKeysMax, " keys"));
  }
  JsonWebKeySet out;
  for (size_t i = 0; i < json_array_size(keys); ++i) {
    const json_t* const entry = json_array_get(keys, i);
    NDX_ASSIGN_OR_RETURN(auto key, ReadKey(entry));
    const auto kid = TextIn(entry, "kid");
    if (!key.has_value() || !kid.has_value() || kid->empty() || kid->size() > kKidBytesMax) {
      continue;
    }
    if (!out.keys_.emplace(*kid, *std::move(key)).second) {
      return absl::InvalidArgumentError("two keys of the set have the same kid");
    }
  }
  if (out.keys_.empty()) {
    return absl::InvalidArgumentError(
        "no key of the set can verify a token: EC (P-256, P-384, P-521) or RSA (2048 bits and "
        "more) with a kid is due");
  }
  return out;
}

const JsonWebKey* JsonWebKeySet::Find(const std::string& kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace ndx::security

#include "ndx/tests/support/token_issuer.h"

#include <cjose/cjose.h>
#include <jansson.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

struct FreeKey {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
using Key = std::unique_ptr<cjose_jwk_t, FreeKey>;

Key Named(cjose_jwk_t* key, const std::string& kid) {
  cjose_err error{};
  NDX_CHECK(key != nullptr && cjose_jwk_set_kid(key, kid.data(), kid.size(), &error));
  return Key(key);
}

std::string SignBy(const cjose_jwk_t* key, const std::string& header_json,
                   const std::string& claims) {
  cjose_err error{};
  cjose_header_t* const header = cjose_header_new(&error);
  json_t* const members = json_loads(header_json.c_str(), 0, nullptr);
  NDX_CHECK(header != nullptr && members != nullptr);
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(members, name, value) {
    if (json_is_string(value)) {
      NDX_CHECK(cjose_header_set(header, name, json_string_value(value), &error));
    } else {
      char* const text = json_dumps(value, JSON_ENCODE_ANY);
      NDX_CHECK(cjose_header_set_raw(header, name, text, &error));
      free(text);
    }
  }
  cjose_jws_t* const jws = cjose_jws_sign(
      key, header, reinterpret_cast<const uint8_t*>(claims.data()), claims.size(), &error);
  NDX_CHECK(jws != nullptr);
  const char* text = nullptr;
  NDX_CHECK(cjose_jws_export(jws, &text, &error));
  std::string token = text;
  cjose_jws_release(jws);
  cjose_header_release(header);
  json_decref(members);
  return token;
}

}  // namespace

struct TokenIssuer::Keys {
  std::map<std::string, Key> by_kid;
};

TokenIssuer::TokenIssuer() : keys_(std::make_unique<Keys>()) {
  cjose_err error{};
  const uint8_t exponent[] = {1, 0, 1};
  keys_->by_kid["ec"] = Named(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error), "ec");
  keys_->by_kid["ec384"] = Named(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_384, &error), "ec384");
  keys_->by_kid["rsa"] =
      Named(cjose_jwk_create_RSA_random(2048, exponent, sizeof(exponent), &error), "rsa");
}

TokenIssuer::~TokenIssuer() = default;

std::string TokenIssuer::Jwks() const {
  std::string keys;
  for (const auto& [kid, key] : keys_->by_kid) {
    cjose_err error{};
    char* const text = cjose_jwk_to_json(key.get(), /*priv=*/false, &error);
    NDX_CHECK(text != nullptr);
    absl::StrAppend(&keys, keys.empty() ? "" : ",", text);
    free(text);
  }
  return absl::StrCat("{\"keys\":[", keys, "]}");
}

std::string TokenIssuer::Sign(const std::string& key, const std::string& header,
                              const std::string& claims) const {
  return SignBy(keys_->by_kid.at(key).get(), header, claims);
}

std::string TokenIssuer::Sign(const std::string& key, const std::string& algorithm, absl::Time now,
                              const std::string& subject) const {
  return Sign(key, absl::StrCat(R"({"alg":")", algorithm, R"(","kid":")", key, R"(","typ":"JWT"})"),
              Claims(now, subject));
}

std::string TokenIssuer::SignWithSecret(const std::string& secret, const std::string& kid,
                                        const std::string& claims) {
  cjose_err error{};
  const Key key = Named(cjose_jwk_create_oct_spec(reinterpret_cast<const uint8_t*>(secret.data()),
                                                  secret.size(), &error),
                        kid);
  return SignBy(key.get(), absl::StrCat(R"({"alg":"HS256","kid":")", kid, R"("})"), claims);
}

std::string TokenIssuer::Claims(absl::Time now, const std::string& subject) {
  return ClaimsBut(now, "sub", absl::StrCat("\"", subject, "\""));
}

std::string TokenIssuer::ClaimsBut(absl::Time now, const std::string& claim,
                                   const std::string& json) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  std::map<std::string, std::string> claims = {
      {"iss", absl::StrCat("\"", kTokenIssuer, "\"")},
      {"aud", absl::StrCat("[\"", kTokenAudience, "\", \"other\"]")},
      {"sub", "\"lan-1\""},
      {"iat", absl::StrCat(seconds)},
      {"exp", absl::StrCat(seconds + 300)}};
  claims[claim] = json;
  std::string text;
  for (const auto& [name, value] : claims) {
    if (!value.empty()) {
      absl::StrAppend(&text, text.empty() ? "{" : ",", "\"", name, "\":", value);
    }
  }
  return text + "}";
}

std::string TokenIssuer::Part(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

}  // namespace ndx::tests

#include "ndx/security/sign_in_token.h"

#include <cjose/cjose.h>
#include <jansson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "json_text.h"

namespace ndx::security {
namespace {

struct Algorithm {
  absl::string_view name;
  absl::string_view kind;
  absl::string_view curve;
};
constexpr std::array<Algorithm, 9> kAlgorithms = {{{"ES256", "EC", "P-256"},
                                                   {"ES384", "EC", "P-384"},
                                                   {"ES512", "EC", "P-521"},
                                                   {"RS256", "RSA", ""},
                                                   {"RS384", "RSA", ""},
                                                   {"RS512", "RSA", ""},
                                                   {"PS256", "RSA", ""},
                                                   {"PS384", "RSA", ""},
                                                   {"PS512", "RSA", ""}}};
constexpr size_t kClaimBytesMax = 255;
// The end of year 9999: later is no date.
constexpr double kSecondsMax = 253402300799.0;

const Algorithm* FindAlgorithm(absl::string_view name) {
  const auto* const found =
      std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                   [name](const Algorithm& algorithm) { return algorithm.name == name; });
  return found == kAlgorithms.end() ? nullptr : found;
}

// Why a token does not count, in the two languages.
struct Cause {
  const char* vi;
  const char* en;
};
constexpr Cause kForm{"không phải JWT ba phần base64url không đệm",
                      "it is no JWT of three parts in base64url without padding"};
constexpr Cause kOwnKeys{"phần đầu tự mang khóa hoặc địa chỉ khóa (jku, jwk, x5u, x5c)",
                         "its header brings keys or addresses of keys (jku, jwk, x5u, x5c)"};
constexpr Cause kCritical{"phần đầu có tham số bắt buộc (crit)",
                          "its header has critical parameters (crit)"};
constexpr Cause kHeader{"phần đầu có tham số không được phép; chỉ alg, kid, typ, x5t",
                        "its header has other parameters than alg, kid, typ and x5t"};
constexpr Cause kType{"typ không phải JWT hoặc at+jwt", "its typ is neither JWT nor at+jwt"};
constexpr Cause kAlgorithm{"thuật toán ký không được phép", "its algorithm is not allowed"};
constexpr Cause kNoKeys{
    "nút trục chưa có khóa của nơi cấp thẻ; thử lại sau hoặc báo quản trị viên",
    "the node has no keys of the issuer yet; try later or tell the administrator"};
constexpr Cause kKey{"không có khóa nào của nơi cấp mang kid này",
                     "the issuer has published no key of this kid"};
constexpr Cause kKeyKind{"khóa của kid này không thuộc thuật toán đã nêu",
                         "the key of this kid is not of that algorithm"};
constexpr Cause kSignature{"chữ ký sai", "its signature is wrong"};
constexpr Cause kClaims{"nội dung không phải một đối tượng JSON",
                        "its claims are no JSON object with each name once"};
constexpr Cause kIssuer{"iss không phải nơi cấp đã khai báo", "its iss is not the issuer agreed"};
constexpr Cause kAudience{"aud không có nút trục này", "its aud does not name this node"};
constexpr Cause kTimes{"thiếu exp hoặc iat, hoặc không phải số giây",
                       "exp or iat is missing, or is no number of seconds"};
constexpr Cause kExpired{"thẻ đã hết hạn; hãy đăng nhập lại", "it has expired; sign in again"};
constexpr Cause kNotYet{"thẻ chưa có hiệu lực; hãy kiểm tra đồng hồ",
                        "it is not valid yet; check the clock"};
constexpr Cause kLife{"thẻ có thời hạn dài hơn mức cho phép", "its life is longer than allowed"};
constexpr Cause kSubject{"thiếu sub hoặc trường định danh người dùng",
                         "it has no sub, or not the claim that names the user"};

core::Refusal Refuse(const Cause& cause) {
  return {.reason = exchange::v1::ERROR_REASON_SIGN_IN_REFUSED,
          .parameters = {{"rule_vi", cause.vi}, {"rule_en", cause.en}}};
}

// One encoding for each value: neither padding nor stray bits.
bool DecodePart(absl::string_view part, std::string* bytes) {
  return absl::WebSafeBase64Unescape(part, bytes) && absl::WebSafeBase64Escape(*bytes) == part;
}

// What the header says, checked; null pointer: what is wrong.
struct Header {
  const Algorithm* algorithm = nullptr;
  std::string kid;
};
const Cause* ReadHeader(const json_t* json, const std::set<std::string>& allowed, Header* header) {
  if (json == nullptr) return &kForm;
  for (const char* const own : {"jku", "jwk", "x5u", "x5c"}) {
    if (json_object_get(json, own) != nullptr) return &kOwnKeys;
  }
  if (json_object_get(json, "crit") != nullptr) return &kCritical;
  size_t known = 0;
  for (const char* const name : {"alg", "kid", "typ", "x5t", "x5t#S256"}) {
    known += json_object_get(json, name) != nullptr ? 1 : 0;
  }
  if (known != json_object_size(json)) return &kHeader;
  if (json_object_get(json, "typ") != nullptr) {
    const std::string type = absl::AsciiStrToLower(TextIn(json, "typ").value_or(""));
    if (type != "jwt" && type != "at+jwt") return &kType;
  }
  const std::string name = TextIn(json, "alg").value_or("");
  header->algorithm = allowed.count(name) > 0 ? FindAlgorithm(name) : nullptr;
  if (header->algorithm == nullptr) return &kAlgorithm;
  header->kid = TextIn(json, "kid").value_or("");
  return nullptr;
}

// The signature's one length: two numbers of the curve's size, or one of the modulus'.
size_t SignatureBytes(const JsonWebKey& key) {
  const size_t number = (key.bits + 7) / 8;
  return key.kind == "EC" ? 2 * number : number;
}

bool SignedBy(const JsonWebKey& key, absl::string_view token) {
  cjose_err error{};
  cjose_jws_t* const jws = cjose_jws_import(token.data(), token.size(), &error);
  if (jws == nullptr) return false;
  const bool verified =
      cjose_jws_verify(jws, static_cast<const cjose_jwk_t*>(key.handle.get()), &error);
  cjose_jws_release(jws);
  return verified;
}

std::optional<absl::Time> TimeIn(const json_t* claims, const char* name) {
  const json_t* const member = json_object_get(claims, name);
  if (!json_is_number(member)) return std::nullopt;
  const double seconds = json_number_value(member);
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

bool Names(const json_t* audience, const std::string& wanted) {
  const auto is_wanted = [&](const json_t* one) {
    return json_is_string(one) &&
           absl::string_view(json_string_value(one), json_string_length(one)) == wanted;
  };
  if (is_wanted(audience)) return true;
  for (size_t i = 0; i < json_array_size(audience); ++i) {
    if (is_wanted(json_array_get(audience, i))) return true;
  }
  return false;
}

const Cause* CheckClaims(const json_t* claims, const SignInTokenRules& rules, absl::Time now) {
  if (claims == nullptr) return &kClaims;
  if (TextIn(claims, "iss") != rules.issuer) return &kIssuer;
  if (!Names(json_object_get(claims, "aud"), rules.audience)) return &kAudience;
  const auto expires = TimeIn(claims, "exp");
  const auto issued = TimeIn(claims, "iat");
  if (!expires.has_value() || !issued.has_value()) return &kTimes;
  const bool has_begin = json_object_get(claims, "nbf") != nullptr;
  const auto begin = TimeIn(claims, "nbf");
  if (has_begin && !begin.has_value()) return &kTimes;
  if (now >= *expires + kTokenClockAllowance) return &kExpired;
  if (now < *issued - kTokenClockAllowance) return &kNotYet;
  if (begin.has_value() && now < *begin - kTokenClockAllowance) return &kNotYet;
  return *expires - *issued > rules.life_max ? &kLife : nullptr;
}

}  // namespace

absl::Status SignInTokens::CheckAlgorithms(const std::set<std::string>& algorithms) {
  if (algorithms.empty()) return absl::InvalidArgumentError("name at least one algorithm");
  for (const std::string& name : algorithms) {
    if (FindAlgorithm(name) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("there is no algorithm ", name));
    }
  }
  return absl::OkStatus();
}

void SignInTokens::SetKeys(std::shared_ptr<const JsonWebKeySet> keys) {
  const core::MutexLock lock(mutex_);
  keys_ = std::move(keys);
}

std::variant<SignInClaims, core::Refusal> SignInTokens::Verify(absl::string_view token,
                                                               absl::Time now) const {
  std::shared_ptr<const JsonWebKeySet> keys;
  {
    const core::MutexLock lock(mutex_);
    keys = keys_;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  std::string header_text;
  std::string claims_text;
  std::string signature;
  if (token.size() > kTokenBytesMax || parts.size() != 3 || !DecodePart(parts[0], &header_text) ||
      !DecodePart(parts[1], &claims_text) || !DecodePart(parts[2], &signature)) {
    return Refuse(kForm);
  }
  Header header;
  const Json header_json = ParseJsonObject(header_text);
  const Cause* const wrong = ReadHeader(header_json.get(), rules_.algorithms, &header);
  if (wrong != nullptr) return Refuse(*wrong);
  if (keys == nullptr) return Refuse(kNoKeys);
  const JsonWebKey* const key = keys->Find(header.kid);
  if (key == nullptr) return Refuse(kKey);
  if (key->kind != header.algorithm->kind || key->curve != header.algorithm->curve ||
      (!key->algorithm.empty() && key->algorithm != header.algorithm->name)) {
    return Refuse(kKeyKind);
  }
  if (signature.size() != SignatureBytes(*key) || !SignedBy(*key, token)) return Refuse(kSignature);
  const Json claims = ParseJsonObject(claims_text);
  const Cause* const refused = CheckClaims(claims.get(), rules_, now);
  if (refused != nullptr) return Refuse(*refused);
  SignInClaims out{.user = TextIn(claims.get(), rules_.user_claim.c_str()).value_or(""),
                   .subject = TextIn(claims.get(), "sub").value_or("")};
  for (const std::string& name : {out.user, out.subject}) {
    if (name.empty() || name.size() > kClaimBytesMax) return Refuse(kSubject);
  }
  return out;
}

}  // namespace ndx::security

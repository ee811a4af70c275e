#include "ndx/http/url.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ndx::http {
namespace {

constexpr char kHostCharacters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
constexpr char kAddressCharacters[] = "0123456789abcdefABCDEF:.";

bool IsPath(absl::string_view path) {
  for (const char c : path) {
    if (c <= ' ' || c > '~' || c == '#') return false;
  }
  return absl::StartsWith(path, "/");
}

// Splits "host", "host:port" or "[address]:port".
bool SplitAuthority(absl::string_view authority, Url& url) {
  absl::string_view port;
  if (absl::ConsumePrefix(&authority, "[")) {
    const size_t close = authority.find(']');
    if (close == absl::string_view::npos) return false;
    url.host = std::string(authority.substr(0, close));
    port = authority.substr(close + 1);
    if (url.host.find_first_not_of(kAddressCharacters) != std::string::npos) return false;
  } else {
    const size_t colon = authority.find(':');
    url.host = std::string(authority.substr(0, colon));
    port = colon == absl::string_view::npos ? "" : authority.substr(colon);
    if (url.host.find_first_not_of(kHostCharacters) != std::string::npos) return false;
  }
  if (port.empty()) return !url.host.empty();
  uint32_t number = 0;
  if (!absl::ConsumePrefix(&port, ":") || port.size() > 5 || !absl::SimpleAtoi(port, &number) ||
      number == 0 || number > 65535 || port.find_first_not_of("0123456789") != port.npos) {
    return false;
  }
  url.port = std::string(port);
  return !url.host.empty();
}

}  // namespace

std::string Url::authority() const {
  return absl::StrCat(host.find(':') == std::string::npos ? host : absl::StrCat("[", host, "]"),
                      ":", port);
}

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  const absl::Status malformed =
      absl::InvalidArgumentError("not an address of the form https://host[:port]/path");
  if (text.size() > kUrlBytesMax) return malformed;
  Url url;
  if (absl::ConsumePrefix(&text, "https://")) {
    url.tls = true;
  } else if (!absl::ConsumePrefix(&text, "http://")) {
    return malformed;
  }
  url.port = url.tls ? "443" : "80";
  const size_t slash = text.find('/');
  url.path = slash == absl::string_view::npos ? "/" : std::string(text.substr(slash));
  if (!SplitAuthority(text.substr(0, slash), url) || !IsPath(url.path)) return malformed;
  return url;
}

}  // namespace ndx::http

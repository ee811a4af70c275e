#include "page_token.h"

#include "absl/strings/escaping.h"
#include "ndx/core/big_endian.h"
#include "ndx/crypto/digest.h"

namespace ndx::search {
namespace {

constexpr char kVersion = 1;
constexpr size_t kBindingBytes = 8;
constexpr size_t kTokenBytes = 1 + 3 * sizeof(uint64_t) + kBindingBytes;

std::string BindingOf(absl::string_view rows, const Filter& filter) {
  const crypto::Digest digest = crypto::Sha256Of({rows, filter.Canonical()});
  return std::string(crypto::AsBytes(digest).substr(0, kBindingBytes));
}

}  // namespace

std::string EncodePageToken(const PageToken& token, absl::string_view rows, const Filter& filter) {
  std::string bytes(1, kVersion);
  core::AppendBigEndian(token.next_leaf, &bytes);
  core::AppendBigEndian(static_cast<uint64_t>(absl::ToUnixNanos(token.time.from)), &bytes);
  core::AppendBigEndian(static_cast<uint64_t>(absl::ToUnixNanos(token.time.to)), &bytes);
  bytes += BindingOf(rows, filter);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<PageToken> DecodePageToken(absl::string_view text, absl::string_view rows,
                                          const Filter& filter) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() != kTokenBytes ||
      bytes.front() != kVersion) {
    return absl::InvalidArgumentError("cursor must be the next_cursor of a page before");
  }
  const absl::string_view view = bytes;
  const auto number = [&](size_t position) {
    return core::ReadBigEndian<uint64_t>(view.substr(1 + position * sizeof(uint64_t)));
  };
  if (view.substr(kTokenBytes - kBindingBytes) != BindingOf(rows, filter)) {
    return absl::InvalidArgumentError("cursor is of a page with another filter");
  }
  PageToken token{.next_leaf = number(0)};
  token.time.from = absl::FromUnixNanos(static_cast<int64_t>(number(1)));
  const auto to = static_cast<int64_t>(number(2));
  token.time.to = to == INT64_MAX ? absl::InfiniteFuture() : absl::FromUnixNanos(to);
  return token;
}

}  // namespace ndx::search

#include "ndx/tools/verify/input_file.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ndx::tools::verify {
namespace {

absl::StatusOr<std::string> ReadStream(std::istream& in, const std::string& name,
                                       size_t bytes_max) {
  std::string bytes;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    bytes.append(buffer, static_cast<size_t>(in.gcount()));
    if (bytes.size() > bytes_max) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is over ", bytes_max, " bytes"));
    }
  }
  if (in.bad()) return absl::UnavailableError(absl::StrCat(name, " cannot be read"));
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path, size_t bytes_max) {
  if (path == "-") return ReadStream(std::cin, "standard input", bytes_max);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, " is no file"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
  return ReadStream(in, path, bytes_max);
}

absl::StatusOr<std::vector<journal::NoteVerifier>> ReadKeys(
    const std::string& path, std::vector<journal::CosignatureVerifier>* cosigners) {
  const auto text = ReadInput(path, journal::kNoteBytesMax);
  if (!text.ok()) return text.status();
  std::vector<journal::NoteVerifier> keys;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    if (auto cosigner = journal::CosignatureVerifier::FromVkey(line); cosigner.ok()) {
      if (cosigners != nullptr) cosigners->push_back(*std::move(cosigner));
      continue;
    }
    auto key = journal::NoteVerifier::FromVkey(line);
    if (!key.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty() && (cosigners == nullptr || cosigners->empty()))
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no key"));
  return keys;
}

absl::StatusOr<std::vector<crypto::SigningPublicKey>> ReadSignerKeys(
    const std::vector<std::string>& paths) {
  std::vector<crypto::SigningPublicKey> keys;
  for (const std::string& path : paths) {
    NDX_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path));
    auto key = crypto::SigningPublicKey::FromPem(pem);
    if (!key.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

std::optional<std::string> FromHex(absl::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  for (const char c : hex) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  return absl::HexStringToBytes(hex);
}

std::optional<crypto::Digest> HashFromHex(absl::string_view hex) {
  const auto bytes = FromHex(hex);
  if (!bytes.has_value() || bytes->size() != crypto::kDigestBytes) return std::nullopt;
  return crypto::DigestFromBytes(*bytes);
}

}  // namespace ndx::tools::verify

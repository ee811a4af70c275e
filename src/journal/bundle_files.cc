#include "ndx/journal/bundle_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

// POSIX.1-2017, pax, "ustar Interchange Format".
constexpr size_t kBlock = 512;
constexpr size_t kNameAt = 0;
constexpr size_t kSizeAt = 124;
constexpr size_t kSumAt = 148;
constexpr size_t kTypeAt = 156;
constexpr size_t kMagicAt = 257;

uint64_t Padding(uint64_t bytes) { return (kBlock - bytes % kBlock) % kBlock; }

uint32_t ChecksumOf(const std::string& header) {
  uint32_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kSumAt && i < kSumAt + 8;  // counts as spaces
    sum += own ? uint32_t{' '} : static_cast<uint8_t>(header[i]);
  }
  return sum;
}

void Put(std::string* header, size_t at, absl::string_view text) {
  header->replace(at, text.size(), text.data(), text.size());
}

std::string HeaderOf(const std::string& name, uint64_t size) {
  std::string header(kBlock, '\0');
  Put(&header, kNameAt, name);
  Put(&header, 100, "0000644");
  Put(&header, 108, "0000000");  // owner
  Put(&header, 116, "0000000");
  Put(&header, kSizeAt, absl::StrFormat("%011o", size));
  Put(&header, 136, "00000000000");  // time: the same evidence makes the same archive
  Put(&header, kTypeAt, "0");
  Put(&header, kMagicAt, absl::string_view("ustar\00000", 8));
  Put(&header, kSumAt, absl::StrFormat("%06o%c ", ChecksumOf(header), '\0'));
  return header;
}

// An octal number that ends in a NUL or space.
std::optional<uint64_t> Octal(absl::string_view text) {
  uint64_t value = 0;
  size_t digits = 0;
  for (const char c : text) {
    if (c == '\0' || c == ' ') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<uint64_t>(c - '0');
    ++digits;
  }
  return digits == 0 ? std::nullopt : std::optional(value);
}

absl::Status BadArchive() {
  return absl::InvalidArgumentError("not a tar archive of an evidence bundle");
}

}  // namespace

bool IsBundleName(absl::string_view name) {
  if (name.empty() || name.size() > kBundleNameBytesMax) return false;
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    const bool plain = std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
    });
    if (part.empty() || part == "." || part == ".." || !plain) return false;
  }
  return true;
}

absl::StatusOr<BundleWriter> BundleWriter::Create(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error)) return absl::AlreadyExistsError(absl::StrCat(path, " exists"));
  BundleWriter writer;
  if (absl::EndsWith(path, ".tar")) {
    writer.archive_.open(path, std::ios::binary);
    if (!writer.archive_) return absl::UnavailableError(absl::StrCat(path, " cannot be written"));
    return writer;
  }
  if (!fs::create_directory(path, error)) {
    return absl::UnavailableError(absl::StrCat(path, " cannot be created"));
  }
  writer.directory_ = path;
  return writer;
}

absl::Status BundleWriter::Add(const std::string& name, absl::string_view bytes) {
  if (!IsBundleName(name) || bytes.size() > kBundleFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(name, " cannot stand in a bundle"));
  }
  const auto size = static_cast<std::streamsize>(bytes.size());
  if (directory_.empty()) {
    const std::string header = HeaderOf(name, bytes.size());
    archive_.write(header.data(), static_cast<std::streamsize>(header.size()));
    archive_.write(bytes.data(), size);
    const std::string padding(Padding(bytes.size()), '\0');
    archive_.write(padding.data(), static_cast<std::streamsize>(padding.size()));
    if (!archive_) return absl::UnavailableError("the bundle cannot be written");
    return absl::OkStatus();
  }
  const fs::path path = fs::path(directory_) / name;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), size);
  out.close();
  if (!out) return absl::UnavailableError(absl::StrCat(path.string(), " cannot be written"));
  return absl::OkStatus();
}

absl::Status BundleWriter::Finish() {
  if (!directory_.empty()) return absl::OkStatus();
  const std::string end(2 * kBlock, '\0');
  archive_.write(end.data(), static_cast<std::streamsize>(end.size()));
  archive_.close();
  return archive_ ? absl::OkStatus() : absl::UnavailableError("the bundle cannot be written");
}

absl::StatusOr<BundleReader> BundleReader::Open(const std::string& path) {
  std::error_code error;
  BundleReader reader;
  reader.path_ = path;
  reader.is_archive_ = fs::is_regular_file(path, error);
  if (!reader.is_archive_ && !fs::is_directory(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, " is no evidence bundle"));
  }
  NDX_RETURN_IF_ERROR(reader.is_archive_ ? reader.ListArchive() : reader.ListDirectory());
  return reader;
}

absl::Status BundleReader::ListDirectory() {
  std::error_code error;
  for (fs::recursive_directory_iterator at(path_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory()) continue;
    const std::string name = at->path().lexically_relative(path_).generic_string();
    sizes_[name] = at->is_regular_file() ? at->file_size(error) : 0;
    if (sizes_.size() > kBundleFilesMax) return absl::InvalidArgumentError("too many files");
  }
  return error ? absl::UnavailableError(absl::StrCat(path_, " cannot be read")) : absl::OkStatus();
}

absl::Status BundleReader::ListArchive() {
  std::ifstream in(path_, std::ios::binary);
  std::string header(kBlock, '\0');
  const std::string nothing(kBlock, '\0');
  while (in.read(header.data(), kBlock) && header != nothing) {
    const auto size = Octal(absl::string_view(header).substr(kSizeAt, 12));
    const auto sum = Octal(absl::string_view(header).substr(kSumAt, 8));
    const std::string name = header.substr(kNameAt, header.find('\0'));
    if (header.compare(kMagicAt, 5, "ustar") != 0 || header[kTypeAt] != '0' || !size || !sum ||
        *sum != ChecksumOf(header) || !IsBundleName(name) || *size > kBundleFileBytesMax ||
        sizes_.size() == kBundleFilesMax || sizes_.count(name) > 0) {
      return BadArchive();
    }
    sizes_[name] = *size;
    offsets_[name] = static_cast<uint64_t>(in.tellg());
    in.seekg(static_cast<std::streamoff>(*size + Padding(*size)), std::ios::cur);
  }
  // The archive ends in blocks of zeroes and nothing else.
  if (!in || header != nothing) return BadArchive();
  while (in.read(header.data(), kBlock)) {
    if (header != nothing) return BadArchive();
  }
  return in.gcount() == 0 ? absl::OkStatus() : BadArchive();
}

absl::StatusOr<std::string> BundleReader::Read(const std::string& name) const {
  const auto found = sizes_.find(name);
  if (found == sizes_.end()) return absl::NotFoundError(absl::StrCat(name, " is missing"));
  if (found->second > kBundleFileBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is too large"));
  }
  const std::string path = is_archive_ ? path_ : (fs::path(path_) / name).string();
  std::ifstream in(path, std::ios::binary);
  if (is_archive_) in.seekg(static_cast<std::streamoff>(offsets_.at(name)));
  std::string bytes(found->second, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) return absl::UnavailableError(absl::StrCat(name, " cannot be read"));
  return bytes;
}

}  // namespace ndx::journal

#include "ndx/transport/metadata.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/transport/base64.h"

namespace ndx::transport {
namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool IsKey(absl::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), IsKeyCharacter);
}

bool IsAsciiValue(absl::string_view value) {
  if (!value.empty() && (value.front() == ' ' || value.back() == ' ')) return false;
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

absl::string_view TrimSpaces(absl::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Metadata::Metadata(std::initializer_list<std::pair<absl::string_view, absl::string_view>> entries) {
  for (const auto& [key, value] : entries) Add(key, value);
}

bool Metadata::Add(absl::string_view key, absl::string_view value) {
  if (!IsKey(key) || (!IsBinaryKey(key) && !IsAsciiValue(value))) return false;
  entries_.push_back({std::string(key), std::string(value)});
  return true;
}

absl::Status Metadata::AddFromWire(absl::string_view key, absl::string_view value) {
  if (!IsBinaryKey(key)) {
    if (!Add(key, value)) {
      return absl::InvalidArgumentError("a metadata entry has characters that are not allowed");
    }
    return absl::OkStatus();
  }
  if (!IsKey(key)) return absl::InvalidArgumentError("a metadata key is malformed");
  const size_t before = entries_.size();
  while (true) {
    const size_t comma = value.find(',');
    std::string decoded;
    if (!DecodeBase64(TrimSpaces(value.substr(0, comma)), &decoded)) {
      entries_.resize(before);
      return absl::InvalidArgumentError(
          absl::StrCat("the value of metadata key ", key, " is not base64"));
    }
    entries_.push_back({std::string(key), std::move(decoded)});
    if (comma == absl::string_view::npos) return absl::OkStatus();
    value.remove_prefix(comma + 1);
  }
}

const std::string* Metadata::Find(absl::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::vector<absl::string_view> Metadata::FindAll(absl::string_view key) const {
  std::vector<absl::string_view> values;
  for (const Entry& entry : entries_) {
    if (entry.key == key) values.emplace_back(entry.value);
  }
  return values;
}

size_t Metadata::Remove(absl::string_view key) {
  return std::erase_if(entries_, [key](const Entry& entry) { return entry.key == key; });
}

size_t Metadata::WireBytes() const {
  size_t total = 0;
  for (const Entry& entry : entries_) {
    const size_t value =
        IsBinaryKey(entry.key) ? (entry.value.size() * 4 + 2) / 3 : entry.value.size();
    total += entry.key.size() + value + kEntryOverheadBytes;
  }
  return total;
}

bool IsBinaryKey(absl::string_view key) { return absl::EndsWith(key, "-bin"); }

bool IsNeverIndexed(absl::string_view key) {
  return absl::StartsWith(key, "ndx-") || key == "authorization" || key == "cookie" ||
         key == "proxy-authorization" || IsBinaryKey(key);
}

bool IsReservedKey(absl::string_view key) {
  constexpr absl::string_view kReserved[] = {
      "te",         "content-type", "content-length",   "content-encoding",  "user-agent", "host",
      "connection", "keep-alive",   "proxy-connection", "transfer-encoding", "upgrade",
  };
  if (key.empty() || key.front() == ':' || absl::StartsWith(key, "grpc-")) return true;
  return std::find(std::begin(kReserved), std::end(kReserved), key) != std::end(kReserved);
}

}  // namespace ndx::transport

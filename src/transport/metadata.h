// Custom metadata of a call or its trailers: an ordered list of key and value.
//
// Keys are lower case. Values of keys that end in "-bin" are held decoded, as raw bytes; all others
// are printable ASCII. A key may stand more than once, and the order is kept.
//
// Thread-safety: value type.
// Source: gRPC "PROTOCOL-HTTP2", Custom-Metadata.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ndx::transport {

class Metadata {
 public:
  struct Entry {
    std::string key;
    std::string value;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // Bytes that RFC 9113 section 10.5.1 counts for each entry beside its key and value.
  static constexpr size_t kEntryOverheadBytes = 32;

  Metadata() = default;
  // For literals; entries that Add() would refuse are left out.
  Metadata(std::initializer_list<std::pair<absl::string_view, absl::string_view>> entries);

  // Appends. False, and nothing is added, when the key is not of [0-9a-z_.-]+ or an ASCII value has
  // a byte that HTTP does not carry (control characters, non-ASCII, space at an end).
  bool Add(absl::string_view key, absl::string_view value);

  // Appends what stood on the wire: the value of a -bin key is base64, with or without padding, and
  // may be several joined by commas, each an entry of its own. kInvalidArgument, naming the key
  // only, when it cannot be decoded; nothing is added then.
  absl::Status AddFromWire(absl::string_view key, absl::string_view value);

  // The first value of the key, or null. Valid until the next change.
  const std::string* Find(absl::string_view key) const;

  // All values of the key, in order.
  std::vector<absl::string_view> FindAll(absl::string_view key) const;

  bool Contains(absl::string_view key) const { return Find(key) != nullptr; }

  // Removes every entry of the key; the number removed.
  size_t Remove(absl::string_view key);

  const std::vector<Entry>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  // Size as RFC 9113 counts a header list: keys, values (as on the wire) and 32 for each entry.
  size_t WireBytes() const;

  friend bool operator==(const Metadata&, const Metadata&) = default;

 private:
  std::vector<Entry> entries_;
};

// True when values of the key are bytes, sent as base64: it ends in "-bin".
bool IsBinaryKey(absl::string_view key);

// True when HPACK must never index the value: identifiers, tokens, receipts (ndx-*, authorization,
// cookie, *-bin).
bool IsNeverIndexed(absl::string_view key);

// True when gRPC or HTTP own the key, so that it is never custom metadata: ":…", "grpc-…", te,
// content-type, content-length, user-agent, host, connection and the like.
bool IsReservedKey(absl::string_view key);

}  // namespace ndx::transport

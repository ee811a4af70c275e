// The body of one gRPC message, shared between everyone who reads it (journal, upstream call,
// answer) so that no one copies it.
//
// Thread-safety: immutable; the pointer may be copied to any thread.
// Ownership: shared, because the journal's committer and the socket release it at different times.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace ndx::transport {

using Message = std::shared_ptr<const std::string>;

inline Message MakeMessage(std::string body) {
  return std::make_shared<const std::string>(std::move(body));
}

// Bytes of the prefix that stands before each message on the wire: flag and 32-bit length.
inline constexpr size_t kMessagePrefixBytes = 5;

}  // namespace ndx::transport

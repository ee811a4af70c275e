// The messages that are sent: ndx.loadgen.v1.EchoRequest of an exact size, each with a number of
// its own, so that no answer can pass for another's. Encoded here, because a generator that builds
// messages field by field measures itself.
//
// Thread-safety: immutable. Ownership: the messages are the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ndx/transport/message.h"

namespace ndx::tools::loadgen {

class EchoPayload {
 public:
  // Messages of up to so many bytes.
  explicit EchoPayload(size_t bytes_max);

  // A message of exactly so many bytes. (Of one byte more where no message has that size: 139 or
  // 16396 bytes, where a length prefix grows.)
  transport::Message Make(uint64_t number, size_t bytes) const;

 private:
  // Does not compress, as sealed and signed documents do not.
  std::string filler_;
};

}  // namespace ndx::tools::loadgen

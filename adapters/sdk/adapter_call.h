// One call as an adapter receives it, the same whether it came over the network or from inside the
// node.
//
// Thread-safety: value type; the request bytes are immutable.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::sdk {

// Bytes of one serialized message. Shared, because the journal, the socket and the adapter let go
// of it at different times; the same type as transport::Message.
using MessageBytes = std::shared_ptr<const std::string>;

// Names of the metadata an adapter knows.
inline constexpr absl::string_view kExchangeIdKey = "ndx-exchange-id";
inline constexpr absl::string_view kIdempotencyKey = "ndx-idempotency-key";
inline constexpr absl::string_view kConsumerKey = "ndx-consumer";

// The longest idempotency key; longer ones are refused.
inline constexpr size_t kIdempotencyKeyBytesMax = 64;

inline constexpr int64_t kNoDeadline = std::numeric_limits<int64_t>::max();

struct AdapterCall {
  // "/ndx.land.v1.LandService/RegisterChange".
  std::string method;
  MessageBytes request;
  // Text form of the exchange id (mã giao dịch); empty when the caller gave none.
  std::string exchange_id;
  // Under this key a change takes effect at most once. The exchange id, except for an exchange that
  // is executed again: then the id of the first one. Empty when the caller gave none.
  std::string idempotency_key;
  // On core::Clock::MonotonicNanos.
  int64_t deadline_nanos = kNoDeadline;
  // Everything else that came with the call, keys in lower case.
  std::vector<std::pair<std::string, std::string>> metadata;

  // The first value of the key; empty when it is not there.
  absl::string_view Metadata(absl::string_view key) const {
    for (const auto& [name, value] : metadata) {
      if (absl::string_view(name) == key) return value;
    }
    return {};
  }
};

}  // namespace ndx::sdk

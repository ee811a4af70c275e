// A value that is personal data, or may be, on its way through code that logs or formats.
//
// Whatever prints it, prints the mask. The value comes out only by the name that says so, so that a
// reviewer finds every place with one search.
//
// Thread-safety: as T.
#pragma once

#include <ostream>
#include <utility>

#include "absl/strings/string_view.h"

namespace ndx::telemetry {

inline constexpr absl::string_view kRedactedMask = "[redacted]";

template <typename T>
class Redacted {
 public:
  Redacted() = default;
  explicit Redacted(T value) : value_(std::move(value)) {}

  // The value itself, for the code whose business it is. Never for a log, a metric or an error.
  const T& RevealForUse() const { return value_; }

  friend std::ostream& operator<<(std::ostream& out, const Redacted&) {
    return out << kRedactedMask;
  }

 private:
  T value_{};
};

}  // namespace ndx::telemetry

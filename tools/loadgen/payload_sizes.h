// How large each request is: always the same, or the mix seen on a real bus.
//
// The mix: 30 % of 2 KiB, 60 % of 10 KiB, 9 % of 100 KiB, 0.9 % of 2 MiB, 0.1 % of 10 MiB. Nothing
// is drawn: any thousand requests in a row hold exactly these shares, large ones far apart, so that
// two runs send the same.
//
// Thread-safety: immutable. Units: bytes of the gRPC message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::tools::loadgen {

class PayloadSizes {
 public:
  static constexpr size_t kBytesMin = 16;
  static constexpr size_t kBytesMax = size_t{16} << 20;

  // "256", "4KiB", "2MiB" or "mix". kInvalidArgument: anything else, or out of bounds.
  static absl::StatusOr<PayloadSizes> Parse(absl::string_view text);

  // Of the request with this number.
  size_t At(uint64_t number) const;

  size_t largest() const;
  // As it was written.
  const std::string& name() const { return name_; }

 private:
  PayloadSizes(std::string name, size_t fixed) : name_(std::move(name)), fixed_(fixed) {}

  std::string name_;
  size_t fixed_;  // 0: the mix
};

}  // namespace ndx::tools::loadgen

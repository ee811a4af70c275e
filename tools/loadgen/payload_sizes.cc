#include "ndx/tools/loadgen/payload_sizes.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ndx::tools::loadgen {
namespace {

struct Share {
  uint32_t permille;
  size_t bytes;
};
constexpr Share kMix[] = {{300, size_t{2} << 10},
                          {600, size_t{10} << 10},
                          {90, size_t{100} << 10},
                          {9, size_t{2} << 20},
                          {1, size_t{10} << 20}};

// Has no divisor in common with 1000, and its multiples fall far from each other.
constexpr uint64_t kStride = 389;

}  // namespace

absl::StatusOr<PayloadSizes> PayloadSizes::Parse(absl::string_view text) {
  std::string name(text);
  if (text == "mix") return PayloadSizes(std::move(name), 0);
  size_t unit = 1;
  if (absl::ConsumeSuffix(&text, "KiB")) {
    unit = size_t{1} << 10;
  } else if (absl::ConsumeSuffix(&text, "MiB")) {
    unit = size_t{1} << 20;
  }
  uint32_t count = 0;
  if (!absl::SimpleAtoi(text, &count) || count * unit < kBytesMin || count * unit > kBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is no payload: mix, or ", kBytesMin,
                                                   " bytes to ", kBytesMax >> 20, "MiB"));
  }
  return PayloadSizes(std::move(name), count * unit);
}

size_t PayloadSizes::At(uint64_t number) const {
  if (fixed_ != 0) return fixed_;
  uint64_t place = number % 1000 * kStride % 1000;
  for (const Share& share : kMix) {
    if (place < share.permille) return share.bytes;
    place -= share.permille;
  }
  return 0;
}

size_t PayloadSizes::largest() const {
  return fixed_ != 0 ? fixed_ : kMix[std::size(kMix) - 1].bytes;
}

}  // namespace ndx::tools::loadgen

#include "ndx/telemetry/trace_context.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ndx::telemetry {
namespace {

// Offsets in 00-<32 hex>-<16 hex>-<2 hex>.
constexpr size_t kTraceIdAt = 3;
constexpr size_t kSpanIdAt = 36;
constexpr size_t kFlagsAt = 53;

int LowerHexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;  // upper case is not allowed
}

bool ReadHex(absl::string_view text, uint8_t* out, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) {
    const int high = LowerHexValue(text[2 * i]);
    const int low = LowerHexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

template <typename Bytes>
bool AllZero(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

template <typename Bytes>
absl::string_view View(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TraceContext TraceContext::Root(core::Random& random) {
  TraceContext root;
  do {
    random.Fill(root.trace_id_.data(), root.trace_id_.size());
  } while (AllZero(root.trace_id_));
  return root.Child(random);
}

absl::StatusOr<TraceContext> TraceContext::Parse(absl::string_view traceparent) {
  const absl::Status malformed = absl::InvalidArgumentError(
      "must be a W3C traceparent: version, 32 hex digits, 16 hex digits and flags");
  if (traceparent.size() < kTextLength) return malformed;
  uint8_t version = 0;
  if (!ReadHex(traceparent, &version, 1) || version == 0xFF) return malformed;
  const bool longer = traceparent.size() > kTextLength;
  if (longer && (version == 0 || traceparent[kTextLength] != '-')) return malformed;
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return malformed;
  TraceContext context;
  uint8_t flags = 0;
  const bool hex =
      ReadHex(traceparent.substr(kTraceIdAt), context.trace_id_.data(), kTraceIdBytes) &&
      ReadHex(traceparent.substr(kSpanIdAt), context.span_id_.data(), kSpanIdBytes) &&
      ReadHex(traceparent.substr(kFlagsAt), &flags, 1);
  if (!hex || !context.is_valid()) return malformed;
  context.flags_ = flags & 0x01;  // the other flags have no meaning yet and must not be passed on
  return context;
}

TraceContext TraceContext::Child(core::Random& random) const {
  TraceContext child = *this;
  do {
    random.Fill(child.span_id_.data(), child.span_id_.size());
  } while (AllZero(child.span_id_));
  return child;
}

std::string TraceContext::ToString() const {
  return absl::StrCat("00-", absl::BytesToHexString(trace_id()), "-",
                      absl::BytesToHexString(span_id()), "-", absl::Hex(flags_, absl::kZeroPad2));
}

absl::string_view TraceContext::trace_id() const { return View(trace_id_); }
absl::string_view TraceContext::span_id() const { return View(span_id_); }
bool TraceContext::is_valid() const { return !AllZero(trace_id_) && !AllZero(span_id_); }

}  // namespace ndx::telemetry

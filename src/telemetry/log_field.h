// One name and value of a log line.
//
// There is no constructor for messages, payloads or metadata: what may be logged is a number, a
// word of the node's own, an identifier that is no person's, or a Redacted value, whose mask is
// printed. As a last net, a run of nine or more digits inside a text is masked when the line is
// made: identity and insurance numbers have nine, ten and twelve. Values that are long by nature
// have types of their own (ExchangeId, digests in hexadecimal) and are left whole.
//
// Thread-safety: value type. Lifetime: names and texts are borrowed for the duration of the call
// that writes the line.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/telemetry/redacted.h"

namespace ndx::telemetry {

class LogField {
 public:
  // Text that is printed as it is: an identifier or the mask.
  struct Verbatim {
    std::string text;
  };
  using Value =
      std::variant<bool, int64_t, uint64_t, double, absl::string_view, std::string, Verbatim>;

  LogField(absl::string_view name, absl::string_view text) : name_(name), value_(text) {}
  LogField(absl::string_view name, const char* text) : LogField(name, absl::string_view(text)) {}
  LogField(absl::string_view name, const std::string& text)
      : LogField(name, absl::string_view(text)) {}
  LogField(absl::string_view name, bool value) : name_(name), value_(value) {}
  template <std::signed_integral T>
  LogField(absl::string_view name, T value) : name_(name), value_(static_cast<int64_t>(value)) {}
  template <std::unsigned_integral T>
  LogField(absl::string_view name, T value) : name_(name), value_(static_cast<uint64_t>(value)) {}
  template <std::floating_point T>
  LogField(absl::string_view name, T value) : name_(name), value_(static_cast<double>(value)) {}

  // Milliseconds, with a fraction. Name such a field <what>_ms.
  LogField(absl::string_view name, absl::Duration duration)
      : name_(name), value_(absl::ToDoubleMilliseconds(duration)) {}
  // CODE: message.
  LogField(absl::string_view name, const absl::Status& status)
      : name_(name), value_(status.ToString()) {}
  LogField(absl::string_view name, const core::ExchangeId& id)
      : name_(name), value_(Verbatim{id.ToString()}) {}
  // A digest or another random-looking identifier, in hexadecimal. Not for personal data: a plain
  // digest of a short number can be searched.
  static LogField Hex(absl::string_view name, absl::string_view bytes);
  template <typename T>
  LogField(absl::string_view name, const Redacted<T>&)
      : name_(name), value_(Verbatim{std::string(kRedactedMask)}) {}

  absl::string_view name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  LogField(absl::string_view name, Verbatim value) : name_(name), value_(std::move(value)) {}

  absl::string_view name_;
  Value value_;
};

}  // namespace ndx::telemetry

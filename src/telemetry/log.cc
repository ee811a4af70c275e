#include "ndx/telemetry/log.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ndx::telemetry {
namespace {

// Identity card numbers have nine digits, tax and insurance numbers ten, citizen ids twelve.
constexpr size_t kMaskedDigitsMin = 9;
// Room kept for what closes a line: "cut", "suppressed" and the brace.
constexpr size_t kLineReserveBytes = 64;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Cuts at a character of UTF-8, not inside one.
absl::string_view CutText(absl::string_view text, bool* cut) {
  if (text.size() <= kLogTextBytesMax) return text;
  *cut = true;
  size_t end = kLogTextBytesMax;
  while (end > 0 && IsContinuation(text[end])) --end;
  return text.substr(0, end);
}

// Length of a well-formed UTF-8 sequence at the start of text, or 0.
size_t SequenceLength(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead < 0x80                   ? 1
                        : lead >= 0xC2 && lead < 0xE0 ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  return length;
}

void AppendEscaped(absl::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const char c = text[0];
    const size_t length = SequenceLength(text);
    if (c == '"' || c == '\\') {
      out->append({'\\', c});
    } else if (c == '\n') {
      out->append("\\n");
    } else if (length == 0) {
      out->append("\\ufffd");
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out->append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out->push_back('"');
}

std::string MaskDigitRuns(absl::string_view text) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
    if (end - at >= kMaskedDigitsMin) {
      absl::StrAppend(&out, kRedactedMask);
    } else {
      absl::StrAppend(&out, text.substr(at, end - at));
    }
    if (end < text.size()) out.push_back(text[end++]);
    at = end;
  }
  return out;
}

void AppendText(absl::string_view text, std::string* out, bool* cut) {
  AppendEscaped(MaskDigitRuns(CutText(text, cut)), out);
}

void AppendNumber(double value, std::string* out) {
  if (std::isfinite(value)) {
    absl::StrAppend(out, value);
  } else {
    out->append("null");  // JSON has no infinity
  }
}

std::string FieldText(const LogField& field, bool* cut) {
  std::string out;
  AppendEscaped(field.name(), &out);
  out.push_back(':');
  struct Printer {
    std::string* out;
    bool* cut;
    void operator()(bool value) const { out->append(value ? "true" : "false"); }
    void operator()(int64_t value) const { absl::StrAppend(out, value); }
    void operator()(uint64_t value) const { absl::StrAppend(out, value); }
    void operator()(double value) const { AppendNumber(value, out); }
    void operator()(absl::string_view value) const { AppendText(value, out, cut); }
    void operator()(const std::string& value) const { AppendText(value, out, cut); }
    void operator()(const LogField::Verbatim& value) const {
      AppendEscaped(CutText(value.text, cut), out);
    }
  };
  std::visit(Printer{&out, cut}, field.value());
  return out;
}

}  // namespace

LogField LogField::Hex(absl::string_view name, absl::string_view bytes) {
  return {name, Verbatim{absl::BytesToHexString(bytes)}};
}

std::string FormatLogLine(absl::Time time, LogEvent event, absl::Span<const LogField> fields,
                          uint64_t suppressed) {
  const LogEventEntry& entry = EntryOf(event);
  std::string line = absl::StrCat(
      R"({"time":")", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()),
      R"(","level":")", SeverityName(entry.severity), R"(","event":")", entry.name, "\"");
  bool cut = fields.size() > kLogFieldsMax;
  for (const LogField& field : fields.first(std::min(fields.size(), kLogFieldsMax))) {
    const std::string text = FieldText(field, &cut);
    if (line.size() + 1 + text.size() + kLineReserveBytes > kLogLineBytesMax) {
      cut = true;
      continue;
    }
    absl::StrAppend(&line, ",", text);
  }
  if (suppressed > 0) absl::StrAppend(&line, ",\"suppressed\":", suppressed);
  if (cut) absl::StrAppend(&line, ",\"cut\":true");
  line.push_back('}');
  return line;
}

}  // namespace ndx::telemetry

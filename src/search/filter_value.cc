#include "filter_value.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "leaf_words.h"
#include "ndx/core/exchange_id.h"

namespace ndx::search {
namespace {

constexpr int kVietnamUtcOffsetSeconds = 7 * 3600;

struct Wording {
  std::string english;
  std::string vietnamese;
};

bool Fail(size_t position, Wording wording, FilterFault* fault) {
  *fault = {.position = position,
            .english = std::move(wording.english),
            .vietnamese = std::move(wording.vietnamese)};
  return false;
}

bool IsOrdered(FieldKind kind) {
  return kind == FieldKind::kTime || kind == FieldKind::kDuration || kind == FieldKind::kSize ||
         kind == FieldKind::kNumber;
}

Comparator ComparatorOf(absl::string_view text) {
  if (text == "<") return Comparator::kLess;
  if (text == "<=") return Comparator::kLessOrEqual;
  if (text == ">") return Comparator::kGreater;
  if (text == ">=") return Comparator::kGreaterOrEqual;
  return Comparator::kEqual;
}

// A number in front of a unit.
bool SplitUnit(absl::string_view text, double* number, absl::string_view* unit) {
  const auto* const end = std::find_if(text.begin(), text.end(), [](char c) {
    return !absl::ascii_isdigit(static_cast<unsigned char>(c)) && c != '.';
  });
  const auto digits = static_cast<size_t>(end - text.begin());
  *unit = text.substr(digits);
  return digits > 0 && absl::SimpleAtod(text.substr(0, digits), number) && std::isfinite(*number);
}

bool ReadText(const SearchField& field, const Token& value, Condition* condition,
              FilterFault* fault) {
  const size_t star = value.text.find('*');
  if (star != std::string::npos && star + 1 != value.text.size()) {
    return Fail(
        value.position,
        {"'*' may only be the last character of a value", "'*' chỉ được là ký tự cuối của giá trị"},
        fault);
  }
  condition->prefix = star != std::string::npos;
  condition->text = value.text.substr(0, star);
  // Names of reasons and codes are capitals.
  if (field.name == FieldName::kReason) absl::AsciiStrToUpper(&condition->text);
  if (condition->prefix && condition->text.empty()) condition->comparator = Comparator::kIsSet;
  return true;
}

bool ReadWord(const SearchField& field, const Token& value, Condition* condition,
              FilterFault* fault) {
  const auto& words = field.name == FieldName::kOutcome ? OutcomeWords() : EventWords();
  const std::string wanted = absl::StrReplaceAll(absl::AsciiStrToUpper(value.text), {{"-", "_"}});
  for (const Word& word : words) {
    if (word.text != wanted) continue;
    condition->text = std::string(word.text);
    return true;
  }
  const std::string names = absl::StrJoin(words, ", ", [](std::string* out, const Word& word) {
    absl::StrAppend(out, absl::AsciiStrToLower(word.text));
  });
  return Fail(value.position,
              {absl::StrCat("must be one of ", names), absl::StrCat("phải là một trong ", names)},
              fault);
}

bool ReadId(const Token& value, Condition* condition, FilterFault* fault) {
  const auto id = core::ExchangeId::Parse(value.text);
  if (id.ok()) condition->text = std::string(id->bytes());
  return id.ok() || Fail(value.position,
                         {"an exchange id must stand here: 36 characters, as lists show it",
                          "ở đây phải là mã giao dịch: 36 ký tự, như trong danh sách"},
                         fault);
}

bool ReadReference(const Token& value, Condition* condition, FilterFault* fault) {
  if (value.text == "*") {
    condition->comparator = Comparator::kIsSet;
    return true;
  }
  // Only the whole value gives the reference by which it is found.
  if (value.text.empty() || absl::StrContains(value.text, '*')) {
    return Fail(value.position,
                {"must be the whole value, without '*': the journal keeps only a keyed reference",
                 "phải là giá trị đầy đủ, không có '*': nhật ký chỉ giữ mã tham chiếu có khóa"},
                fault);
  }
  condition->text = value.text;
  return true;
}

bool ReadOrdered(const SearchField& field, const Token& value, absl::Time now, Condition* condition,
                 FilterFault* fault) {
  absl::Time time;
  absl::Duration duration;
  if (field.kind == FieldKind::kTime && ReadTime(value.text, now, &time)) {
    condition->number = absl::ToUnixNanos(time);
    return true;
  }
  if (field.kind == FieldKind::kDuration && ReadDuration(value.text, &duration)) {
    condition->number = absl::ToInt64Microseconds(duration);
    return true;
  }
  if (field.kind == FieldKind::kSize && ReadSize(value.text, &condition->number)) return true;
  if (field.kind == FieldKind::kNumber && absl::SimpleAtoi(value.text, &condition->number)) {
    return true;
  }
  switch (field.kind) {
    case FieldKind::kTime:
      return Fail(value.position,
                  {"a time is written like 2026-03-02, 2026-03-02T08:15, "
                   "2026-03-02T08:15:00+07:00 or, before now, 30m, 2h, 7d",
                   "thời điểm viết như 2026-03-02, 2026-03-02T08:15, 2026-03-02T08:15:00+07:00 "
                   "hoặc, tính lùi từ bây giờ, 30m, 2h, 7d"},
                  fault);
    case FieldKind::kDuration:
      return Fail(
          value.position,
          {"a duration is written like 200ms, 1.5s, 2m", "thời lượng viết như 200ms, 1.5s, 2m"},
          fault);
    case FieldKind::kSize:
      return Fail(
          value.position,
          {"a size is written like 512, 10KiB, 4MiB", "dung lượng viết như 512, 10KiB, 4MiB"},
          fault);
    default:
      return Fail(value.position, {"a whole number must stand here", "ở đây phải là số nguyên"},
                  fault);
  }
}

}  // namespace

bool ReadTime(absl::string_view text, absl::Time now, absl::Time* time) {
  absl::Duration before;
  if (ReadDuration(text, &before)) {
    *time = now - before;
    return true;
  }
  std::string with_t(text);
  std::replace(with_t.begin(), with_t.end(), ' ', 'T');
  for (const char* format :
       {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::string ignored;
    if (absl::ParseTime(format, with_t, absl::FixedTimeZone(kVietnamUtcOffsetSeconds), time,
                        &ignored) &&
        *time > absl::UnixEpoch() && *time < absl::FromUnixSeconds(int64_t{1} << 33)) {
      return true;
    }
  }
  return false;
}

bool ReadDuration(absl::string_view text, absl::Duration* duration) {
  double number = 0;
  absl::string_view unit;
  if (!SplitUnit(text, &number, &unit) || number > 1e9) return false;
  for (const auto& [name, length] :
       {std::pair<absl::string_view, absl::Duration>{"us", absl::Microseconds(1)},
        {"ms", absl::Milliseconds(1)},
        {"s", absl::Seconds(1)},
        {"m", absl::Minutes(1)},
        {"h", absl::Hours(1)},
        {"d", absl::Hours(24)}}) {
    if (unit != name) continue;
    *duration = length * number;
    return true;
  }
  return false;
}

bool ReadSize(absl::string_view text, int64_t* bytes) {
  double number = 0;
  absl::string_view unit;
  if (!SplitUnit(text, &number, &unit) || number > 1e12) return false;
  for (const auto& [name, factor] : {std::pair<absl::string_view, double>{"", 1},
                                     {"B", 1},
                                     {"kB", 1e3},
                                     {"MB", 1e6},
                                     {"GB", 1e9},
                                     {"KiB", 1024.0},
                                     {"MiB", 1024.0 * 1024},
                                     {"GiB", 1024.0 * 1024 * 1024}}) {
    if (unit != name) continue;
    *bytes = static_cast<int64_t>(std::min(number * factor, 1e18));
    return true;
  }
  return false;
}

bool ReadCondition(const SearchField& field, const Token& comparator, const Token& value,
                   absl::Time now, Condition* condition, FilterFault* fault) {
  condition->field = field.name;
  condition->comparator = ComparatorOf(comparator.text);
  if (condition->comparator != Comparator::kEqual && !IsOrdered(field.kind)) {
    return Fail(comparator.position,
                {absl::StrCat(field.text, " can only be compared with = != or :"),
                 absl::StrCat(field.text, " chỉ so sánh được bằng = != hoặc :")},
                fault);
  }
  switch (field.kind) {
    case FieldKind::kText:
    case FieldKind::kMethod:
      return ReadText(field, value, condition, fault);
    case FieldKind::kWord:
      return ReadWord(field, value, condition, fault);
    case FieldKind::kId:
      return ReadId(value, condition, fault);
    case FieldKind::kReference:
      return ReadReference(value, condition, fault);
    default:
      return ReadOrdered(field, value, now, condition, fault);
  }
}

}  // namespace ndx::search

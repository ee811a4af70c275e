#include "ndx/crypto/flat_json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"

namespace ndx::crypto {
namespace {

// As a text may hold it without escapes.
bool IsPlain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

class Reader {
 public:
  explicit Reader(absl::string_view text) : left_(text) {}

  bool Take(char token) {
    SkipSpace();
    return absl::ConsumePrefix(&left_, absl::string_view(&token, 1));
  }

  std::optional<std::string> TakeText() {
    if (!Take('"')) return std::nullopt;
    size_t size = 0;
    while (size < left_.size() && IsPlain(left_[size])) ++size;
    if (size == left_.size() || left_[size] != '"') return std::nullopt;
    std::string text(left_.substr(0, size));
    left_.remove_prefix(size + 1);
    return text;
  }

  std::optional<int64_t> TakeNumber() {
    SkipSpace();
    size_t size = 0;
    int64_t number = 0;
    while (size < left_.size() && absl::ascii_isdigit(static_cast<unsigned char>(left_[size]))) {
      if (size == FlatJson::kDigitsMax) return std::nullopt;
      number = 10 * number + (left_[size++] - '0');
    }
    if (size == 0 || (size > 1 && left_[0] == '0')) return std::nullopt;
    left_.remove_prefix(size);
    return number;
  }

  bool AtText() {
    SkipSpace();
    return !left_.empty() && left_[0] == '"';
  }

  bool AtEnd() {
    SkipSpace();
    return left_.empty();
  }

 private:
  void SkipSpace() {
    size_t size = 0;
    while (size < left_.size() && (left_[size] == ' ' || left_[size] == '\t' ||
                                   left_[size] == '\n' || left_[size] == '\r')) {
      ++size;
    }
    left_.remove_prefix(size);
  }

  absl::string_view left_;
};

}  // namespace

std::optional<FlatJson> FlatJson::Parse(absl::string_view text) {
  Reader reader(text);
  FlatJson object;
  if (!reader.Take('{')) return std::nullopt;
  if (reader.Take('}')) return reader.AtEnd() ? std::optional(object) : std::nullopt;
  do {
    auto name = reader.TakeText();
    if (!name.has_value() || !reader.Take(':')) return std::nullopt;
    if (object.Find(*name) != nullptr || object.size() == kMembersMax) return std::nullopt;
    if (reader.AtText()) {
      auto value = reader.TakeText();
      if (!value.has_value()) return std::nullopt;
      object.members_.emplace_back(*std::move(name), *std::move(value));
    } else {
      const auto value = reader.TakeNumber();
      if (!value.has_value()) return std::nullopt;
      object.members_.emplace_back(*std::move(name), *value);
    }
  } while (reader.Take(','));
  if (!reader.Take('}') || !reader.AtEnd()) return std::nullopt;
  return object;
}

FlatJson& FlatJson::Add(std::string name, std::string text) {
  for (const char c : absl::StrCat(name, text)) NDX_CHECK(IsPlain(c));
  members_.emplace_back(std::move(name), std::move(text));
  return *this;
}

FlatJson& FlatJson::Add(std::string name, int64_t number) {
  NDX_CHECK(number >= 0);
  members_.emplace_back(std::move(name), number);
  return *this;
}

const FlatJson::Value* FlatJson::Find(absl::string_view name) const {
  for (const auto& [each, value] : members_) {
    if (absl::string_view(each) == name) return &value;
  }
  return nullptr;
}

const std::string* FlatJson::Text(absl::string_view name) const {
  const Value* const value = Find(name);
  return value == nullptr ? nullptr : std::get_if<std::string>(value);
}

const int64_t* FlatJson::Number(absl::string_view name) const {
  const Value* const value = Find(name);
  return value == nullptr ? nullptr : std::get_if<int64_t>(value);
}

std::string FlatJson::ToString() const {
  std::string text = "{";
  for (const auto& [name, value] : members_) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "", "\"", name, "\":");
    if (const auto* const number = std::get_if<int64_t>(&value)) {
      absl::StrAppend(&text, *number);
    } else {
      absl::StrAppend(&text, "\"", std::get<std::string>(value), "\"");
    }
  }
  return text + "}";
}

}  // namespace ndx::crypto

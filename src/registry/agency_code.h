// Electronic identifier of a member (mã định danh điện tử) in the order of QĐ 20/2020, level 1
// first: G09.20, H55.242.
//
// The legacy order of QCVN 102:2016, still in wide use, is the reverse in four groups with zeros
// for absent levels: 000.00.20.G09 is G09.20, and 000.00.00.H20 is H20. Both spellings are accepted
// and kept as the new one. An enterprise, co-operative or household business is named by its
// enterprise code (10 digits, 10-3, or the 12 digits of a person's own number).
//
// Thread-safety: value type.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::registry {

class AgencyCode {
 public:
  static constexpr size_t kTextLengthMax = 35;

  AgencyCode() = default;

  // Parses either spelling or an enterprise code. kInvalidArgument otherwise; the message does not
  // repeat the input.
  static absl::StatusOr<AgencyCode> Parse(absl::string_view text);

  // Canonical text: the new order.
  const std::string& text() const { return text_; }

  // The legacy spelling; empty where there is none (more than four levels, groups of another
  // length, enterprises).
  std::string LegacyText() const;

  bool is_enterprise() const;

  friend auto operator<=>(const AgencyCode&, const AgencyCode&) = default;

 private:
  std::string text_;
};

}  // namespace ndx::registry

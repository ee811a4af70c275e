// Name of an information system (hệ thống thông tin) of a member: VN:GOV:<member>:<system>, and the
// same as the URI that stands in its certificate: ndx://VN/GOV/<member>/<system>.
//
// Thread-safety: value type.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::core {

class SystemId {
 public:
  // instance, class, member and system together; keeps every field of a leaf that names one
  // bounded.
  static constexpr size_t kTextLengthMax = 96;

  SystemId() = default;

  // Parses VN:GOV:G01:population. Instance and class are two to five upper-case letters; the member
  // is an agency code (letters A-Z, digits and dots, at most 35) or a tax code; the system is
  // lower-case letters, digits, '-' and '_', at most 40. kInvalidArgument otherwise.
  static absl::StatusOr<SystemId> Parse(absl::string_view text);

  // Parses ndx://VN/GOV/G01/population under the same rules.
  static absl::StatusOr<SystemId> ParseUri(absl::string_view uri);

  // The text form; empty for a default-constructed id.
  const std::string& text() const { return text_; }

  // The URI form.
  std::string uri() const;

  // The member's electronic identifier (mã định danh điện tử).
  absl::string_view member() const;

  // The system's own name.
  absl::string_view system() const;

  friend auto operator<=>(const SystemId&, const SystemId&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const SystemId& id) {
    return H::combine(std::move(h), id.text_);
  }

 private:
  std::string text_;
};

}  // namespace ndx::core

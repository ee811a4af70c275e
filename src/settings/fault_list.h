// Everything that is wrong with a configuration, collected so that it can be corrected in one go.
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/settings/source_map.h"

namespace ndx::settings {

// Faults listed in one error; the rest is counted.
inline constexpr size_t kFaultsShownMax = 20;
// Characters of an offending value that are shown.
inline constexpr size_t kValueShownMax = 80;

struct Fault {
  SourceLocation where;
  std::string value;  // as written; empty when the fault is an absence
  std::string
      problem;  // what is wrong and what is allowed: "is not a known key; did you mean `consumer`?"
};

class FaultList {
 public:
  void Add(SourceLocation where, absl::string_view value, absl::string_view problem);

  bool empty() const { return faults_.empty(); }
  const std::vector<Fault>& faults() const { return faults_; }

  // OK when empty; else kInvalidArgument with one line for each fault:
  //   registry.yaml:12: systems[3].certificates[0].spki_sha256: "12zz" must be 64 hexadecimal
  //   digits
  absl::Status ToStatus() const;

 private:
  std::vector<Fault> faults_;
};

}  // namespace ndx::settings

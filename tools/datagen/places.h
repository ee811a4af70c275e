// The 34 provinces in force since 2025-07-01, with the provinces that went into each, and communes
// made up for them.
//
// Province codes and names are real (the same as in the shared catalogues); the communes' codes and
// names are not: commune codes begin with 9, those of the communes merged into them with 8, where
// real ones end at about 33,000.
//
// Thread-safety: immutable after construction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/registry/province_code.h"
#include "ndx/tools/datagen/draws.h"

namespace ndx::tools::datagen {

using registry::FormerProvince;

struct Province {
  absl::string_view code;  // 2 digits
  absl::string_view name;
  // Population in 100,000, roughly; decides how many people get an address here.
  uint16_t weight = 0;
  // The provinces merged into it, itself first; one where nothing changed.
  absl::Span<const FormerProvince> former;
};

absl::Span<const Province> Provinces();

struct Commune {
  uint16_t province = 0;         // index into Provinces()
  uint16_t former_province = 0;  // index into Province::former
  bool urban = false;            // phường, else xã
  std::string code;              // 5 digits, in force since 2025-07-01
  std::string name;              // Phường Tân Phú
  std::string former_code;       // of the largest of the communes merged into it, until 2025-06-30
  std::string former_name;
  uint16_t weight = 0;
};

class Places {
 public:
  // The communes of a seed; the same for every size of the nation.
  explicit Places(uint64_t seed);

  absl::Span<const Commune> communes() const { return communes_; }

  // Index of a commune, more often of a larger one.
  uint32_t DrawCommune(Draws& draws) const;

  // Index of a commune of the same province.
  uint32_t DrawNeighbour(Draws& draws, uint32_t commune) const;

  // The commune of the demo's scene: in Thái Nguyên, of the former province Bắc Kạn, so that both
  // its agency code and its province code changed on 2025-07-01.
  uint32_t merged_commune() const { return merged_commune_; }

 private:
  void AddProvince(uint64_t seed, uint16_t province);

  std::vector<Commune> communes_;
  std::vector<uint32_t> cumulative_weights_;
  std::vector<uint32_t> first_of_province_;  // one more than there are provinces
  uint32_t merged_commune_ = 0;
};

}  // namespace ndx::tools::datagen

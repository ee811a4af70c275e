#include "ndx/tools/datagen/places.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

// Population in 100,000, roughly, in the order of registry::Provinces().
constexpr uint16_t kWeights[] = {86, 6,  18, 7,   5,  14, 18, 18, 9,  15, 36, 40,
                                 47, 36, 44, 43,  38, 16, 19, 14, 31, 22, 36, 22,
                                 33, 39, 45, 140, 33, 44, 42, 49, 42, 26};

std::vector<Province> WithWeights() {
  std::vector<Province> provinces;
  NDX_CHECK(registry::Provinces().size() == std::size(kWeights));
  for (const registry::Province& each : registry::Provinces()) {
    provinces.push_back({each.code, each.name, kWeights[provinces.size()], each.former});
  }
  return provinces;
}

// A commune for every 400,000 people of its province and ten more, at most 99: two digits of its
// code.
constexpr int kCommunesLeast = 10;
constexpr int kPeoplePerCommune = 4;  // in 100,000

constexpr absl::string_view kMergedProvince = "19";
constexpr absl::string_view kMergedFormerProvince = "06";

}  // namespace

absl::Span<const Province> Provinces() {
  static const auto* const kProvinces = new std::vector<Province>(WithWeights());
  return *kProvinces;
}

Places::Places(uint64_t seed) {
  for (size_t province = 0; province < Provinces().size(); ++province) {
    first_of_province_.push_back(static_cast<uint32_t>(communes_.size()));
    AddProvince(seed, static_cast<uint16_t>(province));
  }
  first_of_province_.push_back(static_cast<uint32_t>(communes_.size()));
  uint32_t total = 0;
  for (uint32_t at = 0; at < communes_.size(); ++at) {
    total += communes_[at].weight;
    cumulative_weights_.push_back(total);
    const Province& province = Provinces()[communes_[at].province];
    if (merged_commune_ == 0 && province.code == kMergedProvince &&
        province.former[communes_[at].former_province].code == kMergedFormerProvince) {
      merged_commune_ = at;
    }
  }
  NDX_CHECK(merged_commune_ != 0);
}

void Places::AddProvince(uint64_t seed, uint16_t index) {
  const Province& province = Provinces()[index];
  const int count = kCommunesLeast + province.weight / kPeoplePerCommune;
  NDX_CHECK(count < 100);
  for (int at = 0; at < count; ++at) {
    Draws draws(seed, Stream::kCommune, index * 100U + static_cast<uint32_t>(at));
    Commune commune;
    commune.province = index;
    commune.former_province =
        static_cast<uint16_t>(static_cast<size_t>(at) % province.former.size());
    commune.urban = draws.Chance(350);
    const std::string number = Digits(static_cast<uint64_t>(at), 2);
    commune.code = absl::StrCat(kCommuneCodePrefix, province.code, number);
    commune.name = absl::StrCat(commune.urban ? "Phường " : "Xã ", DrawPlaceName(draws));
    commune.former_code = absl::StrCat(kFormerCommuneCodePrefix,
                                       province.former[commune.former_province].code, number);
    commune.former_name = absl::StrCat(commune.urban ? "Phường " : "Xã ", DrawPlaceName(draws));
    // The total of a province follows its weight; communes differ by up to five times.
    commune.weight = static_cast<uint16_t>(province.weight * draws.Between(20, 100) / count + 1);
    communes_.push_back(std::move(commune));
  }
}

uint32_t Places::DrawCommune(Draws& draws) const {
  const uint32_t at = draws.Below(cumulative_weights_.back());
  return static_cast<uint32_t>(
      std::upper_bound(cumulative_weights_.begin(), cumulative_weights_.end(), at) -
      cumulative_weights_.begin());
}

uint32_t Places::DrawNeighbour(Draws& draws, uint32_t commune) const {
  const size_t province = communes_[commune].province;
  const uint32_t first = first_of_province_[province];
  return first + draws.Below(first_of_province_[province + 1] - first);
}

}  // namespace ndx::tools::datagen

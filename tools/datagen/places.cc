#include "ndx/tools/datagen/places.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"

namespace ndx::tools::datagen {
namespace {

// Resolution 202/2025/QH15: which of the 63 became which of the 34.
constexpr FormerProvince k01[] = {{"01", "Hà Nội"}};
constexpr FormerProvince k04[] = {{"04", "Cao Bằng"}};
constexpr FormerProvince k08[] = {{"08", "Tuyên Quang"}, {"02", "Hà Giang"}};
constexpr FormerProvince k11[] = {{"11", "Điện Biên"}};
constexpr FormerProvince k12[] = {{"12", "Lai Châu"}};
constexpr FormerProvince k14[] = {{"14", "Sơn La"}};
constexpr FormerProvince k15[] = {{"10", "Lào Cai"}, {"15", "Yên Bái"}};
constexpr FormerProvince k19[] = {{"19", "Thái Nguyên"}, {"06", "Bắc Kạn"}};
constexpr FormerProvince k20[] = {{"20", "Lạng Sơn"}};
constexpr FormerProvince k22[] = {{"22", "Quảng Ninh"}};
constexpr FormerProvince k24[] = {{"27", "Bắc Ninh"}, {"24", "Bắc Giang"}};
constexpr FormerProvince k25[] = {{"25", "Phú Thọ"}, {"26", "Vĩnh Phúc"}, {"17", "Hoà Bình"}};
constexpr FormerProvince k31[] = {{"31", "Hải Phòng"}, {"30", "Hải Dương"}};
constexpr FormerProvince k33[] = {{"33", "Hưng Yên"}, {"34", "Thái Bình"}};
constexpr FormerProvince k37[] = {{"37", "Ninh Bình"}, {"35", "Hà Nam"}, {"36", "Nam Định"}};
constexpr FormerProvince k38[] = {{"38", "Thanh Hóa"}};
constexpr FormerProvince k40[] = {{"40", "Nghệ An"}};
constexpr FormerProvince k42[] = {{"42", "Hà Tĩnh"}};
constexpr FormerProvince k44[] = {{"45", "Quảng Trị"}, {"44", "Quảng Bình"}};
constexpr FormerProvince k46[] = {{"46", "Huế"}};
constexpr FormerProvince k48[] = {{"48", "Đà Nẵng"}, {"49", "Quảng Nam"}};
constexpr FormerProvince k51[] = {{"51", "Quảng Ngãi"}, {"62", "Kon Tum"}};
constexpr FormerProvince k52[] = {{"64", "Gia Lai"}, {"52", "Bình Định"}};
constexpr FormerProvince k56[] = {{"56", "Khánh Hòa"}, {"58", "Ninh Thuận"}};
constexpr FormerProvince k66[] = {{"66", "Đắk Lắk"}, {"54", "Phú Yên"}};
constexpr FormerProvince k68[] = {{"68", "Lâm Đồng"}, {"67", "Đắk Nông"}, {"60", "Bình Thuận"}};
constexpr FormerProvince k75[] = {{"75", "Đồng Nai"}, {"70", "Bình Phước"}};
constexpr FormerProvince k79[] = {{"79", "TP.HCM"}, {"77", "BR-VT"}, {"74", "Bình Dương"}};
constexpr FormerProvince k80[] = {{"72", "Tây Ninh"}, {"80", "Long An"}};
constexpr FormerProvince k82[] = {{"87", "Đồng Tháp"}, {"82", "Tiền Giang"}};
constexpr FormerProvince k86[] = {{"86", "Vĩnh Long"}, {"83", "Bến Tre"}, {"84", "Trà Vinh"}};
constexpr FormerProvince k91[] = {{"89", "An Giang"}, {"91", "Kiên Giang"}};
constexpr FormerProvince k92[] = {{"92", "Cần Thơ"}, {"94", "Sóc Trăng"}, {"93", "Hậu Giang"}};
constexpr FormerProvince k96[] = {{"96", "Cà Mau"}, {"95", "Bạc Liêu"}};

constexpr Province kProvinces[] = {
    {"01", "Hà Nội", 86, k01},     {"04", "Cao Bằng", 6, k04},     {"08", "Tuyên Quang", 18, k08},
    {"11", "Điện Biên", 7, k11},   {"12", "Lai Châu", 5, k12},     {"14", "Sơn La", 14, k14},
    {"15", "Lào Cai", 18, k15},    {"19", "Thái Nguyên", 18, k19}, {"20", "Lạng Sơn", 9, k20},
    {"22", "Quảng Ninh", 15, k22}, {"24", "Bắc Ninh", 36, k24},    {"25", "Phú Thọ", 40, k25},
    {"31", "Hải Phòng", 47, k31},  {"33", "Hưng Yên", 36, k33},    {"37", "Ninh Bình", 44, k37},
    {"38", "Thanh Hóa", 43, k38},  {"40", "Nghệ An", 38, k40},     {"42", "Hà Tĩnh", 16, k42},
    {"44", "Quảng Trị", 19, k44},  {"46", "Huế", 14, k46},         {"48", "Đà Nẵng", 31, k48},
    {"51", "Quảng Ngãi", 22, k51}, {"52", "Gia Lai", 36, k52},     {"56", "Khánh Hòa", 22, k56},
    {"66", "Đắk Lắk", 33, k66},    {"68", "Lâm Đồng", 39, k68},    {"75", "Đồng Nai", 45, k75},
    {"79", "TP.HCM", 140, k79},    {"80", "Tây Ninh", 33, k80},    {"82", "Đồng Tháp", 44, k82},
    {"86", "Vĩnh Long", 42, k86},  {"91", "An Giang", 49, k91},    {"92", "Cần Thơ", 42, k92},
    {"96", "Cà Mau", 26, k96},
};
// A commune for every 400,000 people of its province and ten more, at most 99: two digits of its
// code.
constexpr int kCommunesLeast = 10;
constexpr int kPeoplePerCommune = 4;  // in 100,000

constexpr absl::string_view kMergedProvince = "19";
constexpr absl::string_view kMergedFormerProvince = "06";

}  // namespace

absl::Span<const Province> Provinces() { return kProvinces; }

Places::Places(uint64_t seed) {
  for (size_t province = 0; province < std::size(kProvinces); ++province) {
    first_of_province_.push_back(static_cast<uint32_t>(communes_.size()));
    AddProvince(seed, static_cast<uint16_t>(province));
  }
  first_of_province_.push_back(static_cast<uint32_t>(communes_.size()));
  uint32_t total = 0;
  for (uint32_t at = 0; at < communes_.size(); ++at) {
    total += communes_[at].weight;
    cumulative_weights_.push_back(total);
    const Province& province = kProvinces[communes_[at].province];
    if (merged_commune_ == 0 && province.code == kMergedProvince &&
        province.former[communes_[at].former_province].code == kMergedFormerProvince) {
      merged_commune_ = at;
    }
  }
  NDX_CHECK(merged_commune_ != 0);
}

void Places::AddProvince(uint64_t seed, uint16_t index) {
  const Province& province = kProvinces[index];
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

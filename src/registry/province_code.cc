#include "ndx/registry/province_code.h"

namespace ndx::registry {
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
    {"01", "Hà Nội", k01},     {"04", "Cao Bằng", k04},    {"08", "Tuyên Quang", k08},
    {"11", "Điện Biên", k11},  {"12", "Lai Châu", k12},    {"14", "Sơn La", k14},
    {"15", "Lào Cai", k15},    {"19", "Thái Nguyên", k19}, {"20", "Lạng Sơn", k20},
    {"22", "Quảng Ninh", k22}, {"24", "Bắc Ninh", k24},    {"25", "Phú Thọ", k25},
    {"31", "Hải Phòng", k31},  {"33", "Hưng Yên", k33},    {"37", "Ninh Bình", k37},
    {"38", "Thanh Hóa", k38},  {"40", "Nghệ An", k40},     {"42", "Hà Tĩnh", k42},
    {"44", "Quảng Trị", k44},  {"46", "Huế", k46},         {"48", "Đà Nẵng", k48},
    {"51", "Quảng Ngãi", k51}, {"52", "Gia Lai", k52},     {"56", "Khánh Hòa", k56},
    {"66", "Đắk Lắk", k66},    {"68", "Lâm Đồng", k68},    {"75", "Đồng Nai", k75},
    {"79", "TP.HCM", k79},     {"80", "Tây Ninh", k80},    {"82", "Đồng Tháp", k82},
    {"86", "Vĩnh Long", k86},  {"91", "An Giang", k91},    {"92", "Cần Thơ", k92},
    {"96", "Cà Mau", k96},
};

DateRange Before() { return {.from = std::nullopt, .to = kProvincesJoined - 1}; }
DateRange Since() { return {.from = kProvincesJoined, .to = std::nullopt}; }

}  // namespace

absl::Span<const Province> Provinces() { return kProvinces; }

std::vector<ProvinceMeaning> MeaningsOfProvinceCode(absl::string_view code) {
  std::vector<ProvinceMeaning> meanings;
  for (const Province& province : kProvinces) {
    for (const FormerProvince& former : province.former) {
      if (former.code != code) continue;
      meanings.push_back({former.code, former.name, Before(), &province});
    }
  }
  for (const Province& province : kProvinces) {
    if (province.code == code) meanings.push_back({province.code, province.name, Since()});
  }
  return meanings;
}

std::optional<ProvinceMeaning> ProvinceOn(absl::string_view code, absl::CivilDay day) {
  for (const ProvinceMeaning& meaning : MeaningsOfProvinceCode(code)) {
    if (meaning.in_use.Contains(day)) return meaning;
  }
  return std::nullopt;
}

}  // namespace ndx::registry

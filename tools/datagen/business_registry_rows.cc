// Rows of the business registry, as adapters/business_registry/schema.sql has them.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"
#include "ndx/tools/datagen/record_text.h"
#include "ndx/tools/datagen/row.h"
#include "schemas.h"

namespace ndx::tools::datagen {
namespace {

constexpr int kActivitiesMost = 3;
constexpr absl::string_view kStreets[] = {"Trần Phú",       "Lê Lợi",       "Hùng Vương",
                                          "Nguyễn Huệ",     "Quang Trung",  "Hai Bà Trưng",
                                          "Lý Thường Kiệt", "Điện Biên Phủ"};

// Money in dong as text.
std::string Dong(uint64_t thousands) { return absl::StrCat(thousands, "000"); }

// part of whole in percent, two places.
std::string Percent(uint64_t part, uint64_t whole) {
  const uint64_t hundredths = whole == 0 ? 0 : (part * 10'000 + whole / 2) / whole;
  return absl::StrCat(hundredths / 100, ".", Digits(hundredths % 100, 2));
}

void WriteEnterprise(const Nation& nation, uint32_t index, Row& row) {
  const Enterprise& enterprise = nation.enterprises[index];
  const Commune& commune = nation.commune(enterprise.commune);
  const absl::string_view province = Provinces()[commune.province].name;
  const std::string street = absl::StrCat("Số ", enterprise.house_number, " đường ",
                                          kStreets[enterprise.house_number % std::size(kStreets)]);
  row.Text(EnterpriseCodeOf(nation, index));
  row.Text(Digits(enterprise.serial, 10));
  row.Text(KindOf(enterprise.name).code);
  row.Text(KindOf(enterprise.name).name);
  row.Text(FullEnterpriseName(enterprise.name));
  row.Text(ShortEnterpriseName(enterprise.name));
  row.Text(ForeignEnterpriseName(enterprise.name));
  row.Text(DateText(enterprise.founded));
  row.Text(DateText(enterprise.last_amended));
  row.Integer(enterprise.amendments);
  row.Integer(static_cast<int>(enterprise.state));
  row.Text(Dong(enterprise.capital));
  row.Text(Provinces()[commune.province].code);
  row.Text(province);
  row.Text(commune.code);
  row.Text(commune.name);
  row.Text(street);
  row.Text(absl::StrCat(street, ", ", commune.name, ", ", province));
}

void WriteEnterprises(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.enterprises.size(); ++index) {
    row.Clear();
    WriteEnterprise(nation, index, row);
    consumer(row);
  }
}

void WriteRepresentatives(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.enterprises.size(); ++index) {
    const Enterprise& enterprise = nation.enterprises[index];
    const uint32_t person = nation.shares[enterprise.first_share].person;
    row.Clear();
    row.Text(EnterpriseCodeOf(nation, index));
    row.Integer(1);
    row.Text(CitizenIdOf(nation, person));
    row.Text(NameOf(nation.people[person]));
    row.Text(KindOf(enterprise.name).code == "CP" ? "Tổng giám đốc" : "Giám đốc");
    consumer(row);
  }
}

void WriteActivities(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.enterprises.size(); ++index) {
    const Enterprise& enterprise = nation.enterprises[index];
    const int count = 1 + static_cast<int>(enterprise.serial) % kActivitiesMost;
    for (int position = 0; position < count; ++position) {
      // Another step through the trades for each position: no line of business twice.
      const Trade& trade =
          Trades()[(enterprise.name.trade + static_cast<size_t>(position) * 5) % Trades().size()];
      row.Clear();
      row.Text(EnterpriseCodeOf(nation, index));
      row.Integer(position + 1);
      row.Text(trade.activity_code);
      row.Text(trade.activity_name);
      row.Integer(position == 0 ? 1 : 0);
      consumer(row);
    }
  }
}

void WriteMembers(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.enterprises.size(); ++index) {
    const Enterprise& enterprise = nation.enterprises[index];
    for (uint32_t at = 0; at < enterprise.shares; ++at) {
      const EnterpriseShare& share = nation.shares[enterprise.first_share + at];
      row.Clear();
      row.Text(EnterpriseCodeOf(nation, index));
      row.Integer(at + 1);
      row.Text(CitizenIdOf(nation, share.person));
      row.Text(NameOf(nation.people[share.person]));
      row.Text(Dong(share.amount));
      row.Text(Percent(share.amount, enterprise.capital));
      row.Text("VN");
      consumer(row);
    }
  }
}

void WriteDossiers(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.dossiers.size(); ++index) {
    const Dossier& dossier = nation.dossiers[index];
    const Enterprise& enterprise = nation.enterprises[dossier.enterprise];
    const Person& contact = nation.people[nation.shares[enterprise.first_share].person];
    row.Clear();
    row.Text(absl::StrCat("99-", Digits(index + 1, 9)));
    row.Text(EnterpriseCodeOf(nation, dossier.enterprise));
    row.Text(dossier.founding ? "Đăng ký thành lập mới" : "Đăng ký thay đổi");
    row.Text(CodesOn(nation, enterprise.commune, dossier.received).province);
    row.Text(VietnamTimeText(dossier.received, dossier.minute));
    row.Text(DateText(dossier.due));
    row.Integer(static_cast<int>(dossier.state));
    dossier.registered == kNever ? row.Null() : row.Text(DateText(dossier.registered));
    dossier.supplement_asked == kNever ? row.Null() : row.Text(DateText(dossier.supplement_asked));
    row.Text(absl::StrCat(static_cast<int>(dossier.submission)));
    row.Text(NameOf(contact));
    // Numbers with 010 went out of use when mobile numbers lost their eleventh digit.
    row.Text(absl::StrCat("010", Digits(enterprise.serial, 7)));
    row.Text(absl::StrCat("lienhe@", absl::AsciiStrToLower(ShortEnterpriseName(enterprise.name)),
                          ".example"));
    consumer(row);
  }
}

}  // namespace

Database BusinessRegistryDatabase() {
  return {"business_registry",
          kBusinessRegistrySchema,
          {{"enterprises",
            {"enterprise_code", "registry_number", "type_code", "type_name", "name", "short_name",
             "foreign_name", "founding_date", "last_amended_date", "amendment_count", "status",
             "capital_vnd", "office_province_code", "office_province_name", "office_commune_code",
             "office_commune_name", "office_street_number", "office_full_text"},
            WriteEnterprises},
           {"enterprise_representatives",
            {"enterprise_code", "position", "citizen_id", "full_name", "title"},
            WriteRepresentatives},
           {"enterprise_activities",
            {"enterprise_code", "position", "code", "name", "is_main"},
            WriteActivities},
           {"enterprise_members",
            {"enterprise_code", "position", "citizen_id", "name", "amount_vnd", "ratio_percent",
             "country_code"},
            WriteMembers},
           {"dossiers",
            {"journal_number", "enterprise_code", "document_type", "site_code", "received_at",
             "due_date", "status", "registration_date", "supplement_date", "submission_type",
             "contact_name", "contact_phone", "contact_email"},
            WriteDossiers}},
          nullptr};
}

}  // namespace ndx::tools::datagen

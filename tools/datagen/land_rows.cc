// Rows of the land database, as adapters/land/schema.sql has them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ndx/tools/datagen/names.h"
#include "ndx/tools/datagen/numbers.h"
#include "ndx/tools/datagen/record_text.h"
#include "ndx/tools/datagen/row.h"
#include "schemas.h"

namespace ndx::tools::datagen {
namespace {

// In the order that land.cc counts on.
constexpr absl::string_view kLandTypes[] = {"ODT", "ONT", "CLN", "HNK", "LUC", "TMD"};
constexpr bool kForGood[] = {true, true, false, false, false, false};
constexpr absl::string_view kOrigins[] = {
    "Công nhận quyền sử dụng đất như giao đất có thu tiền sử dụng đất",
    "Nhà nước giao đất có thu tiền sử dụng đất", "Nhận chuyển nhượng", "Nhận thừa kế"};
constexpr absl::string_view kContents[] = {"",
                                           "Đăng ký chuyển nhượng quyền sử dụng đất",
                                           "Cập nhật đơn vị hành chính sau sắp xếp",
                                           "Chuyển mục đích sử dụng đất",
                                           "Đăng ký thế chấp quyền sử dụng đất",
                                           "Đính chính"};
constexpr int kInForce = 1;
constexpr int kReplaced = 2;
constexpr int kOfficeOpens = 8 * 60;

// An area in square metres.
std::string AreaText(uint32_t hundredths) {
  return absl::StrCat(hundredths / 100, ".", Digits(hundredths % 100, 2));
}

uint32_t TotalArea(const Parcel& parcel) {
  uint32_t total = 0;
  for (size_t at = 0; at < parcel.uses; ++at) total += parcel.use[at].area;
  return total;
}

// The province and commune that the record carries.
PlaceCodes CodesOf(const Nation& nation, const Parcel& parcel) {
  return CodesOn(nation, parcel.commune, parcel.converted ? kAsOf : kMergerDay - 1);
}

void WriteParcels(const Nation& nation, RowConsumer consumer) {
  std::vector<Day> changed(nation.parcels.size(), 0);
  for (const Change& change : nation.changes) changed[change.parcel] = change.registered;
  Row row;
  for (uint32_t index = 0; index < nation.parcels.size(); ++index) {
    const Parcel& parcel = nation.parcels[index];
    const PlaceCodes codes = CodesOf(nation, parcel);
    Day updated = std::max(changed[index], parcel.converted ? kMergerDay : 0);
    row.Clear();
    row.Text(ParcelIdOf(nation, index));
    row.Text(codes.province);
    row.Text(codes.commune);
    row.Text(absl::StrCat(parcel.sheet));
    row.Text(absl::StrCat(parcel.number));
    row.Text(absl::StrCat(parcel.certificate_sheet));
    row.Text(absl::StrCat(parcel.certificate_number));
    row.Text(FullAddress(nation.commune(parcel.commune), parcel.house_number, parcel.hamlet,
                         !parcel.converted));
    row.Text(AreaText(TotalArea(parcel)));
    row.TextOrNull(parcel.has_house ? "Nhà ở riêng lẻ" : "");
    row.Integer(static_cast<int>(parcel.state));
    if (parcel.certificates == 0) {
      row.Null();
    } else {
      const uint32_t last = parcel.first_certificate + parcel.certificates - 1;
      row.Text(CertificateSerialOf(nation, last));
      updated = std::max(updated, nation.certificates[last].issued);
    }
    row.Integer(1 + parcel.changes);
    row.Text(UtcTimeText(std::max(updated, kMergerDay - 3650), kOfficeOpens));
    consumer(row);
  }
}

void WriteUses(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.parcels.size(); ++index) {
    const Parcel& parcel = nation.parcels[index];
    for (size_t at = 0; at < parcel.uses; ++at) {
      const Use& use = parcel.use[at];
      row.Clear();
      row.Text(ParcelIdOf(nation, index));
      row.Integer(static_cast<int>(at) + 1);
      row.Text(kLandTypes[use.land_type]);
      row.Text(AreaText(use.area));
      row.Text(kOrigins[use.origin]);
      row.Text(parcel.co_holder == kNobody ? "riêng" : "chung");
      // Terms of agricultural land end on 15 October 2063 at the earliest; of business land 50
      // years after its grant.
      row.Text(kForGood[use.land_type] ? "lâu dài"
               : use.land_type == 5    ? "2070-06-30"
                                       : "2063-10-15");
      consumer(row);
    }
  }
}

void WriteHolder(const Nation& nation, absl::string_view key, int position, uint32_t person,
                 absl::string_view role, RowConsumer consumer) {
  Row row;
  row.Text(key);
  row.Integer(position);
  row.Text(CitizenIdOf(nation, person));
  row.Null();
  row.Text(NameOf(nation.people[person]));
  row.Text(role);
  consumer(row);
}

// The holders of a parcel under the key of the parcel or of a certificate.
void WriteHoldersUnder(const Nation& nation, const Parcel& parcel, absl::string_view key,
                       RowConsumer consumer) {
  if (parcel.enterprise != kNobody) {
    Row row;
    row.Text(key);
    row.Integer(1);
    row.Null();
    row.Text(EnterpriseCodeOf(nation, parcel.enterprise));
    row.Text(FullEnterpriseName(nation.enterprises[parcel.enterprise].name));
    row.Text("chủ sử dụng");
    consumer(row);
    return;
  }
  WriteHolder(nation, key, 1, parcel.holder, "chủ sử dụng", consumer);
  if (parcel.co_holder != kNobody) {
    WriteHolder(nation, key, 2, parcel.co_holder, "vợ hoặc chồng", consumer);
  }
}

void WriteHolders(const Nation& nation, RowConsumer consumer) {
  for (uint32_t index = 0; index < nation.parcels.size(); ++index) {
    WriteHoldersUnder(nation, nation.parcels[index], ParcelIdOf(nation, index), consumer);
  }
}

// Whether another certificate of the same parcel follows.
bool IsReplaced(const Nation& nation, uint32_t index) {
  const Parcel& parcel = nation.parcels[nation.certificates[index].parcel];
  return index + 1 < parcel.first_certificate + parcel.certificates;
}

void WriteCertificates(const Nation& nation, RowConsumer consumer) {
  Row row;
  for (uint32_t index = 0; index < nation.certificates.size(); ++index) {
    const Certificate& certificate = nation.certificates[index];
    const Parcel& parcel = nation.parcels[certificate.parcel];
    row.Clear();
    row.Text(CertificateSerialOf(nation, index));
    row.Text(CertificateBookNumber(certificate.serial));
    row.Text(DateText(certificate.issued));
    row.Text(absl::StrCat("VPDK.", CodesOn(nation, parcel.commune, certificate.issued).province));
    row.Integer(IsReplaced(nation, index) ? kReplaced : kInForce);
    row.Text(ParcelIdOf(nation, certificate.parcel));
    IsReplaced(nation, index) ? row.Text(CertificateSerialOf(nation, index + 1)) : row.Null();
    consumer(row);
  }
}

void WriteCertificateHolders(const Nation& nation, RowConsumer consumer) {
  for (uint32_t index = 0; index < nation.certificates.size(); ++index) {
    const Certificate& certificate = nation.certificates[index];
    const std::string serial = CertificateSerialOf(nation, index);
    if (certificate.former_holder != kNobody) {
      WriteHolder(nation, serial, 1, certificate.former_holder, "chủ sử dụng", consumer);
    } else {
      WriteHoldersUnder(nation, nation.parcels[certificate.parcel], serial, consumer);
    }
  }
}

void WriteChanges(const Nation& nation, RowConsumer consumer) {
  std::vector<uint32_t> version(nation.parcels.size(), 1);
  Row row;
  for (uint32_t index = 0; index < nation.changes.size(); ++index) {
    const Change& change = nation.changes[index];
    const Parcel& parcel = nation.parcels[change.parcel];
    const std::string number = Digits(index + 1, 7);
    const absl::CivilDay date = DateOf(change.registered);
    row.Clear();
    row.Integer(index + 1);
    row.Text(absl::StrCat("before-ndx-", number));
    row.Text(ParcelIdOf(nation, change.parcel));
    row.Text(CodesOf(nation, parcel).commune);
    row.Integer(static_cast<int>(change.kind));
    row.Text(UtcTimeText(change.registered, change.minute));
    row.Integer(++version[change.parcel]);
    // H99 is no agency: provinces are H01 to H63.
    row.Text(absl::StrCat("H99-", Digits(static_cast<uint64_t>(date.year()), 4),
                          Digits(static_cast<uint64_t>(date.month()), 2),
                          Digits(static_cast<uint64_t>(date.day()), 2), "-", number));
    row.Text(kContents[static_cast<size_t>(change.kind)]);
    consumer(row);
  }
}

// The next change goes on from the last number.
std::string SetCounter(const Nation& nation) {
  return absl::StrCat("UPDATE counters SET value = ", nation.changes.size(),
                      " WHERE name = 'land_changes'");
}

}  // namespace

Database LandDatabase() {
  return {"land",
          kLandSchema,
          {{"parcels",
            {"parcel_id", "province_code", "commune_code", "map_sheet", "parcel_number",
             "certificate_map_sheet", "certificate_parcel_number", "address", "area_m2", "assets",
             "status", "certificate_serial", "version", "updated_at"},
            WriteParcels},
           {"parcel_uses",
            {"parcel_id", "position", "land_type_code", "area_m2", "origin", "form", "term"},
            WriteUses},
           {"parcel_holders",
            {"parcel_id", "position", "citizen_id", "enterprise_code", "name", "role"},
            WriteHolders},
           {"certificates",
            {"serial", "register_number", "issued_date", "issuer_code", "status", "parcel_id",
             "replaced_by_serial"},
            WriteCertificates},
           {"certificate_holders",
            {"serial", "position", "citizen_id", "enterprise_code", "name", "role"},
            WriteCertificateHolders},
           {"land_changes",
            {"change_number", "idempotency_key", "parcel_id", "commune_code", "kind",
             "registered_at", "parcel_version", "dossier_code", "content"},
            WriteChanges}},
          SetCounter};
}

}  // namespace ndx::tools::datagen

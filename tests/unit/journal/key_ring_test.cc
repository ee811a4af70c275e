// Keyed references, and keys over time.
#include <catch2/catch.hpp>
#include <string>

#include "journal_fixture.h"
#include "ndx/store/database.h"

namespace ndx::journal {
namespace {

std::string Hmac(Journal& journal, ReferenceKind kind, const std::string& value) {
  return journal.Reference(kind, value)->hmac();
}

TEST_CASE("a reference is the same for the same value, kind and year, and tells nothing else") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const std::string dossier = Hmac(*journal, ReferenceKind::kDossier, "H55.1-250616-0001");
  CHECK(dossier.size() == 16);
  CHECK(Hmac(*journal, ReferenceKind::kDossier, "H55.1-250616-0001") == dossier);
  CHECK(Hmac(*journal, ReferenceKind::kOfficer, "H55.1-250616-0001") != dossier);
  CHECK(Hmac(*journal, ReferenceKind::kDossier, "H55.1-250616-0002") != dossier);
  CHECK(Hmac(*journal, ReferenceKind::kDossier, "").empty());
  journal.reset();
  journal = fixture.Open();
  CHECK(Hmac(*journal, ReferenceKind::kDossier, "H55.1-250616-0001") == dossier);
}

TEST_CASE("a new year in Viet Nam brings a new reference key") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const absl::TimeZone viet_nam = absl::FixedTimeZone(7 * 3600);
  const absl::Time new_year = absl::FromCivil(absl::CivilYear(2026), viet_nam);
  fixture.clock.Jump(new_year - absl::Seconds(1) - fixture.clock.Now());
  const auto before = journal->Reference(ReferenceKind::kDossier, "d").value();
  CHECK(before.key_year() == 2025);
  fixture.clock.Jump(absl::Seconds(1));
  const auto after = journal->Reference(ReferenceKind::kDossier, "d").value();
  CHECK(after.key_year() == 2026);
  CHECK(after.hmac() != before.hmac());
}

TEST_CASE("payloads of different hours open, also after a restart") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  for (int hour = 0; hour < 60; ++hour) {
    REQUIRE(
        AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), std::to_string(hour), "a"))
            .ok());
    fixture.clock.Advance(absl::Hours(1));
  }
  journal.reset();
  journal = fixture.Open();
  for (uint64_t hour = 0; hour < 60; ++hour) {
    CHECK(journal->reader().OpenPayload(hour + 1)->request.front() == std::to_string(hour));
  }
}

}  // namespace
}  // namespace ndx::journal

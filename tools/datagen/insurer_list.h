// A list of insured people as an insurer might hold it, for reconciling with the population
// database: most lines agree with it, a known share differs, each for one known cause.
//
// Thread-safety: pure functions.
// Errors: kInvalidArgument where the nation has too few people for the list.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/tools/datagen/nation.h"

namespace ndx::tools::datagen {

// What the population database will say to a line, and why.
enum class ListedAs {
  kMatching,          // the same, though a third of the names are in capitals without tone marks
  kNameMisspelled,    // the name reads differently even without tone marks
  kBirthDateDiffers,  // day and month changed places, or a year off
  kNotFound,          // a personal identification number that nobody has
};

// Lines of each cause in 1000, rounded down; the rest match.
inline constexpr uint32_t kMisspelledPermille = 30;
inline constexpr uint32_t kBirthDatePermille = 20;
inline constexpr uint32_t kNotFoundPermille = 15;

struct ListedPerson {
  std::string citizen_id;
  std::string full_name;
  std::string birth_date;
  std::string social_insurance_number;
  ListedAs listed_as = ListedAs::kMatching;
};

// The words for a cause in the truth file: matching, name_misspelled, birth_date_differs,
// not_found.
absl::string_view NameOfCause(ListedAs cause);

// A list of that many different living people, in no order; the same for the same nation.
absl::StatusOr<std::vector<ListedPerson>> MakeInsurerList(const Nation& nation, uint32_t count);

// CSV (RFC 4180, UTF-8, header line): number, citizen_id, full_name, birth_date,
// social_insurance_number.
std::string InsurerListCsv(const std::vector<ListedPerson>& list);

// CSV with what a reconciliation must find: number, cause.
std::string InsurerListTruthCsv(const std::vector<ListedPerson>& list);

}  // namespace ndx::tools::datagen

#include "ndx/tools/datagen/nation.h"

#include "absl/strings/str_cat.h"
#include "generate.h"

namespace ndx::tools::datagen {

absl::StatusOr<std::unique_ptr<const Nation>> Nation::Generate(const NationOptions& options) {
  if (options.people < kPeopleLeast || options.people > kPeopleMost) {
    return absl::InvalidArgumentError(
        absl::StrCat("people must be ", kPeopleLeast, " to ", kPeopleMost));
  }
  std::unique_ptr<Nation> nation(new Nation(options.seed));
  GeneratePeople(options.people, *nation);
  GenerateEnterprises(*nation);
  GenerateInsurance(*nation);
  GenerateLand(*nation);
  return nation;
}

int AgeOf(const Person& person) {
  const absl::CivilDay born = DateOf(person.born);
  const absl::CivilDay now = DateOf(kAsOf);
  const bool had_birthday =
      now.month() > born.month() || (now.month() == born.month() && now.day() >= born.day());
  return static_cast<int>(now.year() - born.year()) - (had_birthday ? 0 : 1);
}

absl::CivilDay DateOf(Day day) { return absl::CivilDay(1970, 1, 1) + day; }

Day DayOf(absl::CivilDay date) { return static_cast<Day>(date - absl::CivilDay(1970, 1, 1)); }

}  // namespace ndx::tools::datagen

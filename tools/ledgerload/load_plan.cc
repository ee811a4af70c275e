#include "ndx/tools/ledgerload/load_plan.h"

#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/land/v1/land_service.pb.h"
#include "ndx/population/v1/population_service.pb.h"

namespace ndx::tools::ledgerload {
namespace {

constexpr char kContent[] = "Đính chính thông tin thửa đất";

// Rows of a CSV file without quoted fields, the header line left out, each with at least so many
// fields.
absl::StatusOr<std::vector<std::vector<std::string>>> ReadCsv(const std::string& path,
                                                              size_t fields) {
  std::ifstream file(path);
  if (!file) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    rows.push_back(absl::StrSplit(absl::StripSuffix(line, "\r"), ','));
    if (rows.back().size() < fields) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", rows.size() + 1, ": fewer than ", fields, " fields"));
    }
  }
  if (rows.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": no rows"));
  return rows;
}

}  // namespace

absl::StatusOr<LoadPlan> LoadPlan::Read(const PlanOptions& options) {
  LoadPlan plan(options);
  if (options.changes_permille > 1000) {
    return absl::InvalidArgumentError("changes are 0 to 1000 in 1000");
  }
  if (options.changes_permille < 1000) {
    NDX_ASSIGN_OR_RETURN(const auto rows, ReadCsv(options.people_file, 4));
    for (const auto& row : rows) plan.people_.push_back({row[1], row[2], row[3]});
  }
  if (options.changes_permille > 0) {
    NDX_ASSIGN_OR_RETURN(const auto rows, ReadCsv(options.parcels_file, 2));
    for (const auto& row : rows) {
      Parcel parcel{row[0]};
      if (!absl::SimpleAtoi(row[1], &parcel.version)) {
        return absl::InvalidArgumentError(
            absl::StrCat(options.parcels_file, ": version is no number"));
      }
      plan.parcels_.push_back(std::move(parcel));
    }
  }
  return plan;
}

PlannedExchange LoadPlan::Next() {
  // Changes as evenly among the reads as their share allows.
  const uint64_t before = made_ * options_.changes_permille / 1000;
  const uint64_t after = ++made_ * options_.changes_permille / 1000;
  PlannedExchange exchange;
  if (after > before && NextChange(exchange)) return exchange;
  if (people_.empty()) {
    // Changes only, and every parcel is taken: the same parcel once more, which the land database
    // sorts out by version.
    for (Parcel& parcel : parcels_) parcel.taken = false;
    NextChange(exchange);
    return exchange;
  }
  return NextRead();
}

PlannedExchange LoadPlan::NextRead() {
  const Citizen& citizen = people_[next_citizen_];
  next_citizen_ = (next_citizen_ + 1) % people_.size();
  population::v1::VerifyCitizenRequest request;
  request.set_citizen_id(citizen.id);
  request.set_full_name(citizen.name);
  request.set_birth_date(citizen.birth_date);
  return {ExchangeKind::kRead, kVerifyPath, request.SerializeAsString(), 0};
}

bool LoadPlan::NextChange(PlannedExchange& exchange) {
  for (size_t tried = 0; tried < parcels_.size(); ++tried) {
    const size_t at = next_parcel_;
    next_parcel_ = (next_parcel_ + 1) % parcels_.size();
    Parcel& parcel = parcels_[at];
    if (parcel.taken) continue;
    parcel.taken = true;
    land::v1::RegisterChangeRequest request;
    request.set_parcel_id(parcel.id);
    request.set_expected_version(parcel.version);
    request.set_kind(land::v1::CHANGE_KIND_CORRECTION);
    request.set_dossier_code(options_.dossier);
    request.set_content(kContent);
    exchange = {ExchangeKind::kChange, kRegisterPath, request.SerializeAsString(),
                static_cast<uint32_t>(at)};
    return true;
  }
  return false;
}

std::string LoadPlan::Learn(const PlannedExchange& exchange, const std::string& answer) {
  if (exchange.kind != ExchangeKind::kChange) return "";
  Parcel& parcel = parcels_[exchange.parcel];
  parcel.taken = false;
  land::v1::RegisterChangeResponse response;
  if (answer.empty() || !response.ParseFromString(answer)) return "";
  // Registered, or changed by somebody else meanwhile: either way this is the version to go on
  // from.
  if (response.parcel_version() != 0) parcel.version = response.parcel_version();
  if (response.outcome() == land::v1::REGISTER_CHANGE_OUTCOME_REGISTERED) {
    return absl::StrCat("registered=", response.change_number());
  }
  return absl::StrCat("outcome=", static_cast<int>(response.outcome()));
}

}  // namespace ndx::tools::ledgerload

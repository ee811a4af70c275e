#include "catalogue_filler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalogue_rules.h"
#include "csv_table.h"
#include "ndx/adapters/connectors/adapter_files.h"
#include "ndx/core/status_macros.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::shared_catalogues {
namespace {

using connectors::SqlSession;

// Place of a column in the file; kNone for no name.
constexpr size_t kNone = static_cast<size_t>(-1);

absl::StatusOr<size_t> PlaceOf(const CsvTable& table, const std::string& column) {
  if (column.empty()) return kNone;
  const auto found = std::find(table.columns.begin(), table.columns.end(), column);
  if (found == table.columns.end()) {
    return absl::InvalidArgumentError(absl::StrCat("has no column ", column));
  }
  return static_cast<size_t>(found - table.columns.begin());
}

}  // namespace

absl::StatusOr<CatalogueFiller> CatalogueFiller::Read(const std::string& seed_file) {
  CatalogueFiller filler;
  if (seed_file.empty()) return filler;
  connector::v1::CatalogueSeeds seeds;
  NDX_RETURN_IF_ERROR(settings::LoadSettings({seed_file}, seeds, nullptr));
  for (const auto& seed : seeds.catalogues()) {
    const std::string path = settings::ResolvePath(seed_file, seed.file());
    NDX_ASSIGN_OR_RETURN(const std::string csv, connectors::ReadTextFile(path));
    absl::StatusOr<Catalogue> catalogue = ReadOne(seed, csv);
    if (!catalogue.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", catalogue.status().message()));
    }
    filler.catalogues_.push_back(*std::move(catalogue));
  }
  return filler;
}

absl::StatusOr<CatalogueFiller::Catalogue> CatalogueFiller::ReadOne(
    const connector::v1::CatalogueSeed& seed, const std::string& csv) {
  NDX_ASSIGN_OR_RETURN(const CsvTable table, ParseCsv(csv));
  NDX_ASSIGN_OR_RETURN(const size_t from, PlaceOf(table, seed.valid_from_column()));
  NDX_ASSIGN_OR_RETURN(const size_t to, PlaceOf(table, seed.valid_to_column()));
  Catalogue catalogue;
  catalogue.seed = seed;
  std::vector<size_t> places;
  for (const auto& column : seed.columns()) {
    NDX_ASSIGN_OR_RETURN(const size_t place, PlaceOf(table, column.column()));
    places.push_back(place);
    auto* made = catalogue.columns.Add();
    made->set_code(column.code());
    made->set_name_vi(column.name_vi());
    made->set_type(column.type());
    made->set_is_key(column.is_key());
  }
  for (const auto& fields : table.rows) {
    auto* row = catalogue.rows.Add();
    if (from != kNone) row->set_valid_from(fields[from]);
    if (to != kNone) row->set_valid_to(fields[to]);
    for (size_t i = 0; i < places.size(); ++i) {
      (*row->mutable_values())[seed.columns(static_cast<int>(i)).code()] = fields[places[i]];
    }
  }
  v1::UpsertRowsResponse found;
  FindProblems(catalogue.columns, catalogue.rows, found);
  if (found.problems_size() > 0) {
    const auto& problem = found.problems(0);
    return absl::InvalidArgumentError(absl::StrCat("row ", problem.row_index() + 1, " ",
                                                   problem.column_code(), ": ",
                                                   v1::RowProblemKind_Name(problem.kind())));
  }
  return catalogue;
}

absl::Status CatalogueFiller::Fill(SqlSession& session) const {
  for (const Catalogue& catalogue : catalogues_) {
    v1::GetColumnsRequest which;
    which.set_catalogue_code(catalogue.seed.code());
    NDX_ASSIGN_OR_RETURN(const uint64_t there,
                         session.Run("catalogue_exists", {.request = &which}));
    if (there == 0) NDX_RETURN_IF_ERROR(FillOne(catalogue, session));
  }
  return absl::OkStatus();
}

absl::Status CatalogueFiller::FillOne(const Catalogue& catalogue, SqlSession& session) {
  const std::string& code = catalogue.seed.code();
  NDX_RETURN_IF_ERROR(session.Run("insert_catalogue", {.request = &catalogue.seed}).status());
  for (int i = 0; i < catalogue.columns.size(); ++i) {
    const SqlSession::Input column{
        .request = &catalogue.columns[i],
        .values = {{"catalogue_code", code}, {"position", int64_t{i + 1}}}};
    NDX_RETURN_IF_ERROR(session.Run("insert_column", column).status());
  }
  for (const auto& row : catalogue.rows) {
    const SqlSession::Input stored{.values = StoredRow(code, catalogue.columns, row)};
    NDX_RETURN_IF_ERROR(session.Run("insert_row", stored).status());
  }
  return absl::OkStatus();
}

}  // namespace ndx::shared_catalogues

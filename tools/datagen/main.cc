// ndx-datagen: writes a synthetic nation into the four national databases, each SQLite file by a
// thread of its own. README.md says what it makes.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "load_report.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/datagen/insurer_list.h"
#include "ndx/tools/datagen/nation.h"
#include "ndx/tools/datagen/postgresql_loader.h"
#include "ndx/tools/datagen/row.h"
#include "ndx/tools/datagen/scene.h"
#include "ndx/tools/datagen/sqlite_loader.h"

namespace ndx::tools::datagen {
namespace {

constexpr uint32_t kParcelsListed = 10'000;

struct Options {
  std::string out;
  NationOptions nation;
  bool force = false;
  std::vector<std::string> postgresql;  // database=connection string
  std::string insurer_list;
  uint32_t count = 1000;
};

absl::Status WriteFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
}

std::string FileOf(const Options& options, const Database& database) {
  return absl::StrCat(options.out, "/", database.name, ".sqlite");
}

absl::Status RefuseToReplace(const Options& options) {
  if (options.force) return absl::OkStatus();
  for (const Database& database : Databases()) {
    const std::string path = FileOf(options, database);
    if (::access(path.c_str(), F_OK) == 0) {
      return absl::AlreadyExistsError(absl::StrCat(path, " exists; --force replaces it"));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteSqlite(const Options& options, const Nation& nation, LoadReport& report,
                         uint64_t& rows) {
  NDX_RETURN_IF_ERROR(MakeDirectory(options.out));
  NDX_RETURN_IF_ERROR(RefuseToReplace(options));
  const std::vector<Database> databases = Databases();
  std::vector<absl::StatusOr<uint64_t>> written(databases.size(), 0);
  std::vector<std::thread> writers;
  for (size_t i = 0; i < databases.size(); ++i) {
    writers.emplace_back([&, i] {
      const Database& database = databases[i];
      written[i] = LoadIntoSqlite(nation, database, FileOf(options, database),
                                  [&](absl::string_view table, uint64_t so_far) {
                                    report.Step(database.name, table, so_far);
                                  });
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const absl::StatusOr<uint64_t>& of_one : written) {
    NDX_RETURN_IF_ERROR(of_one.status());
    rows += *of_one;
  }
  NDX_RETURN_IF_ERROR(WriteFile(options.out + "/scene.json", SceneJson(nation)));
  return WriteFile(options.out + "/parcels.csv", ParcelListCsv(nation, kParcelsListed));
}

absl::Status WritePostgresql(const Options& options, const Nation& nation, LoadReport& report,
                             uint64_t& rows) {
  for (const std::string& entry : options.postgresql) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    bool known = false;
    for (const Database& database : Databases()) {
      if (database.name != parts.first) continue;
      known = true;
      NDX_ASSIGN_OR_RETURN(const uint64_t written,
                           LoadIntoPostgresql(nation, database, parts.second,
                                              [&](absl::string_view table, uint64_t so_far) {
                                                report.Step(database.name, table, so_far);
                                              }));
      rows += written;
    }
    if (!known) {
      return absl::InvalidArgumentError(
          "--postgresql begins with population=, business_registry=, social_insurance= or land=");
    }
  }
  return absl::OkStatus();
}

absl::Status WriteInsurerList(const Options& options, const Nation& nation) {
  NDX_ASSIGN_OR_RETURN(const std::vector<ListedPerson> list,
                       MakeInsurerList(nation, options.count));
  NDX_RETURN_IF_ERROR(WriteFile(options.insurer_list, InsurerListCsv(list)));
  return WriteFile(options.insurer_list + ".truth", InsurerListTruthCsv(list));
}

absl::Status Run(const Options& options) {
  const core::SystemClock clock;
  LoadReport report(clock, ::isatty(STDERR_FILENO) == 1);
  if (!options.out.empty()) NDX_RETURN_IF_ERROR(RefuseToReplace(options));
  NDX_ASSIGN_OR_RETURN(const std::unique_ptr<const Nation> nation,
                       Nation::Generate(options.nation));
  const double generated = report.Seconds();
  uint64_t rows = 0;
  absl::Status status;
  if (!options.out.empty()) status = WriteSqlite(options, *nation, report, rows);
  if (status.ok()) status = WritePostgresql(options, *nation, report, rows);
  report.Clear();
  NDX_RETURN_IF_ERROR(status);
  const double loading = report.Seconds() - generated;
  if (!options.insurer_list.empty()) NDX_RETURN_IF_ERROR(WriteInsurerList(options, *nation));
  std::printf(
      "%zu people in %zu households, %zu enterprises, %zu insured, %zu parcels: %llu rows in %.2f "
      "s, "
      "%.0f rows/s (made in %.2f s)\n",
      nation->people.size(), nation->households.size(), nation->enterprises.size(),
      nation->insured.size(), nation->parcels.size(), static_cast<unsigned long long>(rows),
      loading, loading > 0 ? static_cast<double>(rows) / loading : 0.0, generated);
  return absl::OkStatus();
}

}  // namespace
}  // namespace ndx::tools::datagen

int main(int argc, char** argv) {
  ndx::tools::datagen::Options options;
  ndx::tools::command_options::Program program{
      "Makes a synthetic nation: people, households, enterprises, insurance and land that agree "
      "with each other, in number "
      "ranges that nobody has been allocated. The same seed and size give the same nation.\n"
      "Writes DIR/population.sqlite, business_registry.sqlite, social_insurance.sqlite, "
      "land.sqlite, scene.json (who the "
      "demo asks for) and parcels.csv."};
  program.SetFooter(
      "Example: ndx-datagen --out /tmp/nation --people 100000 --seed 1 --insurer-list "
      "/tmp/list.csv --count 1000\n"
      "Exit status: 0 done, 1 could not be done, 2 and more wrong arguments.");
  program.AddOption("--out", options.out, "Directory for the SQLite files; made where absent");
  program.AddOption("--people", options.nation.people, "How many people")
      .Range(ndx::tools::datagen::kPeopleLeast, ndx::tools::datagen::kPeopleMost)
      .ShowDefault();
  program.AddOption("--seed", options.nation.seed, "Which nation").ShowDefault();
  program.AddFlag("--force", options.force, "Replace databases that exist");
  program.AddOption(
      "--postgresql", options.postgresql,
      "DATABASE=CONNINFO: load this one of the four into PostgreSQL too (may be repeated)");
  auto list = program.AddOption(
      "--insurer-list", options.insurer_list,
      "CSV list as an insurer holds it, with known mistakes; what they are goes to FILE.truth");
  program.AddOption("--count", options.count, "People in the insurer's list")
      .Needs(list)
      .Positive()
      .ShowDefault();
  if (const auto ended = program.Read(argc, argv)) return *ended;
  if (options.out.empty() && options.postgresql.empty() && options.insurer_list.empty()) {
    std::fputs("ndx-datagen: nothing to do; see --help\n", stderr);
    return 2;
  }
  const absl::Status status = ndx::tools::datagen::Run(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "ndx-datagen: %s\n", std::string(status.message()).c_str());
  return 1;
}

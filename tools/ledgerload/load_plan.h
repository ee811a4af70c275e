// What is asked: people of a list in turn, and now and then a change of a parcel. Nothing random,
// so that two runs with the same files ask the same.
//
// Thread-safety: thread-compatible.
// Errors: kInvalidArgument (a file that is not such a list), kUnavailable (cannot be read).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/tools/ledgerload/load_ledger.h"

namespace ndx::tools::ledgerload {

inline constexpr char kVerifyPath[] = "/ndx.population.v1.PopulationService/VerifyCitizen";
inline constexpr char kRegisterPath[] = "/ndx.land.v1.LandService/RegisterChange";

struct PlanOptions {
  // CSV with citizen_id, full_name and birth_date in columns 2 to 4 (ndx-datagen --insurer-list).
  std::string people_file;
  // CSV with parcel_id and version in columns 1 and 2 (parcels.csv of ndx-datagen). Needed for
  // changes.
  std::string parcels_file;
  // Changes in 1000 exchanges, 0 to 1000.
  uint32_t changes_permille = 0;
  // Stands in the body of a change; the metadata has it too.
  std::string dossier;
};

struct PlannedExchange {
  ExchangeKind kind = ExchangeKind::kRead;
  std::string path;
  std::string body;
  uint32_t parcel = 0;  // for a change: whose outcome Learn() is told
};

class LoadPlan {
 public:
  static absl::StatusOr<LoadPlan> Read(const PlanOptions& options);

  // The next exchange. A change takes the next parcel that no other change under way is about;
  // while all parcels are taken a read is made instead.
  PlannedExchange Next();

  // Frees the parcel of a change. answer is the message received, empty where there was none.
  // Returns one word about it for the ledger: registered=17, outcome=3, or nothing.
  std::string Learn(const PlannedExchange& exchange, const std::string& answer);

 private:
  struct Citizen {
    std::string id;
    std::string name;
    std::string birth_date;
  };
  struct Parcel {
    std::string id;
    uint64_t version = 1;
    bool taken = false;
  };

  explicit LoadPlan(PlanOptions options) : options_(std::move(options)) {}
  PlannedExchange NextRead();
  // False while all parcels are taken.
  bool NextChange(PlannedExchange& exchange);

  PlanOptions options_;
  std::vector<Citizen> people_;
  std::vector<Parcel> parcels_;
  uint64_t made_ = 0;
  size_t next_citizen_ = 0;
  size_t next_parcel_ = 0;
};

}  // namespace ndx::tools::ledgerload

// Fills a database of shared catalogues from files: each catalogue that is not there yet.
//
// Thread-safety: thread-compatible; Fill may be called again after a failure.
// Errors: kInvalidArgument with file and place when a file does not fit its columns.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/sql_session.h"
#include "ndx/connector/v1/catalogue_seeds.pb.h"
#include "ndx/shared_catalogues/v1/shared_catalogues_service.pb.h"

namespace ndx::shared_catalogues {

class CatalogueFiller {
 public:
  // Reads the seed file and all that it names. An empty path fills nothing.
  static absl::StatusOr<CatalogueFiller> Read(const std::string& seed_file);

  // Inside a transaction.
  absl::Status Fill(connectors::SqlSession& session) const;

 private:
  struct Catalogue {
    connector::v1::CatalogueSeed seed;
    google::protobuf::RepeatedPtrField<v1::CatalogueColumn> columns;
    google::protobuf::RepeatedPtrField<v1::CatalogueRow> rows;
  };
  static absl::StatusOr<Catalogue> ReadOne(const connector::v1::CatalogueSeed& seed,
                                           const std::string& csv);
  static absl::Status FillOne(const Catalogue& catalogue, connectors::SqlSession& session);

  std::vector<Catalogue> catalogues_;
};

}  // namespace ndx::shared_catalogues

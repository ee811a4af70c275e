// What makes a row fit its catalogue, and how a row is stored.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/sql_value.h"
#include "ndx/shared_catalogues/v1/shared_catalogues_service.pb.h"

namespace ndx::shared_catalogues {

// Problems that one answer lists.
inline constexpr int kRowProblemsMax = 100;

// Adds a problem for everything that is wrong with the rows, kRowProblemsMax at most.
void FindProblems(const google::protobuf::RepeatedPtrField<v1::CatalogueColumn>& columns,
                  const google::protobuf::RepeatedPtrField<v1::CatalogueRow>& rows,
                  v1::UpsertRowsResponse& answer);

// The key columns' values joined by "|".
std::string RowKey(const google::protobuf::RepeatedPtrField<v1::CatalogueColumn>& columns,
                   const v1::CatalogueRow& row);

// The values that update_row and insert_row take.
connectors::SqlValues StoredRow(
    const std::string& catalogue_code,
    const google::protobuf::RepeatedPtrField<v1::CatalogueColumn>& columns,
    const v1::CatalogueRow& row);

// yyyy-MM-dd of a day that exists.
bool IsDay(const std::string& text);

}  // namespace ndx::shared_catalogues

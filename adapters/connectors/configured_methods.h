// Methods that stand in the mapping file alone: request in, statements, rows into the answer, with
// no code of their own.
//
// Thread-safety: thread-safe function; what it adds to the table is thread-safe.
// Ownership: the database must outlive the table.
// Errors: kInvalidArgument when the mapping does not fit the service; the text names method and
// place.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "ndx/adapters/connectors/sql_database.h"
#include "ndx/adapters/sdk/method_table.h"
#include "ndx/connector/v1/sql_mapping.pb.h"

namespace ndx::connectors {

// Rows that a caller may skip; deeper pages cost the database too much.
inline constexpr uint64_t kPageOffsetMax = 1'000'000;

// What an adapter asks of requests beyond their options; runs before the first statement.
using RequestCheck = std::function<absl::Status(const google::protobuf::Message& request)>;

absl::Status AddConfiguredMethods(const connector::v1::SqlMapping& mapping, SqlDatabase& database,
                                  const RequestCheck& check, sdk::MethodTable& methods);

// Offset and limit of a request with pages, as statements take them ($offset, $limit).
// INVALID_ARGUMENT when one is over its limit.
absl::StatusOr<SqlValues> PageValues(const google::protobuf::Message& request,
                                     const connector::v1::SqlPage& page);

}  // namespace ndx::connectors

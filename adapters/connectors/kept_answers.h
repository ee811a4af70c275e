// Changes that take effect at most once: the answer to each is kept under its idempotency key, in
// the transaction of the change itself.
//
//   first time:  lock the key · change · keep (key, method, digest of the request, answer) · commit
//   again:       the kept answer, nothing else
//
// Thread-safety: thread-safe.
// Ownership: the database must outlive it. Its mapping has the statements lock_exchange (a lock
// that ends with the transaction), find_kept_answer and keep_answer. Errors: kInvalidArgument
// without a key, kAborted when the key was used for another request, kUnknown when the end of the
// transaction is not known; otherwise those of the change.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/connectors/sql_database.h"
#include "ndx/adapters/sdk/call_context.h"

namespace ndx::connectors {

class KeptAnswers {
 public:
  explicit KeptAnswers(SqlDatabase& database) : database_(database) {}

  // Carries out the change of this call, or gives its kept answer. Business refusals ("the parcel
  // has changed") are answers and are kept like any other.
  absl::Status Once(sdk::CallContext& context, google::protobuf::Message& answer,
                    SqlDatabase::Work change);

  // DONE with the answer, or NOT_DONE: then no transaction of this key is running either, as far as
  // the database can know.
  absl::StatusOr<adapter::v1::GetExchangeStatusResponse> Find(absl::string_view idempotency_key,
                                                              sdk::CallContext& context);

 private:
  struct Kept;
  absl::StatusOr<Kept> Look(absl::string_view idempotency_key, SqlSession& session);
  absl::Status OnceInside(SqlSession& session, google::protobuf::Message& answer,
                          SqlDatabase::Work change);

  SqlDatabase& database_;
};

}  // namespace ndx::connectors

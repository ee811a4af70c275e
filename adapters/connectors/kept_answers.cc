#include "ndx/adapters/connectors/kept_answers.h"

#include <string>

#include "absl/strings/escaping.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/strings.h"
#include "ndx/crypto/digest.h"

namespace ndx::connectors {
namespace {

std::string DigestOf(const sdk::AdapterCall& call) {
  const crypto::Digest digest = crypto::Sha256Of({*call.request});
  return absl::BytesToHexString(crypto::AsBytes(digest));
}

}  // namespace

struct KeptAnswers::Kept {
  bool found = false;
  std::string method;
  std::string request_digest;
  std::string answer;
};

absl::Status KeptAnswers::Once(sdk::CallContext& context, google::protobuf::Message& answer,
                               SqlDatabase::Work change) {
  if (context.call().idempotency_key.empty()) {
    return sdk::FieldError(sdk::kExchangeIdKey, "is required for a change");
  }
  const auto attempt = [&] {
    answer.Clear();
    return database_.Change(
        context, [&](SqlSession& session) { return OnceInside(session, answer, change); });
  };
  absl::Status done = attempt();
  // Another call with this key was quicker, past a lock that the database does not have: its answer
  // is there now.
  if (done.code() == absl::StatusCode::kAlreadyExists) done = attempt();
  return done;
}

absl::Status KeptAnswers::OnceInside(SqlSession& session, google::protobuf::Message& answer,
                                     SqlDatabase::Work change) {
  const sdk::AdapterCall& call = session.context().call();
  NDX_ASSIGN_OR_RETURN(const Kept kept, Look(call.idempotency_key, session));
  if (kept.found) {
    if (kept.method != call.method || kept.request_digest != DigestOf(call)) {
      return absl::AbortedError("this exchange id was used for another request; make a new one");
    }
    if (!answer.ParseFromString(kept.answer))
      return absl::DataLossError("a kept answer is damaged");
    return absl::OkStatus();
  }
  NDX_RETURN_IF_ERROR(change(session));
  const SqlSession::Input input{
      .values = {{"key", call.idempotency_key},
                 {"method", call.method},
                 {"request_digest", DigestOf(call)},
                 {"answer_base64", absl::Base64Escape(answer.SerializeAsString())}}};
  return session.Run("keep_answer", input).status();
}

absl::StatusOr<KeptAnswers::Kept> KeptAnswers::Look(absl::string_view idempotency_key,
                                                    SqlSession& session) {
  const SqlSession::Input input{.values = {{"key", std::string(idempotency_key)}}};
  NDX_RETURN_IF_ERROR(session.Run("lock_exchange", input).status());
  Kept kept;
  NDX_RETURN_IF_ERROR(session
                          .Run("find_kept_answer", input,
                               [&](const SqlRow& row) {
                                 kept.found = true;
                                 for (size_t i = 0; i < row.columns.size(); ++i) {
                                   const auto* text = std::get_if<std::string>(&row.values[i]);
                                   if (text == nullptr) continue;
                                   if (row.columns[i] == "method") kept.method = *text;
                                   if (row.columns[i] == "request_digest") {
                                     kept.request_digest = *text;
                                   }
                                   if (row.columns[i] == "answer_base64" &&
                                       !absl::Base64Unescape(*text, &kept.answer)) {
                                     return absl::DataLossError("a kept answer is damaged");
                                   }
                                 }
                                 return absl::OkStatus();
                               })
                          .status());
  return kept;
}

absl::StatusOr<adapter::v1::GetExchangeStatusResponse> KeptAnswers::Find(
    absl::string_view idempotency_key, sdk::CallContext& context) {
  adapter::v1::GetExchangeStatusResponse answer;
  // In a transaction that could write, so that one which does and began before has ended.
  NDX_RETURN_IF_ERROR(database_.Change(context, [&](SqlSession& session) {
    auto kept = Look(idempotency_key, session);
    if (!kept.ok()) return kept.status();
    answer.set_outcome(kept->found ? adapter::v1::EXCHANGE_OUTCOME_DONE
                                   : adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    answer.set_answer(kept->answer);
    return absl::OkStatus();
  }));
  return answer;
}

}  // namespace ndx::connectors

// Operator methods that read the journal.
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/console/journal_pages.h"
#include "ndx/console/journal_search.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/operator_rights.h"
#include "ndx/console/verification_view.h"

namespace ndx::console {
namespace {

constexpr size_t kFindingsMax = 100;
// How long a search for a person waits for the follower, so that it finds what has just been
// recorded; what is missing then stands in the answer (subjects_to).
constexpr absl::Duration kFollowerAwaited = absl::Milliseconds(50);

// Types of request and answer, so that the reader can show them; empty when the method is not
// registered any more.
void NameTypes(const registry::RegistrySnapshot& registry, v1::GetExchangeResponse& response) {
  const registry::MethodEntry* const method = registry.FindMethod(response.summary().method());
  if (method == nullptr) return;
  response.mutable_request()->set_type(method->input->full_name());
  response.mutable_response()->set_type(method->output->full_name());
}

// Records the reading, then reads.
absl::Status AddPayload(const OperatorNode& node, const OperatorIdentity& who,
                        const v1::GetExchangeRequest& request, const ExchangeHistory& history,
                        v1::GetExchangeResponse& response) {
  NDX_RETURN_IF_ERROR(
      RequireRole(who, settings::v1::OPERATOR_ROLE_INVESTIGATOR, "GetExchange with the payload"));
  NDX_ASSIGN_OR_RETURN(const std::string why,
                       OperatorLedger::CaseReason(request.case_number(), request.reason()));
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(node.journal)
                           .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_READ,
                                    .operator_name = who.name,
                                    .action = "GetExchange",
                                    .reason = why,
                                    .exchange = history.summary}));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "GetExchange"}, {"leaf", leaf}});
  response.set_read_leaf_index_plus_one(leaf + 1);
  auto opened = JournalPages(node.reader).OpenPayload(history);
  *response.mutable_request() = std::move(opened.request);
  *response.mutable_response() = std::move(opened.response);
  NameTypes(*node.registry.Current(), response);
  return absl::OkStatus();
}

// By which exchanges it was executed again; they come after it.
absl::Status AddReplays(const OperatorNode& node, const ExchangeHistory& history,
                        v1::GetExchangeResponse& response) {
  const JournalSearch journal_search(node);
  NDX_ASSIGN_OR_RETURN(auto filter, journal_search.Read(absl::StrCat(
                                        "replay_of = ", history.summary.exchange_id())));
  filter.SetTime({.from = absl::FromUnixNanos(history.leaves.front().leaf.time_unix_ns())});
  NDX_RETURN_IF_ERROR(journal_search.Resolve(&filter));
  NDX_ASSIGN_OR_RETURN(auto found, journal_search.ListExchanges({}, std::move(filter)));
  *response.mutable_replays() = std::move(*found.mutable_exchanges());
  return absl::OkStatus();
}

absl::StatusOr<v1::GetExchangeResponse> GetExchange(const OperatorNode& node,
                                                    const OperatorIdentity& who,
                                                    const v1::GetExchangeRequest& request) {
  NDX_ASSIGN_OR_RETURN(const auto history,
                       JournalPages(node.reader).Find(request.exchange_id(), request.consumer()));
  v1::GetExchangeResponse response = ToResponse(history);
  NDX_RETURN_IF_ERROR(AddReplays(node, history, response));
  if (request.include_payload()) {
    NDX_RETURN_IF_ERROR(AddPayload(node, who, request, history, response));
  }
  return response;
}

absl::StatusOr<v1::GetReceiptResponse> GetReceipt(const OperatorNode& node,
                                                  const v1::GetReceiptRequest& request) {
  NDX_ASSIGN_OR_RETURN(const auto history,
                       JournalPages(node.reader).Find(request.exchange_id(), request.consumer()));
  NDX_ASSIGN_OR_RETURN(std::string proof, node.reader.Receipt(history.summary.leaf_index()));
  v1::GetReceiptResponse response;
  response.mutable_receipt()->set_exchange_id(history.summary.exchange_id());
  response.mutable_receipt()->set_tlog_proof(std::move(proof));
  return response;
}

// Reads the filter, asks whether it may be searched for, and searches.
template <typename Response, typename Request, typename List>
absl::StatusOr<Response> SearchFor(const OperatorNode& node, const OperatorIdentity& who,
                                   const std::string& action, const std::string& expression,
                                   const Request& request, List list) {
  const JournalSearch journal_search(node);
  NDX_ASSIGN_OR_RETURN(search::Filter filter, journal_search.Read(expression));
  uint64_t read_leaf_plus_one = 0;
  if (filter.Mentions(search::FieldName::kSubject)) {
    NDX_ASSIGN_OR_RETURN(
        const uint64_t leaf,
        RecordPersonSearch(node, who, action, request.case_number(), request.reason()));
    read_leaf_plus_one = leaf + 1;
    if (node.keeper != nullptr) (void)node.keeper->AwaitFollowed(kFollowerAwaited);
  }
  NDX_RETURN_IF_ERROR(journal_search.Resolve(&filter));
  NDX_ASSIGN_OR_RETURN(Response response, (journal_search.*list)(request, std::move(filter)));
  response.set_read_leaf_index_plus_one(read_leaf_plus_one);
  return response;
}

absl::StatusOr<v1::ListExchangesResponse> ListExchanges(const OperatorNode& node,
                                                        const OperatorIdentity& who,
                                                        const v1::ListExchangesRequest& request) {
  return SearchFor<v1::ListExchangesResponse>(node, who, "ListExchanges",
                                              ExpressionOf(request.filter()), request,
                                              &JournalSearch::ListExchanges);
}

absl::StatusOr<v1::ListRecordsResponse> ListRecords(const OperatorNode& node,
                                                    const OperatorIdentity& who,
                                                    const v1::ListRecordsRequest& request) {
  return SearchFor<v1::ListRecordsResponse>(node, who, "ListRecords", ExpressionOf(request),
                                            request, &JournalSearch::ListRecords);
}

absl::StatusOr<v1::RebuildSearchIndexResponse> RebuildSearchIndex(const OperatorNode& node,
                                                                  const OperatorIdentity& who) {
  if (node.search_index == nullptr) {
    return absl::FailedPreconditionError("this node keeps no search index");
  }
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "RebuildSearchIndex"}});
  NDX_RETURN_IF_ERROR(node.search_index->Rebuild());
  v1::RebuildSearchIndexResponse response;
  response.set_leaves(node.reader.size());
  return response;
}

void Verify(const OperatorNode& node, VerificationRecord& verification,
            TypedReply<v1::VerifyJournalResponse> reply) {
  if (!verification.TryBegin()) {
    reply.Finish(absl::AbortedError("another verification is under way; wait for it to end"));
    return;
  }
  const std::string checkpoint = node.reader.Checkpoint();
  const auto report = node.verify_journal([&reply](uint64_t done, uint64_t all) {
    v1::VerifyJournalResponse progress;
    progress.set_leaves_verified(done);
    progress.set_leaves_total(all);
    if (!reply.congested()) reply.Send(progress);
    // Nobody waits for the result: the caller hung up, or the node is stopping.
    return !reply.cancelled();
  });
  std::optional<VerificationRecord::Entry> intact;
  if (report.ok() && report->ok()) {
    intact = {.leaves = report->leaves, .time = node.clock.Now()};
  }
  verification.End(intact);
  if (report.ok()) {
    auto result = VerificationView(*report, kFindingsMax);
    result.set_checkpoint(checkpoint);
    reply.Send(result);
  }
  reply.Finish(report.status());
}

}  // namespace

void AddJournalMethods(const OperatorNode& node, VerificationRecord& verification,
                       OperatorMethods& methods) {
  using settings::v1::OPERATOR_ROLE_VIEWER;
  methods.AddUnary<v1::ListExchangesRequest, v1::ListExchangesResponse>(
      "ListExchanges", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ListExchanges(node, who, request);
      });
  methods.AddUnary<v1::ListRecordsRequest, v1::ListRecordsResponse>(
      "ListRecords", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ListRecords(node, who, request);
      });
  methods.AddUnary<v1::RebuildSearchIndexRequest, v1::RebuildSearchIndexResponse>(
      "RebuildSearchIndex", settings::v1::OPERATOR_ROLE_ADMINISTRATOR,
      [&node](const OperatorIdentity& who, const auto&) { return RebuildSearchIndex(node, who); });
  methods.AddUnary<v1::GetExchangeRequest, v1::GetExchangeResponse>(
      "GetExchange", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return GetExchange(node, who, request);
      });
  methods.AddUnary<v1::GetReceiptRequest, v1::GetReceiptResponse>(
      "GetReceipt", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) { return GetReceipt(node, request); });
  methods.Add<v1::VerifyJournalRequest, v1::VerifyJournalResponse>(
      "VerifyJournal", settings::v1::OPERATOR_ROLE_AUDITOR,
      [&node, &verification](const auto&, const auto&, auto reply) {
        Verify(node, verification, std::move(reply));
      });
}

}  // namespace ndx::console

#include "ndx/tools/ndxctl/journal_queries.h"

#include <utility>
#include <vector>

#include "ndx/console/journal_pages.h"
#include "ndx/console/journal_search.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/journal_import.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

using Stub = OperatorClient::Stub;

class NodeQueries final : public JournalQueries {
 public:
  explicit NodeQueries(OperatorClient& client) : client_(client) {}

  grpc::Status ListExchanges(const api::ListExchangesRequest& request,
                             api::ListExchangesResponse& response) override {
    return client_.Call(&Stub::ListExchanges, request, response);
  }
  grpc::Status ListRecords(const api::ListRecordsRequest& request,
                           api::ListRecordsResponse& response) override {
    return client_.Call(&Stub::ListRecords, request, response);
  }
  grpc::Status GetExchange(const api::GetExchangeRequest& request,
                           api::GetExchangeResponse& response) override {
    return client_.Call(&Stub::GetExchange, request, response);
  }

 private:
  OperatorClient& client_;
};

// Keyed references need the node's keys.
absl::StatusOr<std::vector<std::string>> NoReferences(journal::ReferenceKind, absl::string_view,
                                                      const search::TimeBound&) {
  return absl::InvalidArgumentError("dossier, officer and subject need the running node");
}

template <typename Response>
grpc::Status Answer(absl::StatusOr<Response> answer, Response& response) {
  if (!answer.ok()) {
    return {static_cast<grpc::StatusCode>(answer.status().code()),
            std::string(answer.status().message())};
  }
  response = *std::move(answer);
  return grpc::Status::OK;
}

class CopyQueries final : public JournalQueries {
 public:
  CopyQueries(std::unique_ptr<journal::ImportedJournal> copy, const core::Clock& clock)
      : copy_(std::move(copy)),
        search_({.reader = *copy_, .index = nullptr, .clock = clock, .references = NoReferences}) {}

  grpc::Status ListExchanges(const api::ListExchangesRequest& request,
                             api::ListExchangesResponse& response) override {
    return Answer(Exchanges(request), response);
  }
  grpc::Status ListRecords(const api::ListRecordsRequest& request,
                           api::ListRecordsResponse& response) override {
    return Answer(Records(request), response);
  }
  grpc::Status GetExchange(const api::GetExchangeRequest& request,
                           api::GetExchangeResponse& response) override {
    return Answer(Exchange(request), response);
  }

 private:
  absl::StatusOr<search::Filter> FilterOf(const std::string& expression) const {
    NDX_ASSIGN_OR_RETURN(search::Filter filter, search_.Read(expression));
    NDX_RETURN_IF_ERROR(search_.Resolve(&filter));
    return filter;
  }
  absl::StatusOr<api::ListExchangesResponse> Exchanges(const api::ListExchangesRequest& request) {
    NDX_ASSIGN_OR_RETURN(auto filter, FilterOf(console::ExpressionOf(request.filter())));
    return search_.ListExchanges(request, std::move(filter));
  }
  absl::StatusOr<api::ListRecordsResponse> Records(const api::ListRecordsRequest& request) {
    NDX_ASSIGN_OR_RETURN(auto filter, FilterOf(console::ExpressionOf(request)));
    return search_.ListRecords(request, std::move(filter));
  }
  absl::StatusOr<api::GetExchangeResponse> Exchange(const api::GetExchangeRequest& request) {
    if (request.include_payload()) {
      return absl::InvalidArgumentError(
          "payloads need the running node, or an evidence bundle: ndx-verify bundle");
    }
    NDX_ASSIGN_OR_RETURN(const auto history, console::JournalPages(*copy_).Find(
                                                 request.exchange_id(), request.consumer()));
    return console::ToResponse(history);
  }

  const std::unique_ptr<journal::ImportedJournal> copy_;
  const console::JournalSearch search_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<JournalQueries>> JournalQueries::Open(CommandLine& line,
                                                                     const std::string& directory) {
  if (directory.empty()) return std::make_unique<NodeQueries>(line.client());
  NDX_ASSIGN_OR_RETURN(auto copy, journal::ImportedJournal::Open(directory));
  const journal::ImportSummary& summary = copy->summary();
  Terminal& terminal = line.terminal();
  terminal.err << "ndxctl: " << summary.origin << ", " << summary.leaves << " "
               << terminal.Say("records imported of", "bản ghi đã nhập trong số") << " "
               << summary.tree_size;
  if (summary.unproved > 0) {
    terminal.err << ", " << summary.unproved << " "
                 << terminal.Say("of them NOT PROVED", "bản ghi CHƯA ĐƯỢC CHỨNG MINH");
  }
  terminal.err << "\n";
  return std::make_unique<CopyQueries>(std::move(copy), line.clock());
}

}  // namespace ndx::tools::ndxctl

// What lists and shows a journal: the node, or an imported copy of its exports.
//
// Thread-safety: thread-compatible. Ownership: the command line outlives it.
// Errors: grpc::Status, as a node's answers have it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/support/status.h"
#include "ndx/console/v1/operator_service.pb.h"

namespace ndx::tools::ndxctl {

class CommandLine;

inline constexpr char kDirectoryHelp[] = "Search what `journal import` made, instead of the node";

class JournalQueries {
 public:
  virtual ~JournalQueries() = default;

  // Of the node where the directory is empty; else kNotFound if nothing was imported there. Of a
  // copy with records that nothing proves, says so on the error stream.
  static absl::StatusOr<std::unique_ptr<JournalQueries>> Open(CommandLine& line,
                                                              const std::string& directory);

  virtual grpc::Status ListExchanges(const console::v1::ListExchangesRequest& request,
                                     console::v1::ListExchangesResponse& response) = 0;
  virtual grpc::Status ListRecords(const console::v1::ListRecordsRequest& request,
                                   console::v1::ListRecordsResponse& response) = 0;
  virtual grpc::Status GetExchange(const console::v1::GetExchangeRequest& request,
                                   console::v1::GetExchangeResponse& response) = 0;
};

}  // namespace ndx::tools::ndxctl

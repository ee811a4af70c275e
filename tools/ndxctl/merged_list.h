// Exchanges of several nodes in one list, newest first: what a member's nodes recorded side by
// side.
//
// Thread-safety: thread-compatible; one walk. Ownership: the command line outlives it.
// Errors: a node that does not answer is left out from there on, and is among silent(); the others
// go on.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpcpp/support/status.h"
#include "ndx/console/v1/operator_service.pb.h"

namespace ndx::tools::ndxctl {

class CommandLine;
class OperatorClient;

struct NodeExchange {
  std::string node;  // its system id
  console::v1::ExchangeSummary exchange;
};

struct SilentNode {
  std::string node;  // its system id, or its socket where it never said it
  grpc::Status status;
};

class MergedList {
 public:
  // Of the command line's node and those at the sockets. request: filter, case and reason.
  MergedList(CommandLine& line, const std::vector<std::string>& sockets,
             console::v1::ListExchangesRequest request);
  ~MergedList();

  // The newest that was not returned yet; nullopt at the end.
  std::optional<NodeExchange> Next();

  const std::vector<SilentNode>& silent() const { return silent_; }
  // How far all of those that answer were searched: no further than the one that was least.
  console::v1::SearchExtent extent() const;
  // Leaves in the journals of those that answer.
  uint64_t tree_size() const;

 private:
  struct Node;
  // True if it has a row, or can have none any more.
  void Fill(Node& node);

  const console::v1::ListExchangesRequest request_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<SilentNode> silent_;
};

}  // namespace ndx::tools::ndxctl

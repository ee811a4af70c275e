#include "ndx/tools/ndxctl/merged_list.h"

#include <utility>

#include "google/protobuf/util/time_util.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

using google::protobuf::operator<;

// Small enough that the nodes' pages are not read in vain.
constexpr uint32_t kMergedPageRows = 50;

}  // namespace

struct MergedList::Node {
  std::string name;
  OperatorClient* client = nullptr;
  std::unique_ptr<OperatorClient> owned;  // of an other node than the command line's
  std::deque<api::ExchangeSummary> rows;
  std::string cursor;
  bool ended = false;
  bool by_default = false;
  uint64_t tree_size = 0;
  api::SearchExtent extent;
};

MergedList::MergedList(CommandLine& line, const std::vector<std::string>& sockets,
                       api::ListExchangesRequest request)
    : request_(std::move(request)) {
  const auto add = [this](std::unique_ptr<Node> node, const std::string& socket) {
    api::GetStatusResponse status;
    const grpc::Status asked =
        node->client->Call(&OperatorClient::Stub::GetStatus, api::GetStatusRequest(), status);
    node->name = asked.ok() ? status.system() : socket;
    node->ended = !asked.ok();
    if (!asked.ok()) silent_.push_back({.node = socket, .status = asked});
    nodes_.push_back(std::move(node));
  };
  auto own = std::make_unique<Node>();
  own->client = &line.client();
  add(std::move(own), line.socket());
  for (const std::string& socket : sockets) {
    auto node = std::make_unique<Node>();
    node->owned = std::make_unique<OperatorClient>(socket, line.timeout(), line.clock());
    node->client = node->owned.get();
    add(std::move(node), socket);
  }
}

MergedList::~MergedList() = default;

void MergedList::Fill(Node& node) {
  while (node.rows.empty() && !node.ended) {
    api::ListExchangesRequest request = request_;
    request.set_page_size(kMergedPageRows);
    request.set_cursor(node.cursor);
    api::ListExchangesResponse page;
    const grpc::Status status =
        node.client->Call(&OperatorClient::Stub::ListExchanges, request, page);
    if (!status.ok()) {
      node.ended = true;
      silent_.push_back({.node = node.name, .status = status});
      return;
    }
    node.rows.insert(node.rows.end(), page.exchanges().begin(), page.exchanges().end());
    node.cursor = page.next_cursor();
    node.ended = node.cursor.empty();
    node.tree_size = page.tree_size();
    node.extent = page.extent();
    node.by_default |= page.extent().from_by_default();
  }
}

std::optional<NodeExchange> MergedList::Next() {
  Node* newest = nullptr;
  for (const auto& node : nodes_) {
    Fill(*node);
    if (node->rows.empty()) continue;
    if (newest == nullptr || newest->rows.front().time() < node->rows.front().time()) {
      newest = node.get();
    }
  }
  if (newest == nullptr) return std::nullopt;
  NodeExchange next{.node = newest->name, .exchange = std::move(newest->rows.front())};
  newest->rows.pop_front();
  return next;
}

api::SearchExtent MergedList::extent() const {
  api::SearchExtent all;
  uint64_t subjects_to = 0;
  for (const auto& node : nodes_) {
    subjects_to += node->extent.subjects_to();
    if (!all.has_scanned_to() || all.scanned_to() < node->extent.scanned_to()) {
      const bool by_default = all.from_by_default() || node->by_default;
      all = node->extent;
      all.set_from_by_default(by_default);
    }
  }
  all.set_subjects_to(subjects_to);
  return all;
}

uint64_t MergedList::tree_size() const {
  uint64_t size = 0;
  for (const auto& node : nodes_) size += node->tree_size;
  return size;
}

}  // namespace ndx::tools::ndxctl

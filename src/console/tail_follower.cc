#include "ndx/console/tail_follower.h"

#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::console {

TailFollower::TailFollower(const journal::JournalReader& reader, JournalSearch journal_search,
                           search::Filter filter, TypedReply<v1::TailExchangesResponse> reply)
    : reader_(reader),
      search_(std::move(journal_search)),
      filter_(std::move(filter)),
      reply_(std::move(reply)),
      next_index_(reader.size()) {}

absl::Status TailFollower::SendBacklog(uint32_t backlog) {
  if (backlog == 0) return absl::OkStatus();
  v1::ListExchangesRequest request;
  request.set_page_size(std::min(backlog, kTailBacklogMax));
  NDX_ASSIGN_OR_RETURN(auto page, search_.ListExchanges(request, filter_));
  // What has come since is both in the page and still to be told of.
  next_index_ = std::max(next_index_, page.tree_size());
  std::reverse(page.mutable_exchanges()->begin(), page.mutable_exchanges()->end());
  for (auto& summary : *page.mutable_exchanges()) {
    if (summary.leaf_index() < next_index_) SendOne(std::move(summary));
  }
  return absl::OkStatus();
}

absl::Status TailFollower::SendNew() {
  if (reader_.size() <= next_index_) return absl::OkStatus();
  const journal::ScanRange range{.from_index = next_index_};
  absl::Status failed;
  NDX_RETURN_IF_ERROR(reader_.Scan(range, [&](const journal::StoredLeaf& leaf) {
    next_index_ = leaf.index + 1;
    if (!IsOfExchange(leaf.leaf)) return true;
    const auto passes = search_.searcher().Passes(filter_, leaf);
    failed.Update(passes.status());
    if (failed.ok() && *passes) SendOne(Summarise(leaf));
    return failed.ok() && !reply_.cancelled();
  }));
  return failed;
}

void TailFollower::SendOne(v1::ExchangeSummary summary) {
  if (reply_.congested()) {
    ++skipped_;
    return;
  }
  v1::TailExchangesResponse response;
  *response.mutable_exchange() = std::move(summary);
  response.set_skipped(std::exchange(skipped_, 0));
  reply_.Send(response);
}

}  // namespace ndx::console

#include "ndx/console/tail_follower.h"

#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::console {

TailFollower::TailFollower(const journal::JournalReader& reader, ExchangeMatcher matcher,
                           TypedReply<v1::TailExchangesResponse> reply)
    : reader_(reader),
      matcher_(std::move(matcher)),
      reply_(std::move(reply)),
      next_index_(reader.size()) {}

absl::Status TailFollower::SendBacklog(const JournalPages& pages, v1::ExchangeFilter filter,
                                       uint32_t backlog) {
  if (backlog == 0 || next_index_ == 0) return absl::OkStatus();
  v1::ListExchangesRequest request;
  *request.mutable_filter() = std::move(filter);
  request.mutable_filter()->clear_from();
  request.mutable_filter()->clear_to();
  request.set_page_size(std::min(backlog, kTailBacklogMax));
  request.set_cursor(std::to_string(next_index_ - 1));
  NDX_ASSIGN_OR_RETURN(auto page, pages.ListExchanges(request));
  std::reverse(page.mutable_exchanges()->begin(), page.mutable_exchanges()->end());
  for (auto& summary : *page.mutable_exchanges()) SendOne(std::move(summary));
  return absl::OkStatus();
}

absl::Status TailFollower::SendNew() {
  if (reader_.size() <= next_index_) return absl::OkStatus();
  const journal::ScanRange range{.from_index = next_index_};
  return reader_.Scan(range, [this](const journal::StoredLeaf& leaf) {
    next_index_ = leaf.index + 1;
    if (!IsOfExchange(leaf.leaf)) return true;
    v1::ExchangeSummary summary = Summarise(leaf);
    if (matcher_.Matches(summary)) SendOne(std::move(summary));
    return !reply_.cancelled();
  });
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

#include "ndx/replay/earlier_replays.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/replay/sending.h"

namespace ndx::replay {

absl::StatusOr<EarlierReplays> FindReplaysOf(const search::Searcher& searcher,
                                             const journal::JournalReader& reader,
                                             core::ExchangeId exchange_id) {
  NDX_ASSIGN_OR_RETURN(auto filter,
                       search::Filter::Parse(absl::StrCat("replay_of = ", exchange_id.ToString()),
                                             absl::FromUnixSeconds(0)));
  filter.SetTime({});
  search::SearchRequest request{
      .filter = std::move(filter), .rows = "replays", .page_rows = kReplaysOfOneMax};
  EarlierReplays earlier;
  std::set<core::ExchangeId> seen;
  do {
    NDX_ASSIGN_OR_RETURN(const auto page,
                         searcher.Search(request, [](const journal::StoredLeaf& leaf) {
                           return absl::StatusOr<bool>(SendingOf({leaf}).has_value());
                         }));
    for (const journal::StoredLeaf& leaf : page.leaves) {
      NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(leaf.leaf.exchange_id()));
      if (!seen.insert(id).second) continue;
      NDX_ASSIGN_OR_RETURN(const auto leaves, reader.LeavesOf(id, leaf.leaf.consumer()));
      const auto sending = SendingOf(leaves);
      if (!sending.has_value()) continue;
      earlier.answered_well = earlier.answered_well || sending->answered_well();
      if (sending->in_doubt && !earlier.in_doubt.has_value()) earlier.in_doubt = id;
    }
    request.page_token = page.next_token;
  } while (!request.page_token.empty() && seen.size() < kReplaysOfOneMax);
  return earlier;
}

absl::StatusOr<std::set<std::string>> FindReplayedWell(const search::Searcher& searcher,
                                                       absl::Time since) {
  constexpr size_t kPageRows = 1000;
  NDX_ASSIGN_OR_RETURN(auto filter,
                       search::Filter::Parse("event = REPLAY_EXECUTED", absl::FromUnixSeconds(0)));
  filter.SetTime({.from = since});
  search::SearchRequest request{
      .filter = std::move(filter), .rows = "executed", .page_rows = kPageRows};
  std::set<std::string> replayed;
  do {
    NDX_ASSIGN_OR_RETURN(const auto page,
                         searcher.Search(request, [](const journal::StoredLeaf& leaf) {
                           return absl::StatusOr<bool>(leaf.leaf.grpc_status() == 0 &&
                                                       leaf.leaf.error_reason().empty());
                         }));
    for (const journal::StoredLeaf& leaf : page.leaves) replayed.insert(leaf.leaf.replay_of());
    request.page_token = page.next_token;
  } while (!request.page_token.empty());
  return replayed;
}

}  // namespace ndx::replay

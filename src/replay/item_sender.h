// Takes one exchange of a replay task to its end: sends it, or finds out that it must not be sent.
//
// Nothing is sent twice: the id of the new exchange is chosen and durable (SENDING) before anything
// goes out. An item found SENDING, because the node was killed, is looked up in the journal by
// that id:
//   nothing recorded          a change was never sent (its opening leaf comes first): it is sent
//   answered, failed, refused that is what became of it
//   in doubt                  the provider is asked (resolver.h): done → FOUND_DONE, not done → it
//                             is sent; cannot tell → ANSWER_UNKNOWN, and not sent
// A change whose first sending is in doubt is asked about in the same way before it is sent; where
// the provider cannot tell it is sent, for it takes the first id as idempotency key.
//
// Thread-safety: thread-compatible, one task at a time. Blocks. Ownership: everything given
// outlives it.
// Errors: of the task store and the journal: the task must halt.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/replay/replayer.h"
#include "ndx/replay/resolver.h"
#include "ndx/replay/task_ledger.h"
#include "ndx/replay/task_store.h"
#include "ndx/search/searcher.h"

namespace ndx::replay {

class ItemSender {
 public:
  struct Parts {
    TaskStore& store;
    TaskLedger& ledger;
    Replayer& replayer;
    Resolver& resolver;
    const journal::JournalReader& reader;
    const search::SearchIndex* index;  // null: earlier replays are not looked for
    const registry::Registry& registry;
    const core::Clock& clock;
    core::Random& random;
  };

  // give_up: the node stops; what is under way is left as it is.
  ItemSender(const Parts& parts, std::function<bool()> give_up)
      : parts_(parts),
        searcher_(parts.reader, parts.index, parts.clock),
        give_up_(std::move(give_up)) {}

  enum class Step {
    kSettled,  // item says how; recorded, not yet kept
    kBusy,     // node or provider had no room, or a quota was used up: once more later
    kGivenUp,
  };
  // Keeps the item as SENDING on its way.
  absl::StatusOr<Step> Send(const v1::ReplayTask& task, v1::ReplayItem& item);

  // Settles an item without sending it, on record.
  absl::Status Leave(const v1::ReplayTask& task, exchange::v1::ErrorReason reason,
                     v1::ReplayItem& item);

  // After kBusy: how long the node asks to wait.
  absl::Duration pause() const { return pause_; }

 private:
  // What is known before sending; kUndecided: to be sent.
  enum class Found { kUndecided, kSettled, kGivenUp };

  absl::StatusOr<Found> FindInterrupted(const v1::ReplayTask& task, v1::ReplayItem& item);
  absl::StatusOr<Found> FindBefore(const v1::ReplayTask& task, v1::ReplayItem& item);
  // What the provider says of an exchange in doubt; nothing: given up.
  std::optional<adapter::v1::ExchangeOutcome> Ask(const v1::ReplayTask& task,
                                                  const std::string& consumer,
                                                  core::ExchangeId exchange_id);
  // Whether the change may have been made already, by the first sending or by an earlier replay.
  absl::StatusOr<Found> FindDoubt(const v1::ReplayTask& task, const Sending& first,
                                  core::ExchangeId id, v1::ReplayItem& item);
  void Compare(const v1::ReplayTask& task, const ReplayResult& result, v1::ReplayItem& item) const;
  absl::Status Settle(const v1::ReplayTask& task, v1::ReplayItemState state, v1::ReplayItem& item);
  absl::StatusOr<Step> Conclude(const v1::ReplayTask& task, const ReplayResult& result,
                                v1::ReplayItem& item);
  OperatorAct ActOf(const v1::ReplayTask& task) const;

  const Parts parts_;
  const search::Searcher searcher_;
  const std::function<bool()> give_up_;
  absl::Duration pause_;
};

}  // namespace ndx::replay

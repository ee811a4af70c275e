// Follows the end of the journal for one caller: finds what has become durable since the last look
// and sends the exchanges that pass the filter.
//
// It looks again every kTailInterval, on the event loop's timer, and reads on a worker, so that a
// caller who follows all day holds no thread. When the caller is slow, exchanges are left out and
// counted; the next one that is sent says how many.
//
// Thread-safety: one worker at a time. Ownership: shared by the timer and the worker's task;
// reader, node and workers outlive every task.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/journal_search.h"
#include "ndx/console/operator_methods.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::console {

inline constexpr absl::Duration kTailInterval = absl::Milliseconds(200);
inline constexpr uint32_t kTailBacklogMax = 1000;

class TailFollower {
 public:
  // The filter is resolved; its time bound holds for the backlog only.
  TailFollower(const journal::JournalReader& reader, JournalSearch journal_search,
               search::Filter filter, TypedReply<v1::TailExchangesResponse> reply);

  // Sends the newest `backlog` exchanges that match, oldest first, as far as a page reaches.
  absl::Status SendBacklog(uint32_t backlog);

  // Sends what is new. An error ends the call.
  absl::Status SendNew();

  bool cancelled() const { return reply_.cancelled(); }
  void Finish(absl::Status status) { reply_.Finish(std::move(status)); }

 private:
  void SendOne(v1::ExchangeSummary summary);

  const journal::JournalReader& reader_;
  const JournalSearch search_;
  const search::Filter filter_;
  TypedReply<v1::TailExchangesResponse> reply_;
  uint64_t next_index_;
  uint64_t skipped_ = 0;
};

}  // namespace ndx::console

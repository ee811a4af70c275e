// The operator method that follows the journal: a timer on the loop, a look at a time on a worker.
#include <memory>

#include "ndx/console/operator_commands.h"
#include "ndx/console/tail_follower.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

// Loop and workers are stopped in this order: server, workers, loop. So whoever runs here finds
// both alive, and a caller who is gone ends the chain at its next step.
void LookLater(std::shared_ptr<TailFollower> follower, transport::EventLoop& loop,
               WorkerPool& workers);

void Look(std::shared_ptr<TailFollower> follower, transport::EventLoop& loop, WorkerPool& workers) {
  if (follower->cancelled()) return;
  if (absl::Status status = follower->SendNew(); !status.ok()) {
    follower->Finish(std::move(status));
    return;
  }
  LookLater(std::move(follower), loop, workers);
}

void LookLater(std::shared_ptr<TailFollower> follower, transport::EventLoop& loop,
               WorkerPool& workers) {
  loop.Post([follower = std::move(follower), &loop, &workers]() mutable {
    loop.RunAfter(kTailInterval, [follower = std::move(follower), &loop, &workers] {
      if (follower->cancelled()) return;
      const bool submitted =
          workers.Submit([follower, &loop, &workers] { Look(follower, loop, workers); });
      if (!submitted) LookLater(follower, loop, workers);  // all busy: at the next turn
    });
  });
}

absl::StatusOr<search::Filter> FilterOf(const JournalSearch& journal_search,
                                        const v1::TailExchangesRequest& request) {
  v1::ExchangeFilter asked = request.filter();
  asked.clear_from();
  asked.clear_to();
  NDX_ASSIGN_OR_RETURN(search::Filter filter, journal_search.Read(ExpressionOf(asked)));
  if (filter.Mentions(search::FieldName::kSubject)) {
    return absl::InvalidArgumentError(
        "whom an exchange concerns is known only after a while; search for it with ListExchanges");
  }
  NDX_RETURN_IF_ERROR(journal_search.Resolve(&filter));
  return filter;
}

}  // namespace

void AddTailMethod(const OperatorNode& node, transport::EventLoop& loop, WorkerPool& workers,
                   OperatorMethods& methods) {
  methods.Add<v1::TailExchangesRequest, v1::TailExchangesResponse>(
      "TailExchanges", settings::v1::OPERATOR_ROLE_VIEWER,
      [&node, &loop, &workers](const auto&, const v1::TailExchangesRequest& request,
                               TypedReply<v1::TailExchangesResponse> reply) {
        const JournalSearch journal_search(node);
        auto filter = FilterOf(journal_search, request);
        if (!filter.ok()) {
          reply.Finish(filter.status());
          return;
        }
        auto follower =
            std::make_shared<TailFollower>(node.reader, journal_search, *std::move(filter), reply);
        absl::Status status = follower->SendBacklog(request.backlog());
        if (!status.ok()) {
          reply.Finish(std::move(status));
          return;
        }
        LookLater(std::move(follower), loop, workers);
      });
}

}  // namespace ndx::console

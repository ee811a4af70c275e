// Everything a replay task needs: a whole broker over a journal in memory, an adapter that does
// what the test says, a task store on disk, planner and runner.
//
//   ReplayFixture f;
//   f.Made("Read");
//   const auto task = f.Planned(v1::REPLAY_MODE_VERIFY);
//   f.RunToEnd(task);
//
// Thread-safety: used by the test's thread; tasks run on the runner's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "ndx/core/system_clock.h"
#include "ndx/replay/planner.h"
#include "ndx/replay/task_runner.h"
#include "ndx/search/search_index.h"
#include "ndx/tests/support/broker_fixture.h"
#include "ndx/tests/support/mem_journal_reader.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

class ReplayFixture : public BrokerFixture {
 public:
  explicit ReplayFixture(const std::string& more_yaml = "")
      : BrokerFixture({}, more_yaml),
        index(search::SearchIndex::Open({.directory = directory.File("index")}, reader).value()),
        store(replay::TaskStore::Open(directory.File("tasks")).value()) {}
  ~ReplayFixture() { runner.Stop(); }

  // An exchange that was made.
  core::ExchangeId Made(const std::string& method, Options options = {}) {
    FakeServerCall* call = Call(method, std::move(options));
    return core::ExchangeId::Parse(*call->trailers.Find("ndx-exchange-id")).value();
  }
  // One that failed at the provider, with an error of its own.
  core::ExchangeId Failed(const std::string& method, Options options = {}) {
    adapter->AnswerWith({}, absl::InternalError("made to fail"));
    const auto id = Made(method, std::move(options));
    adapter->AnswerWith({EntryBytes("k", "s", "050")});
    return id;
  }
  // A change that was sent and never answered, as the next start of a node finds it.
  core::ExchangeId InDoubt(const std::string& method);
  static journal::v1::JournalLeaf ExchangeLeaf(journal::v1::JournalEvent event, core::ExchangeId id,
                                               const std::string& method);

  replay::PlanWish Wish(replay::v1::ReplayMode mode, const std::string& filter = "");
  // Planned and kept.
  replay::v1::ReplayTask Planned(const replay::PlanWish& wish);
  replay::v1::ReplayTask Planned(replay::v1::ReplayMode mode) { return Planned(Wish(mode)); }

  replay::v1::ReplayItem Item(uint64_t task, uint32_t number) {
    return store->Item(task, number).value();
  }
  // Until it does not run any more; as it is then.
  replay::v1::ReplayTask RunToEnd(const replay::v1::ReplayTask& task);
  replay::v1::ReplayTask Awaited(uint64_t number);
  // Waits until so many calls have reached the adapter.
  void AwaitCalls(size_t count) {
    AwaitThat([&] { return adapter->count() >= count; });
  }
  // Waits until it is so.
  static void AwaitThat(const std::function<bool()>& happened);

  core::SystemClock clock;  // tasks wait for real time
  TempDir directory;
  MemJournalReader reader{journal};
  std::unique_ptr<search::SearchIndex> index;  // told of nothing: what is searched is the journal
  std::unique_ptr<replay::TaskStore> store;
  replay::Replayer replayer{*broker, loop.loops(), journal, reader, registry, loop.clock()};
  replay::Resolver resolver{*broker, loop.loops(), journal, reader, registry, loop.clock()};
  replay::TaskLedger ledger{journal};
  replay::Planner planner{{.reader = reader,
                           .index = index.get(),
                           .journal = journal,
                           .registry = registry,
                           .store = *store,
                           .clock = clock},
                          {.items_max = 50, .pace_per_minute_max = 6000}};
  // What the stop switch and overload say.
  std::atomic<bool> stopped{false};
  std::atomic<bool> overloaded{false};
  replay::ItemSender::Parts sending{.store = *store,
                                    .ledger = ledger,
                                    .replayer = replayer,
                                    .resolver = resolver,
                                    .reader = reader,
                                    .index = index.get(),
                                    .registry = registry,
                                    .clock = clock,
                                    .random = random};
  replay::DryRun::Parts dry_run{
      .reader = reader, .registry = registry, .limiter = limiter, .clock = clock};
  replay::TaskRunner runner{{.sending = sending,
                             .dry_run = dry_run,
                             .log = log,
                             .stopped =
                                 [this](absl::string_view method, absl::string_view provider) {
                                   return stopped.load() &&
                                          absl::StartsWith(method, "/ledger.v1.LedgerService/") &&
                                          provider == "VN:GOV:G01:ledger";
                                 },
                             .overloaded = [this] { return overloaded.load(); }},
                            {.tasks_max = 2}};
};

}  // namespace ndx::tests

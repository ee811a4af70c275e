// One exchange made durable: sealed payloads, leaf, tree, signed checkpoint and one synced write
// for the group, through the committer of a journal on this machine's disk. Real time and the
// processor time of all threads, by the bytes of each payload and the exchanges under way at once.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>

#include "ndx/core/exchange_id.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/tests/support/temp_dir.h"

namespace {

using ndx::journal::Payload;
using ndx::journal::Record;
using ndx::journal::RocksJournal;

class Bench {
 public:
  explicit Bench(size_t payload_bytes)
      : payload_(std::make_shared<const std::string>(payload_bytes, 'x')) {
    ndx::journal::RocksJournalOptions options{.directory = dir_.File("journal"), .node = "bench"};
    options.version = "bench";
    options.ballast_bytes = 4096;
    auto opened = RocksJournal::Open(
        std::move(options),
        {.signing = ndx::crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
         .master = ndx::crypto::SecretBytes(std::string(32, 'm'))},
        clock_, random_);
    NDX_CHECK(opened.ok());
    journal_ = *std::move(opened);
  }
  ~Bench() { journal_->Close(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // Waits for a place among those under way, and appends.
  void Append(uint64_t in_flight_max) {
    Record record;
    record.leaf.set_event(ndx::journal::v1::JOURNAL_EVENT_ANSWERED);
    record.leaf.set_exchange_id(
        std::string(ndx::core::ExchangeId::Generate(clock_, random_).bytes()));
    record.leaf.set_consumer("VN:GOV:H55.990:mot-cua");
    record.leaf.set_provider("VN:GOV:G98:echo");
    record.leaf.set_method("/ndx.loadgen.v1.EchoService/Echo");
    record.request = Payload{.messages = {payload_}, .descriptor = nullptr};
    record.response = Payload{.messages = {payload_}, .descriptor = nullptr};
    {
      const ndx::core::MutexLock lock(mutex_);
      while (in_flight_ >= in_flight_max) changed_.Wait(mutex_);
      ++in_flight_;
    }
    journal_->Append(std::move(record), [this](const auto& appended) {
      NDX_CHECK(appended.ok());
      const ndx::core::MutexLock lock(mutex_);
      --in_flight_;
      changed_.NotifyAll();
    });
  }

  void AwaitAll() {
    const ndx::core::MutexLock lock(mutex_);
    while (in_flight_ > 0) changed_.Wait(mutex_);
  }

 private:
  ndx::tests::TempDir dir_;
  ndx::core::SystemClock clock_;
  ndx::core::SystemRandom random_;
  std::shared_ptr<const std::string> payload_;  // shared with the journal, as in an exchange
  std::unique_ptr<RocksJournal> journal_;
  ndx::core::Mutex mutex_;
  ndx::core::CondVar changed_;
  uint64_t in_flight_ = 0;
};

void AppendExchange(benchmark::State& state) {
  Bench bench(static_cast<size_t>(state.range(0)));
  for (auto _ : state) bench.Append(static_cast<uint64_t>(state.range(1)));
  bench.AwaitAll();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(AppendExchange)
    ->ArgNames({"bytes", "under_way"})
    ->ArgsProduct({{256, 4 << 10, 64 << 10}, {1, 64, 256}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace

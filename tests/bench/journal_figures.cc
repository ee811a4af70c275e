// Figures of a long journal: fills one with leaves as a busy node writes them, indexes it, and
// measures restart, searches cold and warm while more is written, proofs, a whole verification, and
// bytes on disk. Prints one line a figure.
//
//   journal_figures DIRECTORY [LEAVES [PAYLOAD_BYTES]]    a DIRECTORY that it filled is measured
//   again
//
// Thread-safety: a program. Threads: a writer and a follower beside the one that measures.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/search/search_index.h"
#include "ndx/search/searcher.h"

namespace ndx::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kInFlight = 16'384;
constexpr uint64_t kLoadPerSecond = 2'000;
constexpr uint64_t kFollowedAtOnce = 8'192;
constexpr int kWarmRounds = 20;

// A month of a busy node, however fast it is written.
class LeafClock final : public core::Clock {
 public:
  absl::Time Now() const override {
    return absl::FromUnixSeconds(1'764'522'000) + absl::Milliseconds(260) * double(leaf_.load());
  }
  int64_t MonotonicNanos() const override { return real_.MonotonicNanos(); }
  void Next() { ++leaf_; }
  void SkipTo(uint64_t leaf) { leaf_ = leaf; }

 private:
  core::SystemClock real_;
  std::atomic<uint64_t> leaf_{0};
};

// Mixes a number, so that values are spread but the same in every run (SplitMix64).
uint64_t Mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

std::string Keyed(uint64_t x) { return core::BigEndian(Mixed(x)) + core::BigEndian(Mixed(~x)); }

std::string SubjectOf(uint64_t leaf) {
  return Keyed(uint64_t{3'000'000'000} + Mixed(leaf) % 2'000'000);
}

journal::v1::JournalEvent EventOf(uint64_t pick) {
  if (pick < 960) return journal::v1::JOURNAL_EVENT_ANSWERED;
  if (pick < 985) return journal::v1::JOURNAL_EVENT_REFUSED;
  return journal::v1::JOURNAL_EVENT_FAILED;
}

journal::v1::JournalLeaf LeafOf(uint64_t number, const core::Clock& clock, core::Random& random) {
  const uint64_t x = Mixed(number);
  journal::v1::JournalLeaf leaf;
  leaf.set_event(EventOf(x % 1000));
  leaf.set_exchange_id(std::string(core::ExchangeId::Generate(clock, random).bytes()));
  leaf.set_attempt(1);
  leaf.set_face(journal::v1::FACE_GRPC);
  leaf.set_consumer(absl::StrCat("VN:GOV:H", x % 63, ".", (x >> 8) % 11, ":mot-cua"));
  leaf.set_provider(absl::StrCat("VN:GOV:G", (x >> 16) % 5, ":csdl"));
  leaf.set_certificate_sha256(Keyed(x % 693) + Keyed(x % 693));
  leaf.set_method(absl::StrCat("/ndx.population.v1.PopulationService/Method", (x >> 20) % 20));
  leaf.set_purpose(absl::StrCat("purpose-", (x >> 26) % 8));
  leaf.set_procedure(absl::StrCat("1.", 100'000 + (x >> 30) % 2000));
  leaf.mutable_dossier()->set_hmac(Keyed(number / 5));
  leaf.mutable_officer()->set_hmac(Keyed(uint64_t{2'000'000'000} + (x >> 33) % 50'000));
  leaf.set_trace_id(Keyed(number));
  leaf.mutable_decision()->set_allowed(leaf.event() != journal::v1::JOURNAL_EVENT_REFUSED);
  leaf.mutable_decision()->set_rule(absl::StrCat("grant-", (x >> 40) % 3000));
  leaf.set_registry_version(std::string(16, 'r'));
  if (leaf.event() != journal::v1::JOURNAL_EVENT_ANSWERED) {
    leaf.set_error_reason(x % 3 == 0 ? "QUOTA_EXCEEDED" : "PROVIDER_TIMEOUT");
    leaf.set_grpc_status(14);
  }
  leaf.set_duration_us(1000U << ((x >> 44) % 12));
  leaf.mutable_stages()->set_provider_us(900);
  return leaf;
}

journal::Payload PayloadOf(size_t bytes) {
  journal::Payload payload;
  payload.messages.push_back(std::make_shared<const std::string>(bytes, 'p'));
  return payload;
}

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double CpuSeconds() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

// Lets others work for a moment.
void Pause() {
  core::Mutex mutex;
  core::CondVar never;
  const core::MutexLock lock(mutex);
  never.WaitFor(mutex, absl::Milliseconds(2));
}

// Wall and CPU time since it was made.
class Watch {
 public:
  double seconds() const { return static_cast<double>(clock_.MonotonicNanos() - began_) * 1e-9; }
  double cpu_seconds() const { return CpuSeconds() - cpu_; }

 private:
  core::SystemClock clock_;
  int64_t began_ = clock_.MonotonicNanos();
  double cpu_ = CpuSeconds();
};

uint64_t BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

// Asks the kernel to forget what it holds of the files.
void DropCache(const std::string& directory) {
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const int file = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    (void)fdatasync(file);
    (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    (void)close(file);
  }
}

struct Query {
  std::string name;
  std::string filter;
  std::vector<std::string> keys;  // of its references
};

std::vector<Query> Queries(uint64_t leaves) {
  const std::string month = " AND time >= 2025-11-01";
  return {
      {"time: newest page", "", {}},
      {"time: an hour two weeks ago", "time >= 2025-12-15T08:00 AND time < 2025-12-15T09:00", {}},
      {"consumer (1 of 693)", "consumer = VN:GOV:H17.3:mot-cua" + month, {}},
      {"consumer, province", "consumer = VN:GOV:H17*" + month, {}},
      {"provider and method", "provider = VN:GOV:G3:csdl method = Method7" + month, {}},
      {"service", "service = PopulationService" + month, {}},
      {"outcome failed", "outcome = failed" + month, {}},
      {"outcome open (none)", "outcome = open" + month, {}},
      {"reason", "reason = QUOTA_EXCEEDED" + month, {}},
      {"purpose and procedure", "purpose = purpose-3 procedure = 1.101234" + month, {}},
      {"dossier", "dossier = X" + month, {Keyed(leaves / 10)}},
      {"officer", "officer = X" + month, {Keyed(uint64_t{2'000'000'017})}},
      {"subject", "subject = X" + month, {SubjectOf(leaves / 3)}},
      {"duration over 2 s", "duration > 2s" + month, {}},
      {"size (none)", "response_size > 1MiB" + month, {}},
      {"grant, failed, slow", "grant = grant-17 outcome = failed duration > 1s" + month, {}},
      {"three ways, few match",
       "(consumer = VN:GOV:H1.* OR consumer = VN:GOV:H2.*) outcome != answered grant = grant-9*" +
           month,
       {}},
      {"nothing matches, two dense lists",
       "purpose = purpose-1 procedure = 1.100001 code:*" + month,
       {}},
      {"not indexed (status)", "status = 13" + month, {}}};
}

class Figures {
 public:
  Figures(std::string directory, uint64_t leaves, size_t payload_bytes)
      : directory_(std::move(directory)), leaves_(leaves), payload_bytes_(payload_bytes) {}

  void Run() {
    if (fs::exists(directory_)) {
      clock_.SkipTo(leaves_);
    } else {
      Fill();
      Close();
    }
    Restart();
    Searches();
    Proofs();
    Verify();
    Sizes();
    Close();
  }

 private:
  void Open() {
    journal::RocksJournalOptions options{.directory = directory_, .node = "figures"};
    options.version = "figures";
    options.ballast_bytes = 4096;
    journal_ = journal::RocksJournal::Open(
                   std::move(options),
                   {.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
                    .master = crypto::SecretBytes(std::string(32, 'm'))},
                   clock_, random_)
                   .value();
    index_ = search::SearchIndex::Open(
                 {.directory = journal_->findings().epoch_directory + "/index"}, journal_->reader())
                 .value();
  }

  void Close() {
    index_.reset();
    journal_->Close();
    journal_.reset();
  }

  void Append(uint64_t number) {
    while (in_flight_.load() >= kInFlight) Pause();
    ++in_flight_;
    clock_.Next();
    journal::Record record{.leaf = LeafOf(number, clock_, random_)};
    if (payload_bytes_ > 0) {
      record.request = PayloadOf(payload_bytes_);
      record.response = PayloadOf(payload_bytes_);
    }
    journal_->Append(std::move(record), [this](const absl::StatusOr<journal::Appended>& appended) {
      NDX_CHECK(appended.ok());
      --in_flight_;
    });
  }

  // Tells the index of what is new, with one person for each leaf.
  bool FollowSome() {
    std::vector<journal::FollowedLeaf> leaves;
    const uint64_t size = journal_->reader().size();
    const uint64_t from = index_->NextLeaf();
    if (from >= size) return false;
    const uint64_t to = std::min(size, from + kFollowedAtOnce);
    NDX_CHECK(journal_->reader()
                  .Scan({.from_index = from},
                        [&](const journal::StoredLeaf& leaf) {
                          leaves.push_back({.leaf = leaf});
                          leaves.back().subjects.emplace_back().set_hmac(SubjectOf(leaf.index));
                          return leaf.index + 1 < to;
                        })
                  .ok());
    NDX_CHECK(index_->Observe(leaves).ok());
    return true;
  }

  void Fill() {
    Open();
    const Watch watch;
    std::atomic<bool> filled{false};
    std::thread follower([&] {
      while (FollowSome() || !filled.load()) Pause();
    });
    for (uint64_t i = 0; i < leaves_; ++i) Append(i);
    while (in_flight_.load() > 0) Pause();
    std::printf("written: %.0f leaves/s, index %llu leaves behind\n",
                static_cast<double>(leaves_) / watch.seconds(),
                static_cast<unsigned long long>(index_->lag()));
    filled = true;
    follower.join();
    std::printf("written and indexed: %.0f leaves/s, %.1f us CPU each, of it index %.2f us\n",
                static_cast<double>(leaves_) / watch.seconds(),
                watch.cpu_seconds() * 1e6 / static_cast<double>(leaves_),
                absl::ToDoubleMicroseconds(index_->cpu_time()) / static_cast<double>(leaves_));
    std::fflush(stdout);
  }

  void Restart() {
    DropCache(directory_);
    const Watch watch;
    Open();
    std::printf("restart to ready, cold: %.3f s, %.3f s CPU\n", watch.seconds(),
                watch.cpu_seconds());
  }

  // One page; milliseconds.
  double Ask(const Query& query, search::SearchPage* page) {
    auto filter = search::Filter::Parse(query.filter, clock_.Now()).value();
    NDX_CHECK(filter
                  .Resolve([&](search::Condition& condition) {
                    condition.keys = query.keys;
                    return absl::OkStatus();
                  })
                  .ok());
    const search::Searcher searcher(journal_->reader(), index_.get(), clock_);
    const Watch watch;
    *page =
        searcher.Search({.filter = std::move(filter)}, [](const auto&) { return true; }).value();
    return watch.seconds() * 1e3;
  }

  void Searches() {
    std::atomic<bool> done{false};
    std::thread writer([&] {
      const Watch watch;
      for (uint64_t i = 0; !done.load(); ++i) {
        while (!done.load() && double(i) > watch.seconds() * kLoadPerSecond) Pause();
        Append(leaves_ + i);
      }
    });
    std::thread follower([&] {
      while (!done.load()) {
        if (!FollowSome()) Pause();
      }
    });
    for (const Query& query : Queries(leaves_)) {
      DropCache(directory_);
      search::SearchPage page;
      const double cold = Ask(query, &page);
      std::vector<double> warm;
      for (int round = 0; round < kWarmRounds; ++round) warm.push_back(Ask(query, &page));
      std::sort(warm.begin(), warm.end());
      std::printf(
          "search %-36s cold %7.2f ms, warm median %7.2f max %7.2f ms, rows %zu, read %llu%s\n",
          query.name.c_str(), cold, warm[warm.size() / 2], warm.back(), page.leaves.size(),
          static_cast<unsigned long long>(page.leaves_read), page.partial ? ", partial" : "");
      std::fflush(stdout);
    }
    done = true;
    writer.join();
    follower.join();
  }

  void Proofs() {
    DropCache(directory_);
    std::vector<double> taken;
    for (uint64_t i = 0; i < 1000; ++i) {
      const Watch watch;
      NDX_CHECK(journal_->reader().Receipt(Mixed(i) % leaves_).ok());
      taken.push_back(watch.seconds() * 1e3);
    }
    const double first = taken.front();
    std::sort(taken.begin(), taken.end());
    std::printf("proof of a random leaf: first %.2f, median %.2f, p99 %.2f, max %.2f ms\n", first,
                taken[500], taken[990], taken.back());
    std::fflush(stdout);
  }

  void Verify() {
    while (in_flight_.load() > 0) Pause();
    const Watch watch;
    const auto report = journal::VerifyJournal(*journal_, {.vkeys = {journal_->vkey()}}).value();
    NDX_CHECK(report.ok());
    std::printf("whole verification of %llu leaves: %.1f s, %.1f s CPU\n",
                static_cast<unsigned long long>(report.leaves), watch.seconds(),
                watch.cpu_seconds());
  }

  void Sizes() {
    const auto leaves = static_cast<double>(journal_->reader().size());
    const double index =
        static_cast<double>(BytesIn(journal_->findings().epoch_directory + "/index"));
    const double all = static_cast<double>(BytesIn(directory_));
    std::printf("bytes on disk a leaf: journal %.0f, index %.0f\n", (all - index) / leaves,
                index / leaves);
  }

  const std::string directory_;
  const uint64_t leaves_;
  const size_t payload_bytes_;
  LeafClock clock_;
  core::SystemRandom random_;
  std::unique_ptr<journal::RocksJournal> journal_;
  std::unique_ptr<search::SearchIndex> index_;
  std::atomic<uint64_t> in_flight_{0};
};

}  // namespace
}  // namespace ndx::bench

int main(int argc, char** argv) {
  uint64_t leaves = 10'000'000;
  uint64_t payload_bytes = 0;
  if (argc < 2 || argc > 4 || (argc > 2 && !absl::SimpleAtoi(argv[2], &leaves)) ||
      (argc > 3 && !absl::SimpleAtoi(argv[3], &payload_bytes))) {
    std::fprintf(
        stderr,
        "journal_figures DIRECTORY [LEAVES [PAYLOAD_BYTES]]; a DIRECTORY that it filled before is "
        "measured again, with the same LEAVES\n");
    return 2;
  }
  ndx::bench::Figures(argv[1], leaves, payload_bytes).Run();
  return 0;
}

// What the journal's follower costs an exchange: fills a journal with exchanges that nobody
// follows, then follows it and measures the processor time until all keys are moved; then once more
// with the search index told. Prints one line a figure.
//
//   follower_figures DIRECTORY [EXCHANGES]            DIRECTORY must not exist
//   follower_figures DIRECTORY 10000000 growing       what an exchange costs as the journal grows
//
// Thread-safety: a program.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/search/search_index.h"

namespace ndx::bench {
namespace {

namespace api = population::v1;

constexpr uint64_t kInFlightMax = 8192;
// Of those that are opened before they are answered: as many as a node has under way.
constexpr uint64_t kOpenAtOnce = 128;
constexpr uint64_t kPersons = 100'000;
constexpr absl::Duration kFollowedMax = absl::Hours(1);
constexpr char kLookUp[] = "/ndx.population.v1.PopulationService/LookUpCitizen";
constexpr char kHousehold[] = "/ndx.population.v1.PopulationService/GetHousehold";

struct Shape {
  const char* name;
  const char* method;
  int members = 0;            // of the household in the answer; 0: one citizen
  bool opened_first = false;  // two leaves, as of whatever is not a plain read
};

std::string NumberOf(uint64_t person) { return absl::StrFormat("999%09d", person % kPersons); }

std::shared_ptr<const std::string> Bytes(const google::protobuf::Message& message) {
  return std::make_shared<const std::string>(message.SerializeAsString());
}

journal::Record RecordOf(const Shape& shape, uint64_t number, const core::Clock& clock,
                         core::Random& random) {
  journal::Record record;
  record.leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
  record.leaf.set_exchange_id(std::string(core::ExchangeId::Generate(clock, random).bytes()));
  record.leaf.set_consumer("VN:GOV:H55:mot-cua");
  record.leaf.set_provider("VN:GOV:G01:population");
  record.leaf.set_method(shape.method);
  journal::Payload& request = record.request.emplace();
  journal::Payload& response = record.response.emplace();
  if (shape.members == 0) {
    api::LookUpCitizenRequest ask;
    ask.set_citizen_id(NumberOf(number));
    api::LookUpCitizenResponse answer;
    answer.mutable_citizen()->set_citizen_id(ask.citizen_id());
    answer.mutable_citizen()->set_full_name("Nguyễn Văn A");
    request = {.messages = {Bytes(ask)}, .descriptor = ask.GetDescriptor()};
    response = {.messages = {Bytes(answer)}, .descriptor = answer.GetDescriptor()};
    return record;
  }
  api::GetHouseholdRequest ask;
  ask.set_citizen_id(NumberOf(number));
  api::GetHouseholdResponse answer;
  for (int i = 0; i < shape.members; ++i) {
    auto& member = *answer.mutable_household()->add_members();
    member.set_citizen_id(NumberOf(number + static_cast<uint64_t>(i)));
    member.set_full_name("Nguyễn Văn A");
  }
  request = {.messages = {Bytes(ask)}, .descriptor = ask.GetDescriptor()};
  response = {.messages = {Bytes(answer)}, .descriptor = answer.GetDescriptor()};
  return record;
}

journal::MethodTypes TypesOf(const std::string& method) {
  if (method == kLookUp) {
    return {.request = api::LookUpCitizenRequest::descriptor(),
            .response = api::LookUpCitizenResponse::descriptor(),
            .owner = nullptr};
  }
  return {.request = api::GetHouseholdRequest::descriptor(),
          .response = api::GetHouseholdResponse::descriptor(),
          .owner = nullptr};
}

// The leaf with which the exchange is opened; leaves the record as the one that answers it.
journal::Record OpeningOf(journal::Record* record) {
  journal::Record opening;
  opening.leaf = record->leaf;
  opening.leaf.set_event(journal::v1::JOURNAL_EVENT_REQUEST_OPENED);
  opening.request = std::move(record->request);
  record->request.reset();
  return opening;
}

double CpuMicroseconds() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

class Figures {
 public:
  Figures(std::string directory, uint64_t exchanges)
      : directory_(std::move(directory)), exchanges_(exchanges) {}

  void Run(const Shape& shape) {
    const std::string place = directory_ + "/" + shape.name;
    std::filesystem::create_directories(place);
    auto journal = Open(place + "/journal");
    const double written = Measure([&] { Fill(shape, *journal); });
    const double followed = Measure([&] { Follow(*journal, nullptr); });
    journal->Close();
    journal.reset();
    journal = Open(place + "/journal");
    auto index =
        search::SearchIndex::Open({.directory = place + "/index"}, journal->reader()).value();
    const double indexed = Measure([&] { Follow(*journal, index.get()); });
    journal->Close();
    std::printf("%s: writing %.1f us CPU an exchange, moving its keys %.1f, indexing it %.1f\n",
                shape.name, written, followed, indexed);
    std::fflush(stdout);
  }

  // A journal that grows while it is followed and indexed, as a node's does: what an exchange costs
  // from one power of ten to the next.
  void RunGrowing(const Shape& shape) {
    const std::string place = directory_ + "/growing";
    std::filesystem::create_directories(place);
    auto journal = Open(place + "/journal");
    auto index =
        search::SearchIndex::Open({.directory = place + "/index"}, journal->reader()).value();
    NDX_CHECK(journal->StartFollowing({.types = TypesOf, .observers = {index.get()}}).ok());
    uint64_t done = 0;
    for (uint64_t size = kSmallest; size <= exchanges_; size *= 10) {
      const double before = CpuMicroseconds();
      for (uint64_t i = done; i < size; ++i) Append(*journal, RecordOf(shape, i, clock_, random_));
      AwaitAll();
      NDX_CHECK(journal->payload_keeper().AwaitFollowed(kFollowedMax).ok());
      std::printf("up to %llu exchanges: %.1f us CPU each\n", static_cast<unsigned long long>(size),
                  (CpuMicroseconds() - before) / static_cast<double>(size - done));
      std::fflush(stdout);
      done = size;
    }
    journal->Close();
  }

 private:
  static constexpr uint64_t kSmallest = 10'000;

  template <typename Work>
  double Measure(Work work) const {
    const double before = CpuMicroseconds();
    work();
    return (CpuMicroseconds() - before) / static_cast<double>(exchanges_);
  }

  std::unique_ptr<journal::RocksJournal> Open(const std::string& directory) {
    journal::RocksJournalOptions options{.directory = directory, .node = "figures"};
    options.version = "figures";
    options.ballast_bytes = 4096;
    return journal::RocksJournal::Open(
               std::move(options),
               {.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
                .master = crypto::SecretBytes(std::string(32, 'm'))},
               clock_, random_)
        .value();
  }

  void Fill(const Shape& shape, journal::RocksJournal& journal) {
    if (shape.opened_first) return FillOpenedFirst(shape, journal);
    for (uint64_t i = 0; i < exchanges_; ++i) {
      Append(journal, RecordOf(shape, i, clock_, random_));
    }
    AwaitAll();
  }

  void FillOpenedFirst(const Shape& shape, journal::RocksJournal& journal) {
    for (uint64_t first = 0; first < exchanges_; first += kOpenAtOnce) {
      std::vector<journal::Record> answers;
      for (uint64_t i = first; i < std::min(exchanges_, first + kOpenAtOnce); ++i) {
        answers.push_back(RecordOf(shape, i, clock_, random_));
        Append(journal, OpeningOf(&answers.back()));
      }
      AwaitAll();
      for (journal::Record& answer : answers) Append(journal, std::move(answer));
      AwaitAll();
    }
  }

  // Waits for a place among those under way, and appends.
  void Append(journal::RocksJournal& journal, journal::Record record) {
    {
      const core::MutexLock lock(mutex_);
      while (in_flight_ >= kInFlightMax) changed_.Wait(mutex_);
      ++in_flight_;
    }
    journal.Append(std::move(record), [this](const absl::StatusOr<journal::Appended>& appended) {
      NDX_CHECK(appended.ok());
      const core::MutexLock lock(mutex_);
      --in_flight_;
      changed_.NotifyAll();
    });
  }

  void AwaitAll() {
    const core::MutexLock lock(mutex_);
    while (in_flight_ > 0) changed_.Wait(mutex_);
  }

  static void Follow(journal::RocksJournal& journal, journal::LeafObserver* observer) {
    journal::FollowOptions options{.types = TypesOf};
    if (observer != nullptr) options.observers = {observer};
    NDX_CHECK(journal.StartFollowing(std::move(options)).ok());
    NDX_CHECK(journal.payload_keeper().AwaitFollowed(kFollowedMax).ok());
  }

  const std::string directory_;
  const uint64_t exchanges_;
  core::SystemClock clock_;
  core::SystemRandom random_;
  core::Mutex mutex_;
  core::CondVar changed_;
  uint64_t in_flight_ = 0;
};

}  // namespace
}  // namespace ndx::bench

int main(int argc, char** argv) {
  uint64_t exchanges = 100'000;
  const bool growing = argc == 4 && std::string(argv[3]) == "growing";
  if (argc < 2 || (argc > 3 && !growing) || std::filesystem::exists(argv[1]) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &exchanges))) {
    std::fprintf(stderr,
                 "follower_figures DIRECTORY [EXCHANGES [growing]]; DIRECTORY must not exist\n");
    return 2;
  }
  ndx::bench::Figures figures(argv[1], exchanges);
  if (growing) {
    figures.RunGrowing({.name = "growing", .method = ndx::bench::kLookUp});
    return 0;
  }
  figures.Run({.name = "look-up", .method = ndx::bench::kLookUp});
  figures.Run(
      {.name = "look-up opened first", .method = ndx::bench::kLookUp, .opened_first = true});
  figures.Run({.name = "household of 4", .method = ndx::bench::kHousehold, .members = 4});
  return 0;
}

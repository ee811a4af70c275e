// What the journal's follower costs an exchange: fills a journal with exchanges that nobody
// follows, then follows it and measures the processor time until all keys are moved; then once more
// with the search index told. Prints one line a figure.
//
//   follower_figures DIRECTORY [EXCHANGES]    DIRECTORY must not exist
//
// Thread-safety: a program.
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

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
constexpr uint64_t kPersons = 100'000;
constexpr absl::Duration kFollowedMax = absl::Hours(1);
constexpr char kLookUp[] = "/ndx.population.v1.PopulationService/LookUpCitizen";
constexpr char kHousehold[] = "/ndx.population.v1.PopulationService/GetHousehold";

struct Shape {
  const char* name;
  const char* method;
  int members;  // of the household in the answer; 0: one citizen
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

 private:
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
    core::Mutex mutex;
    core::CondVar changed;
    uint64_t in_flight = 0;
    for (uint64_t i = 0; i < exchanges_; ++i) {
      {
        const core::MutexLock lock(mutex);
        while (in_flight >= kInFlightMax) changed.Wait(mutex);
        ++in_flight;
      }
      journal.Append(RecordOf(shape, i, clock_, random_),
                     [&](const absl::StatusOr<journal::Appended>& appended) {
                       NDX_CHECK(appended.ok());
                       const core::MutexLock lock(mutex);
                       --in_flight;
                       changed.NotifyAll();
                     });
    }
    const core::MutexLock lock(mutex);
    while (in_flight > 0) changed.Wait(mutex);
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
};

}  // namespace
}  // namespace ndx::bench

int main(int argc, char** argv) {
  uint64_t exchanges = 100'000;
  if (argc < 2 || argc > 3 || std::filesystem::exists(argv[1]) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &exchanges))) {
    std::fprintf(stderr, "follower_figures DIRECTORY [EXCHANGES]; DIRECTORY must not exist\n");
    return 2;
  }
  ndx::bench::Figures figures(argv[1], exchanges);
  figures.Run({.name = "look-up", .method = ndx::bench::kLookUp, .members = 0});
  figures.Run({.name = "household of 4", .method = ndx::bench::kHousehold, .members = 4});
  return 0;
}

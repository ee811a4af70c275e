// Figures of a change of the master key: makes a journal with the keys of many subjects and starts
// it under another master key.
//
//   master_key_figures DIRECTORY [SUBJECTS]
//
// DIRECTORY must not exist; it is left behind.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/key_wrap.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"

namespace ndx::bench {
namespace {

constexpr size_t kRowsInBatch = 10'000;
constexpr store::Family kSubjectFamily = 1;

std::string Master(char byte) { return std::string(32, byte); }

std::unique_ptr<journal::RocksJournal> Open(const std::string& directory, char master,
                                            char previous, const core::Clock& clock,
                                            core::Random& random) {
  journal::RocksJournalOptions options{.directory = directory, .node = "figures"};
  options.version = "figures";
  options.ballast_bytes = 4096;
  journal::RocksJournalKeys keys{
      .signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
      .master = crypto::SecretBytes(Master(master))};
  if (previous != 0) {
    keys.master_change =
        journal::MasterKeyChange{.previous = crypto::SecretBytes(Master(previous)),
                                 .by = {.operator_name = "figures", .operator_reason = "figures"}};
  }
  auto journal = journal::RocksJournal::Open(std::move(options), std::move(keys), clock, random);
  NDX_CHECK(journal.ok());
  return *std::move(journal);
}

// Keys of subjects as the follower writes them, in a journal that nobody has open.
void AddSubjects(const std::string& directory, uint64_t subjects, core::Random& random) {
  const auto database = store::Database::Open({.directory = directory + "/epoch-0001/keys",
                                               .families = {{.name = "subjects", .filter = true},
                                                            {.name = "moved"},
                                                            {.name = "leaf_subjects"},
                                                            {.name = "holds"},
                                                            {.name = "erasures"}}},
                                              store::LogCheck::kWhole)
                            .value();
  store::Batch batch;
  for (uint64_t i = 0; i < subjects; ++i) {
    const crypto::Digest id = crypto::Sha256Of({core::BigEndian(i)});
    const auto key = crypto::SecretBytes::Generate(random, 32);
    journal::v1::SubjectKey row;
    row.set_serial(i + 1);
    row.set_wrapped(crypto::WrapKey(Master('m'), key.view()).value());
    batch.Put(kSubjectFamily, crypto::AsBytes(id).substr(0, 16), row.SerializeAsString());
    if ((i + 1) % kRowsInBatch != 0 && i + 1 != subjects) continue;
    NDX_CHECK(database->WriteUnsynced(batch).ok());
    batch = store::Batch();
  }
}

void Run(const std::string& directory, uint64_t subjects) {
  const core::SystemClock clock;
  core::SystemRandom random;
  Open(directory, 'm', 0, clock, random).reset();
  AddSubjects(directory, subjects, random);
  const int64_t begin = clock.MonotonicNanos();
  const auto journal = Open(directory, 'n', 'm', clock, random);
  const double taken = static_cast<double>(clock.MonotonicNanos() - begin) * 1e-9;
  const auto keys = static_cast<double>(journal->findings().keys_rewrapped);
  NDX_CHECK(keys >= static_cast<double>(subjects));
  std::printf("%.0f keys under another master key, scrub and start included: %.2f s, %.0f keys/s\n",
              keys, taken, keys / taken);
}

}  // namespace
}  // namespace ndx::bench

int main(int argc, char** argv) {
  uint64_t subjects = 1'000'000;
  if (argc < 2 || argc > 3 || std::filesystem::exists(argv[1]) ||
      (argc > 2 && !absl::SimpleAtoi(argv[2], &subjects))) {
    std::fprintf(stderr, "master_key_figures DIRECTORY [SUBJECTS]; DIRECTORY must not exist\n");
    return 2;
  }
  ndx::bench::Run(argv[1], subjects);
  return 0;
}

// Makes a journal of an exact size, or lets one grow to it, as the node would: for what is exported
// from it to be checked by programs that nobody here wrote.
//
//   grow_journal DIRECTORY SIZE VKEY_FILE RECEIPT_FILE
//
// Every start is a leaf, the rest are exchanges with a small request. VKEY_FILE gets the public
// key, RECEIPT_FILE the receipt of the newest leaf. The keys are fixed: nothing here is secret.
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/journal/rocks_journal.h"

namespace ndx::tests {
namespace {

// Appends that wait for their callbacks at a time.
constexpr uint64_t kBatch = 4096;

journal::Record RecordOf(const core::ExchangeId& id, uint64_t number) {
  journal::Record record;
  record.leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
  record.leaf.set_exchange_id(std::string(id.bytes()));
  record.leaf.set_consumer("VN:GOV:H55:mot-cua");
  record.leaf.set_provider("VN:GOV:G01:population");
  record.leaf.set_method("/probe.v1.PeopleService/LookUp");
  record.request.emplace().messages.push_back(
      std::make_shared<const std::string>(absl::StrCat("request ", number)));
  return record;
}

absl::Status Append(journal::RocksJournal& journal, uint64_t count, const core::Clock& clock,
                    core::Random& random) {
  while (count > 0) {
    const uint64_t batch = std::min(count, kBatch);
    std::vector<std::promise<absl::Status>> done(batch);
    for (uint64_t i = 0; i < batch; ++i) {
      journal.Append(RecordOf(core::ExchangeId::Generate(clock, random), i),
                     [&promise = done[i]](const absl::StatusOr<journal::Appended>& appended) {
                       promise.set_value(appended.status());
                     });
    }
    for (auto& promise : done) NDX_RETURN_IF_ERROR(promise.get_future().get());
    count -= batch;
  }
  return absl::OkStatus();
}

absl::Status Grow(const std::string& directory, uint64_t size, const std::string& vkey_file,
                  const std::string& receipt_file) {
  const core::SystemClock clock;
  core::SystemRandom random;
  journal::RocksJournalOptions options{.directory = directory, .node = "VN:GOV:G01:ndxp"};
  options.version = "grow_journal";
  options.free_bytes_min = uint64_t{1} << 20;
  options.ballast_bytes = 4096;
  NDX_ASSIGN_OR_RETURN(
      const auto journal,
      journal::RocksJournal::Open(
          std::move(options),
          {.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
           .master = crypto::SecretBytes(std::string(32, 'm'))},
          clock, random));
  const uint64_t before = journal->reader().size();
  if (before > size) return absl::FailedPreconditionError("the journal is larger already");
  NDX_RETURN_IF_ERROR(Append(*journal, size - before, clock, random));
  if (journal->reader().size() != size) return absl::InternalError("the journal has another size");
  NDX_ASSIGN_OR_RETURN(const std::string receipt, journal->reader().Receipt(size - 1));
  std::ofstream(vkey_file) << journal->vkey() << "\n";
  std::ofstream(receipt_file, std::ios::binary) << receipt;
  journal->Close();
  return absl::OkStatus();
}

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  uint64_t size = 0;
  if (argc != 5 || !absl::SimpleAtoi(argv[2], &size)) {
    std::fprintf(stderr, "grow_journal DIRECTORY SIZE VKEY_FILE RECEIPT_FILE\n");
    return 2;
  }
  const absl::Status grown = ndx::tests::Grow(argv[1], size, argv[3], argv[4]);
  if (!grown.ok()) std::fprintf(stderr, "grow_journal: %s\n", grown.ToString().c_str());
  return grown.ok() ? 0 : 1;
}

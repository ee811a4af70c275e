// A real journal on disk with one exchange, to be read as a copy.
//
// Thread-safety: thread-compatible.
#pragma once

#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::tests {

// A real journal with one answered exchange, closed again; its receipt and public key in files.
class JournalWithReceipt {
 public:
  JournalWithReceipt() {
    journal::RocksJournalOptions options;
    options.directory = directory_.File("journal");
    options.node = "node.test";
    options.version = "test";
    options.free_bytes = [] { return uint64_t{1} << 40; };
    options.ballast_bytes = 4096;
    options.block_cache_bytes = size_t{1} << 20;
    auto journal = journal::RocksJournal::Open(
        std::move(options),
        {.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
         .master = crypto::SecretBytes(std::string(32, 'm'))},
        clock_, random_);
    NDX_CHECK(journal.ok());
    std::promise<absl::StatusOr<journal::Appended>> appended;
    journal::Record record{.leaf = ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1)};
    record.request.emplace().messages.push_back(std::make_shared<const std::string>("ask"));
    (*journal)->Append(std::move(record),
                       [&appended](auto result) { appended.set_value(std::move(result)); });
    const auto result = appended.get_future().get();
    NDX_CHECK(result.ok());
    index_ = result->index;
    std::ofstream(receipt_file()) << result->receipt;
    std::ofstream(key_file()) << (*journal)->vkey() << "\n";
    (*journal)->Close();
  }

  std::string directory() const { return directory_.File("journal"); }
  std::string receipt_file() const { return directory_.File("x.receipt"); }
  std::string key_file() const { return directory_.File("node.vkey"); }
  uint64_t index() const { return index_; }

 private:
  TempDir directory_;
  FakeClock clock_;
  FakeRandom random_;
  uint64_t index_ = 0;
};

}  // namespace ndx::tests

// A journal in a temporary directory with fixed keys, and appends that wait for their result.
//
// Thread-safety: thread-compatible.
#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::journal {

inline constexpr char kTestConsumer[] = "VN:GOV:H55:mot-cua";
inline constexpr char kTestMethod[] = "/ndx.population.v1.PopulationService/VerifyCitizen";

inline RocksJournalKeys TestKeys() {
  return {.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
          .master = crypto::SecretBytes(std::string(32, 'm'))};
}

inline Payload TestPayload(std::vector<std::string> messages) {
  Payload payload;
  for (std::string& message : messages) {
    payload.messages.push_back(std::make_shared<const std::string>(std::move(message)));
  }
  return payload;
}

inline std::vector<std::shared_ptr<const std::string>> Shared(std::vector<std::string> messages) {
  return TestPayload(std::move(messages)).messages;
}

class JournalFixture {
 public:
  RocksJournalOptions Options() const {
    RocksJournalOptions options;
    options.directory = dir.File("journal");
    options.node = "VN:GOV:G01:ndxp";
    options.version = "0.1.0-test";
    options.free_bytes = [] { return uint64_t{1} << 40; };
    options.ballast_bytes = 4096;
    options.block_cache_bytes = size_t{1} << 20;
    return options;
  }

  absl::StatusOr<std::unique_ptr<RocksJournal>> Open(RocksJournalOptions options) {
    return RocksJournal::Open(std::move(options), TestKeys(), clock, random);
  }
  std::unique_ptr<RocksJournal> Open() {
    auto journal = Open(Options());
    if (!journal.ok()) throw std::runtime_error(std::string(journal.status().message()));
    return *std::move(journal);
  }

  // A copy of the directory as it is now: what a kill -9 would leave behind. The copy is not
  // locked.
  std::string CopyDirectory(const std::string& name) const {
    std::string copy = dir.File(name);
    std::filesystem::copy(Options().directory, copy, std::filesystem::copy_options::recursive);
    return copy;
  }
  RocksJournalOptions OptionsFor(const std::string& directory) const {
    RocksJournalOptions options = Options();
    options.directory = directory;
    return options;
  }

  core::ExchangeId NewId() { return core::ExchangeId::Generate(clock, random); }

  static Record MakeRecord(v1::JournalEvent event, const core::ExchangeId& id) {
    Record record;
    record.leaf.set_event(event);
    record.leaf.set_exchange_id(id.bytes().data(), id.bytes().size());
    record.leaf.set_consumer(kTestConsumer);
    record.leaf.set_provider("VN:GOV:G01:population");
    record.leaf.set_method(kTestMethod);
    record.leaf.set_face(v1::FACE_GRPC);
    return record;
  }

  static Record Opening(const core::ExchangeId& id, std::string request) {
    Record record = MakeRecord(v1::JOURNAL_EVENT_REQUEST_OPENED, id);
    record.request = TestPayload({std::move(request)});
    record.recallable = true;
    return record;
  }

  static Record Closing(v1::JournalEvent event, const core::ExchangeId& id, std::string response) {
    Record record = MakeRecord(event, id);
    if (!response.empty()) record.response = TestPayload({std::move(response)});
    return record;
  }

  static Record Read(const core::ExchangeId& id, std::string request, std::string response) {
    Record record = MakeRecord(v1::JOURNAL_EVENT_ANSWERED, id);
    record.request = TestPayload({std::move(request)});
    record.response = TestPayload({std::move(response)});
    return record;
  }

  tests::TempDir dir;
  tests::FakeClock clock;
  tests::FakeRandom random{7};
};

inline absl::StatusOr<Appended> AppendAndWait(Journal& journal, Record record) {
  std::promise<absl::StatusOr<Appended>> promise;
  auto future = promise.get_future();
  journal.Append(std::move(record), [&](absl::StatusOr<Appended> appended) {
    promise.set_value(std::move(appended));
  });
  return future.get();
}

inline absl::StatusOr<Recalled> RecallAndWait(Journal& journal, RecallQuery query) {
  std::promise<absl::StatusOr<Recalled>> promise;
  auto future = promise.get_future();
  journal.Recall(std::move(query), [&](absl::StatusOr<Recalled> recalled) {
    promise.set_value(std::move(recalled));
  });
  return future.get();
}

inline absl::StatusOr<std::string> ReceiptAndWait(Journal& journal, const std::string& consumer,
                                                  const core::ExchangeId& id) {
  std::promise<absl::StatusOr<std::string>> promise;
  auto future = promise.get_future();
  journal.GetReceipt(consumer, id, [&](absl::StatusOr<std::string> receipt) {
    promise.set_value(std::move(receipt));
  });
  return future.get();
}

}  // namespace ndx::journal

// A journal on disk with exchanges about persons: each asks the probe registry's PeopleService to
// verify a number. Its clock stands until the test moves it.
//
// Thread-safety: as the journal's.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/registry/registry.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

class PeopleJournal {
 public:
  explicit PeopleJournal(absl::Time start);
  ~PeopleJournal() { journal_->Close(); }

  // Closes the journal and opens it again; it is not followed then.
  void Reopen();

  // What its follower needs to know of types.
  journal::MethodTypesSource types() const;

  // A leaf that answers (or, with REQUEST_OPENED, opens) an exchange about a person, under a
  // dossier; its index.
  uint64_t Ask(absl::string_view person, absl::string_view dossier = "",
               journal::v1::JournalEvent event = journal::v1::JOURNAL_EVENT_ANSWERED);
  // Closes the exchange of an opening leaf.
  void Close(uint64_t opening);
  // Any other leaf; its index.
  uint64_t Append(journal::v1::JournalLeaf leaf);

  journal::RocksJournal& journal() { return *journal_; }
  journal::PayloadKeeper& keeper() { return journal_->payload_keeper(); }
  const registry::Registry& registry() const { return registry_; }
  const TempDir& directory() const { return directory_; }

  FakeClock clock;
  // What the disk has left.
  std::atomic<uint64_t> free_bytes{uint64_t{1} << 40};

 private:
  uint64_t AppendAndWait(journal::Record record);

  TempDir directory_;
  FakeRandom random_{5};
  ProtoSource probe_;
  const registry::Registry registry_;
  std::unique_ptr<journal::RocksJournal> journal_;
};

}  // namespace ndx::tests

// A real journal on disk, and what its node would answer to whoever asks who looked at a person's
// data: leaves with receipts that verify.
//
// Thread-safety: thread-compatible.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ndx/journal/rocks_journal.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tools/ndxctl/report_part.h"

namespace ndx::tests {

inline constexpr char kReportedPerson[] = "999085001234";

class ReportJournal {
 public:
  // node: "lgsp.test" makes the origin lgsp.test/journal/1.
  explicit ReportJournal(const std::string& node);

  // Appends an exchange (or what an operator did with one).
  uint64_t Append(journal::v1::JournalLeaf leaf, const std::vector<std::string>& request = {},
                  const std::vector<std::string>& response = {});

  // The node's answer with these exchanges (numbers of ExchangeIdText). Appends the leaf of the
  // asking. Not judged.
  tools::ndxctl::ReportPart Answer(const std::vector<int>& exchanges);

  std::string vkey() const { return journal_->vkey(); }
  // A file with it.
  std::string key_file() const { return directory_.File("node.vkey"); }
  FakeClock& clock() { return clock_; }

 private:
  console::v1::ExportedLeaf Exported(const journal::StoredLeaf& stored) const;

  TempDir directory_;
  FakeClock clock_;
  FakeRandom random_;
  const std::string node_;
  std::unique_ptr<journal::RocksJournal> journal_;
};

}  // namespace ndx::tests

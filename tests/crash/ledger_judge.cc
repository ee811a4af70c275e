// Judges a journal by the ledger of what callers were told, after all the crashes.
//
//   ledger_judge JOURNAL_DIR NODE SIGNING_KEY MASTER_KEY LEDGER
//
// A line of LEDGER is one acknowledged exchange: its id, a space, the base64 of the receipt that
// came with the answer. Checked: every acknowledged exchange has exactly one answer in the journal;
// every receipt verifies by the node's key alone; the tree of today begins with the tree of every
// checkpoint in a receipt, so that no crash rewrote what was signed; the whole journal verifies.
// Opens the journal as the node does: the node must have ended. Exit code 1 when anything is wrong.
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/crypto/key_file.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/verify_journal.h"

namespace ndx::tests {
namespace {

constexpr size_t kFaultsShown = 20;

struct Acknowledged {
  core::ExchangeId exchange_id;
  std::string receipt;
};

class Judge {
 public:
  absl::Status Run(const journal::RocksJournal& journal, const std::vector<Acknowledged>& ledger);
  size_t faults() const { return faults_; }

 private:
  void Fault(const std::string& text) {
    if (++faults_ <= kFaultsShown) std::printf("FAIL %s\n", text.c_str());
  }
  absl::Status ReadLeaves(const journal::JournalReader& reader);
  void CheckAnswers(const std::vector<Acknowledged>& ledger);
  absl::Status CheckReceipts(const std::string& vkey, const std::vector<Acknowledged>& ledger);
  void CheckCheckpoints();

  size_t faults_ = 0;
  std::vector<journal::TreeHash> leaf_hashes_;
  std::map<core::ExchangeId, int> answers_;                // leaves that say it was answered
  std::map<uint64_t, std::set<journal::TreeHash>> heads_;  // size → roots signed for it
};

absl::Status Judge::ReadLeaves(const journal::JournalReader& reader) {
  return reader.Scan({}, [this](const journal::StoredLeaf& stored) {
    leaf_hashes_.push_back(journal::LeafHash(stored.bytes));
    const auto event = stored.leaf.event();
    if (event == journal::v1::JOURNAL_EVENT_ANSWERED ||
        event == journal::v1::JOURNAL_EVENT_RESOLVED) {
      const auto id = core::ExchangeId::FromBytes(stored.leaf.exchange_id());
      if (id.ok()) ++answers_[*id];
    }
    return true;
  });
}

void Judge::CheckAnswers(const std::vector<Acknowledged>& ledger) {
  std::set<core::ExchangeId> acknowledged;
  for (const Acknowledged& exchange : ledger) {
    if (!acknowledged.insert(exchange.exchange_id).second) continue;  // asked again, told the same
    const auto found = answers_.find(exchange.exchange_id);
    if (found == answers_.end()) {
      Fault(absl::StrCat("exchange ", exchange.exchange_id.ToString(),
                         " was acknowledged and is not in the journal"));
    }
  }
  for (const auto& [id, count] : answers_) {
    if (count != 1)
      Fault(absl::StrCat("exchange ", id.ToString(), " is answered ", count, " times"));
  }
  std::printf("ok   %zu exchanges acknowledged, %zu answered in the journal\n", acknowledged.size(),
              answers_.size());
}

absl::Status Judge::CheckReceipts(const std::string& vkey,
                                  const std::vector<Acknowledged>& ledger) {
  NDX_ASSIGN_OR_RETURN(const journal::NoteVerifier verifier, journal::NoteVerifier::FromVkey(vkey));
  for (const Acknowledged& exchange : ledger) {
    const std::string id = exchange.exchange_id.ToString();
    const auto verified = journal::VerifyReceipt(exchange.receipt, {.vkey = vkey});
    if (!verified.ok()) {
      Fault(absl::StrCat("receipt of ", id, ": ", std::string(verified.status().message())));
      continue;
    }
    if (verified->leaf.exchange_id() != exchange.exchange_id.bytes())
      Fault(absl::StrCat("receipt of ", id, " is another's"));
    NDX_ASSIGN_OR_RETURN(const journal::Receipt receipt, journal::ParseReceipt(exchange.receipt));
    const journal::NoteVerifier verifiers[] = {verifier};
    NDX_ASSIGN_OR_RETURN(const journal::Checkpoint checkpoint,
                         journal::OpenCheckpoint(receipt.checkpoint, verifiers));
    heads_[checkpoint.head.size].insert(checkpoint.head.root);
  }
  std::printf("ok   %zu receipts looked at, %zu checkpoints in them\n", ledger.size(),
              heads_.size());
  return absl::OkStatus();
}

void Judge::CheckCheckpoints() {
  // Roots of the complete subtrees to the left, largest first: the tree grows leaf by leaf past
  // every checkpoint.
  std::vector<journal::TreeHash> peaks;
  uint64_t size = 0;
  auto head = heads_.begin();
  for (const journal::TreeHash& leaf : leaf_hashes_) {
    journal::TreeHash hash = leaf;
    for (uint64_t bits = size; (bits & 1) != 0; bits >>= 1) {
      hash = journal::NodeHash(peaks.back(), hash);
      peaks.pop_back();
    }
    peaks.push_back(hash);
    ++size;
    if (head == heads_.end() || head->first != size) continue;
    journal::TreeHash root = peaks.back();
    for (size_t i = peaks.size() - 1; i > 0; --i) root = journal::NodeHash(peaks[i - 1], root);
    if (head->second != std::set<journal::TreeHash>{root})
      Fault(absl::StrCat("the tree of ", size, " leaves is not the one that was signed"));
    ++head;
  }
  if (head != heads_.end()) {
    Fault(absl::StrCat("a checkpoint of ", heads_.rbegin()->first,
                       " leaves was signed; the journal has ", size));
  }
  std::printf("ok   the tree of %zu leaves was held against every checkpoint\n",
              leaf_hashes_.size());
}

absl::Status Judge::Run(const journal::RocksJournal& journal,
                        const std::vector<Acknowledged>& ledger) {
  NDX_RETURN_IF_ERROR(ReadLeaves(journal.reader()));
  CheckAnswers(ledger);
  NDX_RETURN_IF_ERROR(CheckReceipts(journal.vkey(), ledger));
  CheckCheckpoints();
  NDX_ASSIGN_OR_RETURN(
      const journal::VerifyReport report,
      journal::VerifyJournal(journal, {.vkeys = {journal.vkey()}, .progress = {}}));
  for (const auto& problem : report.problems) Fault(problem.ToString());
  std::printf("ok   the journal was verified to %lu leaves\n",
              static_cast<unsigned long>(report.leaves));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Acknowledged>> ReadLedger(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::vector<Acknowledged> ledger;
  std::string id;
  std::string receipt;
  while (file >> id >> receipt) {
    Acknowledged exchange;
    NDX_ASSIGN_OR_RETURN(exchange.exchange_id, core::ExchangeId::Parse(id));
    if (!absl::Base64Unescape(receipt, &exchange.receipt))
      return absl::InvalidArgumentError(absl::StrCat("receipt of ", id, " is not base64"));
    ledger.push_back(std::move(exchange));
  }
  return ledger;
}

absl::StatusOr<size_t> JudgeJournal(const std::vector<std::string>& arguments) {
  NDX_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey signing, crypto::ReadEd25519KeyFile(arguments[2]));
  NDX_ASSIGN_OR_RETURN(crypto::SecretBytes master, crypto::ReadAesKeyFile(arguments[3]));
  NDX_ASSIGN_OR_RETURN(const std::vector<Acknowledged> ledger, ReadLedger(arguments[4]));
  const core::SystemClock clock;
  core::SystemRandom random;
  journal::RocksJournalOptions options;
  options.directory = arguments[0];
  options.node = arguments[1];
  options.version = "ledger_judge";
  options.ballast_bytes = 0;
  options.free_bytes_min = 0;
  NDX_ASSIGN_OR_RETURN(
      const auto journal,
      journal::RocksJournal::Open(std::move(options), {std::move(signing), std::move(master)},
                                  clock, random));
  std::printf("ok   %s\n", journal->findings().ToString().c_str());
  Judge judge;
  NDX_RETURN_IF_ERROR(judge.Run(*journal, ledger));
  return judge.faults();
}

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: ledger_judge JOURNAL_DIR NODE SIGNING_KEY MASTER_KEY LEDGER\n");
    return 2;
  }
  const auto faults = ndx::tests::JudgeJournal(std::vector<std::string>(argv + 1, argv + argc));
  if (!faults.ok()) {
    std::printf("FAIL %s\n", std::string(faults.status().message()).c_str());
    return 1;
  }
  std::printf("%zu faults\n", *faults);
  return *faults == 0 ? 0 : 1;
}

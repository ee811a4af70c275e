// Judges a journal by the ledger of what callers were told, after all the crashes.
//
//   ledger_judge JOURNAL_DIR NODE SIGNING_KEY MASTER_KEY LEDGER
//
// LEDGER is what ndx-ledgerload wrote. Checked: every acknowledged exchange is in the journal as
// the caller was told, answered once and never twice; every receipt proves its exchange, request
// and answer by the node's public key alone; every payload opens and is what was sent and got; the
// tree of today begins with the tree of every checkpoint in a receipt, so that no crash rewrote
// what was signed; the whole journal verifies. Opens the journal as the node does: the node must
// have ended. Exit code 1 when anything is wrong.
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
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
#include "ndx/land/v1/land_service.pb.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/tools/ledgerload/load_ledger.h"

namespace ndx::tests {
namespace {

using tools::ledgerload::LedgerEntry;
using tools::ledgerload::ReceiptRecord;
using Ledger = std::map<std::string, LedgerEntry>;

constexpr size_t kFaultsShown = 20;
// What cannot be written cannot be on record: the refusals without a leaf. Of the first nothing was
// sent; of the second the caller was told to look the exchange up, whatever is found.
constexpr char kNothingSent[] = "reason=JOURNAL_UNAVAILABLE";
constexpr char kNotRecorded[] = "reason=ANSWER_NOT_RECORDED";

// What the journal has of one exchange.
struct Recorded {
  int answered = 0;
  int other_ends = 0;  // failed, refused, in doubt, resolved
};

class Judge {
 public:
  Judge(const journal::RocksJournal& journal, std::string ledger_path, const Ledger& ledger)
      : journal_(journal), ledger_path_(std::move(ledger_path)), ledger_(ledger) {}

  absl::Status Run();
  size_t faults() const { return faults_; }

 private:
  void Fault(const std::string& text) {
    if (++faults_ <= kFaultsShown) std::printf("FAIL %s\n", text.c_str());
  }
  absl::Status ReadLeaves();
  void CheckOutcomes();
  absl::Status CheckReceipts(const journal::NoteVerifier& verifier);
  absl::Status CheckReceipt(const ReceiptRecord& record, const journal::NoteVerifier& verifier);
  void CheckCheckpoints();

  const journal::RocksJournal& journal_;
  const std::string ledger_path_;
  const Ledger& ledger_;
  size_t faults_ = 0;
  size_t payloads_ = 0;
  std::vector<journal::TreeHash> leaf_hashes_;
  std::map<std::string, Recorded> recorded_;               // by exchange id (text)
  std::map<uint64_t, std::set<journal::TreeHash>> heads_;  // size → roots signed for it
};

absl::Status Judge::ReadLeaves() {
  return journal_.reader().Scan({}, [this](const journal::StoredLeaf& stored) {
    leaf_hashes_.push_back(journal::LeafHash(stored.bytes));
    const auto id = core::ExchangeId::FromBytes(stored.leaf.exchange_id());
    if (!id.ok()) return true;
    Recorded& exchange = recorded_[id->ToString()];
    switch (stored.leaf.event()) {
      case journal::v1::JOURNAL_EVENT_ANSWERED:
        ++exchange.answered;
        break;
      case journal::v1::JOURNAL_EVENT_FAILED:
      case journal::v1::JOURNAL_EVENT_REFUSED:
      case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      case journal::v1::JOURNAL_EVENT_RESOLVED:
        ++exchange.other_ends;
        break;
      default:
        break;
    }
    return true;
  });
}

void Judge::CheckOutcomes() {
  size_t acknowledged = 0;
  size_t answered = 0;
  for (const auto& [id, entry] : ledger_) {
    if (!entry.acked) continue;
    ++acknowledged;
    const Recorded& exchange = recorded_[id];
    if (entry.note == kNotRecorded) continue;
    if (entry.note == kNothingSent) {
      if (exchange.answered > 0) {
        Fault(absl::StrCat("exchange ", id, " was refused to the caller and is answered"));
      }
      continue;
    }
    if (exchange.answered + exchange.other_ends == 0) {
      Fault(absl::StrCat("exchange ", id, " was acknowledged and is not in the journal"));
    } else if (entry.status == 0 && exchange.answered + exchange.other_ends > 0 &&
               exchange.answered != 1 && exchange.other_ends == 0) {
      Fault(absl::StrCat("exchange ", id, " was answered to the caller and ", exchange.answered,
                         " times in the journal"));
    }
  }
  for (const auto& [id, exchange] : recorded_) {
    answered += exchange.answered > 0 ? 1 : 0;
    if (exchange.answered > 1)
      Fault(absl::StrCat("exchange ", id, " is answered ", exchange.answered, " times"));
  }
  std::printf("ok   %zu exchanges sent, %zu acknowledged, %zu answered in the journal\n",
              ledger_.size(), acknowledged, answered);
}

absl::Status Judge::CheckReceipt(const ReceiptRecord& record,
                                 const journal::NoteVerifier& verifier) {
  NDX_ASSIGN_OR_RETURN(const journal::Receipt receipt, journal::ParseReceipt(record.receipt));
  journal::v1::JournalLeaf leaf;
  if (!leaf.ParseFromString(receipt.opening.leaf()))
    return absl::DataLossError("its leaf cannot be read");
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrReplaceAll(absl::StripPrefix(leaf.method(), "/"), {{"/", "."}}));
  if (method == nullptr)
    return absl::DataLossError(
        absl::StrCat("its method ", leaf.method(), " is not one of the load"));
  journal::ReceiptChecks checks;
  checks.vkey = verifier.vkey();
  // What was refused before it was opened is on record without its payload.
  if (leaf.request().parts() > 0) {
    checks.request = {.messages = {record.request}, .descriptor = method->input_type()};
  }
  if (leaf.response().parts() > 0) {
    checks.response = {.messages = {record.answer}, .descriptor = method->output_type()};
  }
  NDX_ASSIGN_OR_RETURN(const journal::VerifiedReceipt verified,
                       journal::VerifyReceipt(record.receipt, checks));
  NDX_ASSIGN_OR_RETURN(const core::ExchangeId id,
                       core::ExchangeId::FromBytes(verified.leaf.exchange_id()));
  if (id.ToString() != record.exchange_id) return absl::DataLossError("it is another exchange's");
  if (leaf.event() == journal::v1::JOURNAL_EVENT_ANSWERED) {
    // A provider's own error comes without a message.
    const bool message = leaf.grpc_status() == 0;
    if (!verified.request_checked || verified.response_checked != message) {
      return absl::DataLossError(
          absl::StrCat("it does not prove request and answer; status ", leaf.grpc_status()));
    }
    NDX_ASSIGN_OR_RETURN(const auto payload, journal_.reader().OpenPayload(verified.index));
    if (payload.request != std::vector<std::string>{record.request} ||
        payload.response !=
            (message ? std::vector<std::string>{record.answer} : std::vector<std::string>())) {
      return absl::DataLossError("its payload is not what was sent and got");
    }
    ++payloads_;
  }
  const journal::NoteVerifier verifiers[] = {verifier};
  NDX_ASSIGN_OR_RETURN(const journal::Checkpoint checkpoint,
                       journal::OpenCheckpoint(receipt.checkpoint, verifiers));
  heads_[checkpoint.head.size].insert(checkpoint.head.root);
  return absl::OkStatus();
}

absl::Status Judge::CheckReceipts(const journal::NoteVerifier& verifier) {
  size_t receipts = 0;
  for (const auto& [id, entry] : ledger_) {
    if (!entry.acked || !entry.has_receipt) {
      if (entry.acked && entry.status == 0)
        Fault(absl::StrCat("exchange ", id, " was answered without a receipt"));
      continue;
    }
    ++receipts;
    NDX_ASSIGN_OR_RETURN(const ReceiptRecord record,
                         tools::ledgerload::ReadReceipt(ledger_path_, entry.receipt_offset));
    const absl::Status status = CheckReceipt(record, verifier);
    if (!status.ok()) Fault(absl::StrCat("receipt of ", id, ": ", std::string(status.message())));
  }
  std::printf("ok   %zu receipts looked at, %zu checkpoints in them, %zu payloads opened\n",
              receipts, heads_.size(), payloads_);
  return absl::OkStatus();
}

void Judge::CheckCheckpoints() {
  // Roots of the complete subtrees so far, largest first: the tree grows leaf by leaf past every
  // checkpoint.
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
    if (head->second != std::set<journal::TreeHash>{root}) {
      Fault(absl::StrCat("the tree of ", size, " leaves is not the one that was signed"));
    }
    ++head;
  }
  if (head != heads_.end()) {
    Fault(absl::StrCat("a checkpoint of ", heads_.rbegin()->first,
                       " leaves was signed; the journal has ", size));
  }
  std::printf("ok   the tree of %zu leaves was held against every checkpoint\n",
              leaf_hashes_.size());
}

absl::Status Judge::Run() {
  NDX_RETURN_IF_ERROR(ReadLeaves());
  CheckOutcomes();
  NDX_ASSIGN_OR_RETURN(const journal::NoteVerifier verifier,
                       journal::NoteVerifier::FromVkey(journal_.vkey()));
  NDX_RETURN_IF_ERROR(CheckReceipts(verifier));
  CheckCheckpoints();
  NDX_ASSIGN_OR_RETURN(
      const journal::VerifyReport report,
      journal::VerifyJournal(journal_, {.vkeys = {journal_.vkey()}, .progress = {}}));
  for (const auto& problem : report.problems) Fault(problem.ToString());
  std::printf("ok   the journal was verified to %llu leaves\n",
              static_cast<unsigned long long>(report.leaves));
  return absl::OkStatus();
}

absl::StatusOr<size_t> JudgeJournal(const std::vector<std::string>& arguments) {
  NDX_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey signing, crypto::ReadEd25519KeyFile(arguments[2]));
  NDX_ASSIGN_OR_RETURN(crypto::SecretBytes master, crypto::ReadAesKeyFile(arguments[3]));
  NDX_ASSIGN_OR_RETURN(const Ledger ledger, tools::ledgerload::ReadLedger(arguments[4]));
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
  Judge judge(*journal, arguments[4], ledger);
  NDX_RETURN_IF_ERROR(judge.Run());
  return judge.faults();
}

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: ledger_judge JOURNAL_DIR NODE SIGNING_KEY MASTER_KEY LEDGER\n");
    return 2;
  }
  // Their descriptors are found by name, which a linker does not see.
  (void)ndx::land::v1::RegisterChangeRequest::descriptor();
  (void)ndx::population::v1::VerifyCitizenRequest::descriptor();
  const auto faults = ndx::tests::JudgeJournal(std::vector<std::string>(argv + 1, argv + argc));
  if (!faults.ok()) {
    std::printf("FAIL %s\n", std::string(faults.status().message()).c_str());
    return 1;
  }
  std::printf("%zu faults\n", *faults);
  return *faults == 0 ? 0 : 1;
}

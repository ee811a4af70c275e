// What a load source sent and what it was told: a text file that is complete up to its last line at
// any moment, and beside it a file with the receipts. README.md has both formats.
//
// Thread-safety: thread-compatible.
// Ownership: one process writes a ledger.
// Durability: each line is one write(2) to a file opened for appending; it survives the death of
// this process and of the target, not that of the machine. Errors: kUnavailable (the file cannot be
// opened or written), kDataLoss (a ledger that cannot be read back).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/exchange_id.h"

namespace ndx::tools::ledgerload {

// Bytes of one field of a record in the receipts file; a record has four.
inline constexpr uint32_t kReceiptFieldBytesMax = uint32_t{64} << 20;

enum class ExchangeKind { kRead, kChange };

// What the caller keeps of an answer, to prove it later.
struct ReceiptRecord {
  std::string exchange_id;  // text
  std::string receipt;      // the trailer ndx-receipt-bin
  std::string request;      // the message sent
  std::string answer;       // the message received; empty where the answer is an error

  friend bool operator==(const ReceiptRecord&, const ReceiptRecord&) = default;
};

class LoadLedger {
 public:
  // Appends to the file at path and to path.receipts; both are made where absent.
  static absl::StatusOr<std::unique_ptr<LoadLedger>> Open(const std::string& path);
  ~LoadLedger();
  LoadLedger(const LoadLedger&) = delete;
  LoadLedger& operator=(const LoadLedger&) = delete;

  // The exchange is about to be sent.
  absl::Status Sent(const core::ExchangeId& id, ExchangeKind kind);

  // The same exchange is about to be sent again.
  absl::Status Resent(const core::ExchangeId& id);

  // It was answered with this gRPC status. The record is kept where it has a receipt. note is one
  // word about the answer, such as registered=17 or reason=NO_GRANT; may be empty.
  absl::Status Acked(const core::ExchangeId& id, int status, const ReceiptRecord& record,
                     absl::string_view note);

  // It was not answered; sent says whether it may have been carried out.
  absl::Status Lost(const core::ExchangeId& id, bool sent);

 private:
  LoadLedger(int ledger_fd, int receipts_fd, uint64_t receipts_end)
      : ledger_fd_(ledger_fd), receipts_fd_(receipts_fd), receipts_end_(receipts_end) {}
  absl::StatusOr<uint64_t> Keep(const ReceiptRecord& record);

  const int ledger_fd_;
  const int receipts_fd_;
  uint64_t receipts_end_;
};

// One exchange as the ledger has it.
struct LedgerEntry {
  ExchangeKind kind = ExchangeKind::kRead;
  uint32_t sendings = 0;
  uint32_t losses = 0;
  bool maybe_carried_out = false;  // at least one loss after it was sent
  bool acked = false;
  int status = 0;
  bool has_receipt = false;
  uint64_t receipt_offset = 0;
  std::string note;
};

// A ledger read back, by exchange id (text). kDataLoss names the line that is not one, except for a
// last line without its end.
absl::StatusOr<std::map<std::string, LedgerEntry>> ReadLedger(const std::string& path);

// The record at an offset of path.receipts.
absl::StatusOr<ReceiptRecord> ReadReceipt(const std::string& ledger_path, uint64_t offset);

}  // namespace ndx::tools::ledgerload

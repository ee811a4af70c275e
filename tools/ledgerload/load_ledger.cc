#include "ndx/tools/ledgerload/load_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"

namespace ndx::tools::ledgerload {
namespace {

constexpr char kReceiptsEnding[] = ".receipts";
constexpr mode_t kFileMode = 0600;  // requests and answers hold what the databases hold

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::UnavailableError(absl::StrCat("ledger: ", std::strerror(errno)));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> OpenToAppend(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
  if (fd < 0) return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
  return fd;
}

// 32-bit big-endian length and the bytes.
void AppendField(absl::string_view field, std::string& out) {
  const auto size = static_cast<uint32_t>(field.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
  out.append(field.data(), field.size());
}

absl::StatusOr<std::string> ReadField(std::istream& file) {
  unsigned char prefix[4] = {};
  file.read(reinterpret_cast<char*>(prefix), sizeof(prefix));
  uint32_t size = 0;
  for (const unsigned char byte : prefix) size = size << 8 | byte;
  if (!file || size > kReceiptFieldBytesMax) return absl::DataLossError("receipts: no record here");
  std::string field(size, '\0');
  file.read(field.data(), size);
  if (!file) return absl::DataLossError("receipts: a record that is cut off");
  return field;
}

using Words = std::vector<absl::string_view>;

bool ReadAcked(const Words& words, LedgerEntry& entry) {
  if (words.size() < 4 || words.size() > 5 || !absl::SimpleAtoi(words[2], &entry.status))
    return false;
  entry.acked = true;
  entry.has_receipt = words[3] != "-";
  if (entry.has_receipt && !absl::SimpleAtoi(words[3], &entry.receipt_offset)) return false;
  entry.note = words.size() == 5 ? std::string(words[4]) : std::string();
  return true;
}

// False for what is no line of a ledger.
bool ReadLine(absl::string_view line, std::map<std::string, LedgerEntry>& ledger) {
  const Words words = absl::StrSplit(line, ' ');
  if (words.size() < 2 || !core::ExchangeId::Parse(words[1]).ok()) return false;
  const std::string id(words[1]);
  if (words[0] == "sent") {
    if (words.size() != 3 || (words[2] != "read" && words[2] != "change") || ledger.count(id) != 0)
      return false;
    LedgerEntry& entry = ledger[id];
    entry.kind = words[2] == "change" ? ExchangeKind::kChange : ExchangeKind::kRead;
    entry.sendings = 1;
    return true;
  }
  const auto found = ledger.find(id);
  if (found == ledger.end() || found->second.acked) return false;
  LedgerEntry& entry = found->second;
  if (words[0] == "resent") {
    ++entry.sendings;
    return words.size() == 2;
  }
  if (words[0] == "lost") {
    if (words.size() != 3 || (words[2] != "unknown" && words[2] != "not-sent")) return false;
    ++entry.losses;
    entry.maybe_carried_out = entry.maybe_carried_out || words[2] == "unknown";
    return true;
  }
  return words[0] == "acked" && ReadAcked(words, entry);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoadLedger>> LoadLedger::Open(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(const int ledger, OpenToAppend(path));
  const absl::StatusOr<int> receipts = OpenToAppend(path + kReceiptsEnding);
  if (!receipts.ok()) {
    ::close(ledger);
    return receipts.status();
  }
  const off_t end = ::lseek(*receipts, 0, SEEK_END);
  if (end < 0) {
    ::close(ledger);
    ::close(*receipts);
    return absl::UnavailableError(absl::StrCat(path, kReceiptsEnding, ": ", std::strerror(errno)));
  }
  return std::unique_ptr<LoadLedger>(new LoadLedger(ledger, *receipts, static_cast<uint64_t>(end)));
}

LoadLedger::~LoadLedger() {
  ::close(ledger_fd_);
  ::close(receipts_fd_);
}

absl::Status LoadLedger::Sent(const core::ExchangeId& id, ExchangeKind kind) {
  return WriteAll(ledger_fd_,
                  absl::StrCat("sent ", id.ToString(),
                               kind == ExchangeKind::kChange ? " change\n" : " read\n"));
}

absl::Status LoadLedger::Resent(const core::ExchangeId& id) {
  return WriteAll(ledger_fd_, absl::StrCat("resent ", id.ToString(), "\n"));
}

absl::Status LoadLedger::Acked(const core::ExchangeId& id, int status, const ReceiptRecord& record,
                               absl::string_view note) {
  std::string offset = "-";
  if (!record.receipt.empty()) {
    NDX_ASSIGN_OR_RETURN(const uint64_t at, Keep(record));
    offset = absl::StrCat(at);
  }
  return WriteAll(ledger_fd_, absl::StrCat("acked ", id.ToString(), " ", status, " ", offset,
                                           note.empty() ? "" : " ", note, "\n"));
}

absl::Status LoadLedger::Lost(const core::ExchangeId& id, bool sent) {
  return WriteAll(ledger_fd_,
                  absl::StrCat("lost ", id.ToString(), sent ? " unknown\n" : " not-sent\n"));
}

absl::StatusOr<uint64_t> LoadLedger::Keep(const ReceiptRecord& record) {
  std::string bytes;
  for (const std::string* field :
       {&record.exchange_id, &record.receipt, &record.request, &record.answer}) {
    NDX_CHECK(field->size() <= kReceiptFieldBytesMax);
    AppendField(*field, bytes);
  }
  const uint64_t at = receipts_end_;
  NDX_RETURN_IF_ERROR(WriteAll(receipts_fd_, bytes));
  receipts_end_ += bytes.size();
  return at;
}

absl::StatusOr<std::map<std::string, LedgerEntry>> ReadLedger(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  std::map<std::string, LedgerEntry> ledger;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (file.eof()) break;  // no line end: the source died while it wrote
    if (!ReadLine(line, ledger)) {
      return absl::DataLossError(absl::StrCat(path, ":", number, ": not a line of a ledger"));
    }
  }
  return ledger;
}

absl::StatusOr<ReceiptRecord> ReadReceipt(const std::string& ledger_path, uint64_t offset) {
  std::ifstream file(ledger_path + kReceiptsEnding, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file) return absl::DataLossError("receipts: no record here");
  ReceiptRecord record;
  for (std::string* field :
       {&record.exchange_id, &record.receipt, &record.request, &record.answer}) {
    NDX_ASSIGN_OR_RETURN(*field, ReadField(file));
  }
  return record;
}

}  // namespace ndx::tools::ledgerload

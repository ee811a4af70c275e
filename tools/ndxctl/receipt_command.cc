// ndxctl receipt verify and get.
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/journal/receipt.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/key_files.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

struct VerifyOptions {
  std::string receipt_file;
  std::string key_file;
};

std::string IdText(const journal::v1::JournalLeaf& leaf) {
  const auto id = core::ExchangeId::FromBytes(leaf.exchange_id());
  return id.ok() ? id->ToString() : "";
}

// By the first of the keys that does it; where none does, the first one's verdict.
absl::StatusOr<journal::VerifiedReceipt> VerifyByAny(const std::string& receipt,
                                                     const std::vector<std::string>& vkeys) {
  auto first = journal::VerifyReceipt(receipt, {.vkey = vkeys.front()});
  for (const std::string& vkey : vkeys) {
    if (first.ok()) break;
    auto other = journal::VerifyReceipt(receipt, {.vkey = vkey});
    if (other.ok()) first = std::move(other);
  }
  return first;
}

ExitCode Verify(CommandLine& line, const VerifyOptions& options) {
  Terminal& terminal = line.terminal();
  const auto receipt = ReadFile(options.receipt_file);
  if (!receipt.ok()) {
    return Complain(terminal, std::string(receipt.status().message()), ExitCode::kUsage);
  }
  const auto vkeys = ReadVkeys({options.key_file});
  if (!vkeys.ok()) {
    return Complain(terminal, std::string(vkeys.status().message()), ExitCode::kUsage);
  }
  const auto verified = VerifyByAny(*receipt, *vkeys);
  if (!verified.ok()) {
    terminal.out << terminal.Paint(terminal.Say("NOT VALID", "KHÔNG HỢP LỆ"), Colour::kBad) << "  "
                 << Printable(std::string(verified.status().message())) << "\n";
    return ExitCode::kNotIntact;
  }
  if (terminal.json()) {
    terminal.PrintJson(verified->leaf);
    return ExitCode::kOk;
  }
  const journal::v1::JournalLeaf& leaf = verified->leaf;
  terminal.out << terminal.Paint(terminal.Say("valid", "hợp lệ"), Colour::kGood) << "  "
               << verified->origin << ", " << terminal.Say("leaf ", "bản ghi ") << verified->index
               << " / " << verified->tree_size << "\n"
               << EventName(leaf.event()) << "  " << IdText(leaf) << "  "
               << TimeText(absl::FromUnixNanos(leaf.time_unix_ns())) << "\n"
               << leaf.consumer() << " → " << leaf.provider() << "  " << leaf.method() << "\n";
  for (const std::string& checked : verified->checked) {
    terminal.out << "  " << Printable(checked) << "\n";
  }
  return ExitCode::kOk;
}

struct GetOptions {
  std::string exchange_id;
  std::string consumer;
  std::string file;
};

ExitCode Get(CommandLine& line, const GetOptions& options) {
  api::GetReceiptRequest request;
  request.set_exchange_id(options.exchange_id);
  request.set_consumer(options.consumer);
  api::GetReceiptResponse response;
  const grpc::Status status =
      line.client().Call(&OperatorClient::Stub::GetReceipt, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  if (options.file.empty()) {
    line.terminal().out << response.receipt().tlog_proof();
    return ExitCode::kOk;
  }
  std::ofstream out(options.file, std::ios::binary);
  out << response.receipt().tlog_proof();
  out.close();
  if (!out) return Complain(line.terminal(), options.file + " cannot be written", ExitCode::kUsage);
  return ExitCode::kOk;
}

}  // namespace

void AddReceiptCommand(CommandLine& line) {
  command_options::Command receipt =
      line.program().AddCommand("receipt", "Receipts (xác nhận giao dịch) of exchanges");
  receipt.RequireCommand();

  auto verify = std::make_shared<VerifyOptions>();
  command_options::Command verify_command = receipt.AddCommand(
      "verify", "Verifies a receipt against the node's public key; needs no node");
  verify_command.AddOption("file", verify->receipt_file, "The receipt").Required();
  verify_command.AddOption("--key", verify->key_file, "File with the node's public key (vkey)")
      .Required();
  line.Bind(verify_command, "  ndxctl receipt verify answer.receipt --key node.vkey",
            [&line, verify] { return Verify(line, *verify); });

  auto get = std::make_shared<GetOptions>();
  command_options::Command get_command =
      receipt.AddCommand("get", "Fetches the receipt of an exchange");
  get_command.AddOption("exchange", get->exchange_id, "Exchange id (mã giao dịch)").Required();
  get_command.AddOption("--consumer", get->consumer, "Where several systems used the id");
  get_command.AddOption("--file", get->file, "Where to; standard output where not given");
  line.Bind(get_command,
            "  ndxctl receipt get 01930a5d-ac96-774b-bcce-b302099a8057 --file answer.receipt",
            [&line, get] { return Get(line, *get); });
}

}  // namespace ndx::tools::ndxctl

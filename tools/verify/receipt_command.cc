// ndx-verify receipt: one receipt (xác nhận giao dịch) with, optionally, what was sent and got.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/verify/input_file.h"
#include "ndx/tools/verify/receipt_verification.h"
#include "ndx/tools/verify/verify_line.h"

namespace ndx::tools::verify {
namespace {

struct ReceiptOptions {
  std::string key_file;
  std::string receipt_file;
  std::vector<std::string> request_files;
  std::vector<std::string> response_files;
  std::string signature_file;
  std::vector<std::string> signer_key_files;
  std::string descriptors_file;
};

absl::StatusOr<std::optional<std::vector<std::string>>> ReadMessages(
    const std::vector<std::string>& files) {
  if (files.empty()) return std::optional<std::vector<std::string>>();
  std::vector<std::string> messages;
  for (const std::string& file : files) {
    NDX_ASSIGN_OR_RETURN(std::string message, ReadInput(file));
    messages.push_back(std::move(message));
  }
  return std::optional(std::move(messages));
}

absl::Status CheckReceiptFile(const ReceiptOptions& options, Verdict& verdict) {
  NDX_ASSIGN_OR_RETURN(const auto keys, ReadKeys(options.key_file));
  NDX_ASSIGN_OR_RETURN(const std::string receipt, ReadInput(options.receipt_file));
  GivenMessages given;
  NDX_ASSIGN_OR_RETURN(given.request, ReadMessages(options.request_files));
  NDX_ASSIGN_OR_RETURN(given.response, ReadMessages(options.response_files));
  if (!options.signature_file.empty()) {
    NDX_ASSIGN_OR_RETURN(given.consumer_signature, ReadInput(options.signature_file));
  }
  NDX_ASSIGN_OR_RETURN(given.signer_keys, ReadSignerKeys(options.signer_key_files));
  std::unique_ptr<MessageTypes> types;
  if (!options.descriptors_file.empty()) {
    NDX_ASSIGN_OR_RETURN(const std::string set, ReadInput(options.descriptors_file));
    NDX_ASSIGN_OR_RETURN(types, MessageTypes::FromSet(set));
    given.types = types.get();
  }
  if (CheckReceipt(receipt, keys, given, verdict).has_value()) {
    verdict.NotChecked(
        {"whether the log still holds it: give the receipt to 'tiles' with --earlier",
         "nhật ký hiện còn giữ bản ghi này hay không: dùng lệnh 'tiles' với --earlier"});
  }
  return absl::OkStatus();
}

}  // namespace

void AddReceiptCommand(VerifyLine& line) {
  auto options = std::make_shared<ReceiptOptions>();
  command_options::Command command = line.program().AddCommand(
      "receipt", "A receipt of an exchange (xác nhận giao dịch), C2SP tlog-proof");
  command.AddOption("--key-file", options->key_file, "Public keys, one vkey a line").Required();
  command
      .AddOption("--request", options->request_files,
                 "File with what was sent, one serialized message; repeated for a stream")
      .OneEachTime();
  command.AddOption("--response", options->response_files, "File with what was got, likewise")
      .OneEachTime();
  command.AddOption("--signature", options->signature_file,
                    "File with the caller's own signature over the request (ndx-signature-bin)");
  command
      .AddOption("--signer-key", options->signer_key_files,
                 "PEM file with a public key registered for the caller's system; repeated")
      .OneEachTime();
  command.AddOption("--descriptors", options->descriptors_file,
                    "Descriptor set of the service; needed where messages are lists of persons");
  command.AddOption("receipt", options->receipt_file, "The receipt; '-' for standard input")
      .Required();
  line.Bind(command,
            "  ndx-verify receipt --key-file node.vkey answer.receipt\n"
            "  ndx-verify receipt --key-file node.vkey --response answer.bin answer.receipt\n"
            "  ndx-verify receipt --key-file node.vkey --request request.bin --signature "
            "request.jws \\\n      --signer-key mot-cua.pub.pem answer.receipt",
            [options](Verdict& verdict) { return CheckReceiptFile(*options, verdict); });
}

}  // namespace ndx::tools::verify

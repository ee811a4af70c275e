// ndxctl journal key and rotate-key: the keys by which the journal is verified, and the next one.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

using KeyStub = OperatorClient::KeyStub;

struct KeyOptions {
  bool details = false;
  bool handover = false;
};

absl::string_view StateText(const api::JournalKey& key, const Terminal& terminal) {
  switch (key.state()) {
    case api::JOURNAL_KEY_STATE_NEXT:
      return terminal.Say("next, signs nothing yet", "kế tiếp, chưa ký");
    case api::JOURNAL_KEY_STATE_CURRENT:
      return terminal.Say("current", "đang ký");
    case api::JOURNAL_KEY_STATE_OVERLAP:
      return terminal.Say("before it, still signs", "khóa trước, còn ký song song");
    default:
      return terminal.Say("former", "khóa cũ");
  }
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds());
}

void PrintDetails(const api::ListJournalKeysResponse& keys, Terminal& terminal) {
  for (const api::JournalKey& key : keys.keys()) {
    terminal.out << Printable(key.vkey()) << "\n  " << StateText(key, terminal);
    if (key.leaf_index_plus_one() > 0) {
      terminal.out << "; " << terminal.Say("since leaf ", "từ bản ghi ")
                   << key.leaf_index_plus_one() - 1;
    }
    if (key.has_signs_until()) {
      terminal.out << "; " << terminal.Say("until ", "đến ") << TimeText(TimeOf(key.signs_until()));
    }
    terminal.out << "\n";
  }
  terminal.out << terminal.Say("master key ", "khóa chủ ") << Printable(keys.master_key_id())
               << "\n";
}

// The public keys alone, ready to be kept in a file: the one that signs first.
void PrintVkeys(const api::ListJournalKeysResponse& keys, Terminal& terminal) {
  for (const bool next : {false, true}) {
    for (const api::JournalKey& key : keys.keys()) {
      if ((key.state() == api::JOURNAL_KEY_STATE_NEXT) == next) terminal.out << key.vkey() << "\n";
    }
  }
}

ExitCode PrintHandover(const api::ListJournalKeysResponse& keys, Terminal& terminal) {
  for (const api::JournalKey& key : keys.keys()) {
    if (key.state() != api::JOURNAL_KEY_STATE_CURRENT) continue;
    if (key.handover().empty()) break;
    terminal.out << key.handover();
    return ExitCode::kOk;
  }
  return Complain(terminal,
                  std::string(terminal.Say("the key that signs is the first one, or followed "
                                           "another without an overlap: there is no handover",
                                           "khóa đang ký là khóa đầu tiên, hoặc thay khóa không có "
                                           "giai đoạn song song: không có biên nhận bàn giao")),
                  ExitCode::kFailed);
}

ExitCode PrintKeys(CommandLine& line, const KeyOptions& options) {
  api::ListJournalKeysResponse keys;
  const grpc::Status called = line.client().Call(&KeyStub::ListJournalKeys, {}, keys);
  if (!called.ok()) return Report(line.terminal(), called);
  if (options.handover) return PrintHandover(keys, line.terminal());
  if (line.terminal().json()) {
    line.terminal().PrintJson(keys);
  } else if (options.details) {
    PrintDetails(keys, line.terminal());
  } else {
    PrintVkeys(keys, line.terminal());
  }
  return ExitCode::kOk;
}

ExitCode Rotate(CommandLine& line, const std::string& reason) {
  api::RotateSigningKeyRequest request;
  request.set_reason(reason);
  api::RotateSigningKeyResponse response;
  const grpc::Status called = line.client().Call(&KeyStub::RotateSigningKey, request, response);
  if (!called.ok()) return Report(line.terminal(), called);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(response);
    return ExitCode::kOk;
  }
  terminal.out << terminal.Say("signs from leaf ", "ký từ bản ghi ") << response.leaf_index()
               << terminal.Say(" on: ", ": ") << Printable(response.vkey()) << "\n"
               << terminal.Say("the key before signs beside it until ",
                               "khóa trước còn ký song song đến ")
               << TimeText(TimeOf(response.overlap_until())) << "\n"
               << terminal.Say(
                      "give the new key to witnesses and auditors (ndxctl journal key); when the "
                      "overlap has ended make it journal.signing_key",
                      "gửi khóa mới cho bên chứng kiến và kiểm toán (ndxctl journal key); hết giai "
                      "đoạn song song thì đặt làm journal.signing_key")
               << "\n";
  return ExitCode::kOk;
}

}  // namespace

void AddJournalKeys(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<KeyOptions>();
  command_options::Command key = journal.AddCommand(
      "key", "Prints the public keys (vkey) by which receipts and journal are verified");
  key.AddFlag("--details", options->details, "Since when and until when each signs");
  key.AddFlag("--handover", options->handover,
              "The receipt by which the key before vouches for the one that signs");
  line.Bind(key,
            "  ndxctl journal key > node.vkey\n"
            "  ndxctl journal key --details\n"
            "  ndxctl journal key --handover > handover.receipt",
            [&line, options] { return PrintKeys(line, *options); });

  auto reason = std::make_shared<std::string>();
  command_options::Command rotate = journal.AddCommand(
      "rotate-key", "Puts the settings' next signing key into use (thay khóa ký)");
  rotate.AddOption("--reason", *reason, "Why; stands in the journal").Required();
  line.Bind(rotate, "  ndxctl journal rotate-key --reason 'decision 12/QD-A05'",
            [&line, reason] { return Rotate(line, *reason); });
}

}  // namespace ndx::tools::ndxctl

// ndxctl journal backup, restore, accept: a copy of a running node's journal, and the way back.
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/journal/journal_restore.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/json_object.h"
#include "ndx/tools/ndxctl/key_files.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

struct BackupOptions {
  std::string directory;
  std::string keys;
  uint32_t keys_days = 7;
};

// The node is on this machine and works in another directory.
std::string Absolute(const std::string& path) {
  std::error_code error;
  return path.empty() ? path : std::filesystem::absolute(path, error).lexically_normal().string();
}

void PrintBackup(const api::BackUpJournalResponse& result, const BackupOptions& options,
                 Terminal& terminal) {
  if (terminal.json()) {
    terminal.PrintJson(result);
    return;
  }
  terminal.out << result.origin() << ": " << result.tree_size() << " "
               << terminal.Say("signed leaves backed up to", "bản ghi đã ký được sao lưu vào")
               << " " << options.directory << " (" << result.files() << " "
               << terminal.Say("files", "tệp") << ", " << result.bytes_done() << " "
               << terminal.Say("bytes", "byte") << ")\n";
  if (options.keys.empty()) {
    terminal.out << terminal.Say(
        "without keys: records, proofs and receipts can be restored, payloads cannot (--keys "
        "DIR)\n",
        "không kèm khoá: khôi phục được bản ghi, chứng minh và xác nhận, không mở được nội dung "
        "(--keys DIR)\n");
  } else {
    terminal.out << terminal.Say("keys: ", "khoá: ") << options.keys
                 << terminal.Say(", to be destroyed by ", ", phải huỷ trước ")
                 << TimeText(result.keys_not_after())
                 << terminal.Say(": persons erased later come back with them\n",
                                 ": người đã được xoá dữ liệu sau đó sẽ hiện lại cùng khoá này\n");
  }
  for (const std::string& one : result.left_out()) {
    terminal.err << terminal.Say("ndxctl: left out, damaged: ", "ndxctl: bỏ qua vì hỏng: ") << one
                 << "\n";
  }
}

ExitCode Backup(CommandLine& line, const BackupOptions& options) {
  api::BackUpJournalRequest request;
  request.set_directory(Absolute(options.directory));
  request.set_keys_directory(Absolute(options.keys));
  request.set_keys_days(options.keys_days);
  grpc::ClientContext context;
  const auto stream = line.client().backup_stub().BackUpJournal(&context, request);
  api::BackUpJournalResponse response;
  api::BackUpJournalResponse result;
  while (stream->Read(&response)) {
    if (response.done()) {
      result = response;
    } else if (line.terminal().colours) {
      line.terminal().err << "\r" << response.bytes_done() << " / " << response.bytes_total()
                          << "\r";
    }
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return Report(line.terminal(), status);
  PrintBackup(result, options, line.terminal());
  return ExitCode::kOk;
}

struct RestoreOptions {
  journal::RestoreOptions restore;
  std::vector<std::string> key_files;
};

void PrintRestored(const journal::RestoreSummary& summary, const std::string& to,
                   Terminal& terminal) {
  if (terminal.json()) {
    JsonObject object;
    object.Add("origin", summary.origin);
    object.Add("made", summary.made);
    object.Add("tree_size", absl::StrCat(summary.tree_size));
    object.Add("leaves", absl::StrCat(summary.verified.leaves));
    object.Add("with_keys", summary.with_keys ? "true" : "false");
    object.Add("subjects_erased", absl::StrCat(summary.subjects_erased));
    object.Add("exchanges_erased", absl::StrCat(summary.exchanges_erased));
    terminal.out << object.ToString() << "\n";
    return;
  }
  terminal.out << summary.origin << ": " << summary.verified.leaves << " "
               << terminal.Say("leaves restored and verified, as of",
                               "bản ghi đã khôi phục và kiểm tra, thời điểm")
               << " " << summary.made << "\n";
  if (summary.subjects_erased + summary.exchanges_erased > 0) {
    terminal.out << terminal.Say("erased again: subjects ", "xoá lại: chủ thể ")
                 << summary.subjects_erased << terminal.Say(", exchanges ", ", giao dịch ")
                 << summary.exchanges_erased << "\n";
  }
  if (!summary.with_keys) {
    terminal.out << terminal.Say(
        "without keys: no payload can be opened; this epoch cannot go on\n",
        "không có khoá: không mở được nội dung; kỷ nguyên này không nối "
        "tiếp được\n");
  }
  terminal.out << terminal.Say(
                      "it is an older copy; no node serves with it until one of:\n  ",
                      "đây là bản cũ; nút không phục vụ với bản này cho đến khi thực hiện:\n  ")
               << "ndxctl journal accept --directory " << to << " --key FILE --known FILE\n  "
               << "ndxd --config FILE --open-new-epoch\n";
}

ExitCode Restore(CommandLine& line, RestoreOptions& options) {
  Terminal& terminal = line.terminal();
  const auto vkeys = ReadVkeys(options.key_files);
  if (!vkeys.ok()) {
    return Complain(terminal, std::string(vkeys.status().message()), ExitCode::kUsage);
  }
  options.restore.vkeys = *vkeys;
  options.restore.now = line.clock().Now();
  options.restore.to = Absolute(options.restore.to);
  options.restore.progress = [&terminal](uint64_t done, uint64_t all) {
    if (terminal.colours) terminal.err << "\r" << done << " / " << all << "\r";
    return true;
  };
  const auto summary = journal::RestoreJournal(options.restore);
  if (!summary.ok()) return Explain(summary.status(), terminal);
  PrintRestored(*summary, options.restore.to, terminal);
  return ExitCode::kOk;
}

struct AcceptOptions {
  std::string directory;
  std::vector<std::string> key_files;
  std::vector<std::string> known;
};

ExitCode Accept(CommandLine& line, const AcceptOptions& options) {
  Terminal& terminal = line.terminal();
  const auto vkeys = ReadVkeys(options.key_files);
  if (!vkeys.ok()) {
    return Complain(terminal, std::string(vkeys.status().message()), ExitCode::kUsage);
  }
  const auto noted =
      journal::AcceptRestoredJournal(options.directory, *vkeys, options.known, line.clock().Now());
  if (!noted.ok()) return Explain(noted.status(), terminal);
  terminal.out << *noted
               << terminal.Say("; stands in the record of the next start\n",
                               "; sẽ ghi vào bản ghi của lần khởi động tới\n");
  return ExitCode::kOk;
}

void AddBackup(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<BackupOptions>();
  command_options::Command command = journal.AddCommand(
      "backup", "Copies the journal of the running node (sao lưu); keys apart or not at all");
  command.AddOption("directory", options->directory, "New directory on the node's machine")
      .Required();
  command.AddOption("--keys", options->keys,
                    "Another new directory, for the wrapped keys; keep it elsewhere, and short");
  command.AddOption("--keys-days", options->keys_days, "Days until the keys may not be restored")
      .Range(1, 90)
      .ShowDefault();
  line.Bind(command,
            "  ndxctl journal backup /backup/2026-03-01\n"
            "  ndxctl journal backup /backup/2026-03-01 --keys /keys/2026-03-01 --keys-days 3",
            [&line, options] { return Backup(line, *options); });
}

void AddRestore(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<RestoreOptions>();
  journal::RestoreOptions& restore = options->restore;
  command_options::Command command = journal.AddCommand(
      "restore", "Makes a journal's directory from a backup (khôi phục); needs no node");
  command.AddOption("--from", restore.from, "The backup's directory").Required();
  command.AddOption("--keys", restore.keys_directory, "The directory of its keys");
  command.AddOption("--to", restore.to, "New or empty directory of the journal").Required();
  command.AddOption("--key", options->key_files, "File with the node's public key (vkey)")
      .Required()
      .OneEachTime();
  command.AddOption("--erased-by", restore.erased_by,
                    "The later journal's directory, even damaged: what was erased in it since the "
                    "backup is erased again");
  command.AddFlag("--take-expired-keys", restore.take_expired_keys,
                  "Take keys past their day; persons erased since then come back");
  line.Bind(command,
            "  ndxctl journal restore --from /backup/2026-03-01 --to /var/lib/ndx/journal --key "
            "node.vkey\n"
            "  ndxctl journal restore --from /backup/2026-03-01 --keys /keys/2026-03-01 --to "
            "/var/lib/ndx/journal --key node.vkey --erased-by /var/lib/ndx/journal.damaged",
            [&line, options] { return Restore(line, *options); });
}

void AddAccept(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<AcceptOptions>();
  command_options::Command command = journal.AddCommand(
      "accept",
      "Accepts that nothing came after a restored journal, so that a node serves with it");
  command.AddOption("--directory", options->directory, "The restored journal").Required();
  command.AddOption("--key", options->key_files, "File with the node's public key (vkey)")
      .Required()
      .OneEachTime();
  command
      .AddOption("--known", options->known,
                 "The newest receipt, checkpoint or checkpoint file that anybody has")
      .Required();
  line.Bind(command,
            "  ndxctl journal accept --directory /var/lib/ndx/journal --key node.vkey --known "
            "/var/lib/ndx/journal.damaged/epoch-0001/checkpoint last-answer.receipt",
            [&line, options] { return Accept(line, *options); });
}

}  // namespace

void AddJournalBackup(CommandLine& line, command_options::Command& journal) {
  AddBackup(line, journal);
  AddRestore(line, journal);
  AddAccept(line, journal);
}

}  // namespace ndx::tools::ndxctl

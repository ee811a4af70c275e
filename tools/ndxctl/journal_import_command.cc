// ndxctl journal import: exports of a journal, proved and merged, on an auditor's machine.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/journal/journal_import.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/json_object.h"
#include "ndx/tools/ndxctl/key_files.h"

namespace ndx::tools::ndxctl {
namespace {

struct ImportOptions {
  journal::ImportOptions import;
  std::vector<std::string> key_files;
};

void PrintImported(const journal::ImportSummary& summary, Terminal& terminal) {
  if (terminal.json()) {
    JsonObject object;
    object.Add("origin", summary.origin);
    object.Add("tree_size", absl::StrCat(summary.tree_size));
    object.Add("added", absl::StrCat(summary.added));
    object.Add("leaves", absl::StrCat(summary.leaves));
    object.Add("unproved", absl::StrCat(summary.unproved));
    terminal.out << object.ToString() << "\n";
    return;
  }
  terminal.out << summary.origin << ": " << summary.added << " "
               << terminal.Say("records imported, now", "bản ghi đã nhập, hiện có") << " "
               << summary.leaves << " " << terminal.Say("of", "trong số") << " "
               << summary.tree_size << "\n";
  if (summary.unproved > 0) {
    terminal.out << summary.unproved << " "
                 << terminal.Say("of them are proved by nothing", "bản ghi chưa được chứng minh")
                 << "\n";
  }
}

ExitCode Import(CommandLine& line, ImportOptions& options) {
  Terminal& terminal = line.terminal();
  const auto vkeys = ReadVkeys(options.key_files);
  if (!vkeys.ok()) {
    return Complain(terminal, std::string(vkeys.status().message()), ExitCode::kUsage);
  }
  options.import.vkeys = *vkeys;
  const auto summary = journal::ImportJournal(options.import);
  if (!summary.ok()) return Explain(summary.status(), terminal);
  PrintImported(*summary, terminal);
  return ExitCode::kOk;
}

}  // namespace

void AddJournalImport(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<ImportOptions>();
  command_options::Command command = journal.AddCommand(
      "import", "Proves and merges exports of a journal into a directory to be searched (nhập)");
  command
      .AddOption("exports", options->import.sources,
                 "Directories of tiles, evidence bundles, files of lines")
      .Required();
  command.AddOption("--to", options->import.to, "Directory; an earlier import is added to")
      .Required();
  command.AddOption("--key", options->key_files, "File with the node's public key (vkey)")
      .Required()
      .OneEachTime();
  command
      .AddOption("--checkpoint", options->import.checkpoint_files,
                 "A checkpoint or receipt of the journal, by which all its lines are proved")
      .OneEachTime();
  command.AddFlag("--take-unproved", options->import.take_unproved,
                  "Lines that nothing proves too, counted as such");
  line.Bind(
      command,
      "  ndxctl journal import /audit/tiles case-17.tar --to /audit/copy --key node.vkey\n"
      "  ndxctl journal import march.ndjson --to /audit/copy --key node.vkey --take-unproved\n"
      "  ndxctl journal list --directory /audit/copy --from 2026-03-01",
      [&line, options] { return Import(line, *options); });
}

}  // namespace ndx::tools::ndxctl

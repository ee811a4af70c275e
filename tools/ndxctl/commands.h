// The commands of ndxctl. Each function adds one to the command line, with its options.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace ndx::tools::ndxctl {

class CommandLine;

void AddCallCommand(CommandLine& line);
void AddServicesCommand(CommandLine& line);
void AddJournalCommand(CommandLine& line);
// Under `journal`.
void AddJournalExport(CommandLine& line, CLI::App& journal);
void AddJournalImport(CommandLine& line, CLI::App& journal);
void AddJournalBackup(CommandLine& line, CLI::App& journal);
void AddAnchorsCommand(CommandLine& line, CLI::App& journal);
void AddJournalKeys(CommandLine& line, CLI::App& journal);
void AddKeeperCommands(CommandLine& line, CLI::App& journal);
void AddRetentionCommand(CommandLine& line, CLI::App& journal);
void AddReceiptCommand(CommandLine& line);
void AddMasterKeyCommand(CommandLine& line);
void AddSubjectCommand(CommandLine& line);
void AddReplayCommand(CommandLine& line);
void AddResolveCommand(CommandLine& line);
void AddRegistryCommand(CommandLine& line);
void AddStatusCommand(CommandLine& line);
void AddDoctorCommand(CommandLine& line);

}  // namespace ndx::tools::ndxctl

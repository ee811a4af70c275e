// The commands of ndxctl. Each function adds one to the command line, with its options.
#pragma once

#include "ndx/tools/command_options/command.h"

namespace ndx::tools::ndxctl {

class CommandLine;

void AddAccessCommand(CommandLine& line);
// Under `access`.
void AddAccessRequestCommands(CommandLine& line, command_options::Command& access);
void AddCallCommand(CommandLine& line);
void AddCertificatesCommand(CommandLine& line);
void AddDeliveriesCommand(CommandLine& line);
void AddMailboxCommand(CommandLine& line);
void AddPeersCommand(CommandLine& line);
void AddOutcomeCommand(CommandLine& line);
void AddServicesCommand(CommandLine& line);
void AddJournalCommand(CommandLine& line);
// Under `journal`.
void AddJournalExport(CommandLine& line, command_options::Command& journal);
void AddJournalImport(CommandLine& line, command_options::Command& journal);
void AddJournalBackup(CommandLine& line, command_options::Command& journal);
void AddAnchorsCommand(CommandLine& line, command_options::Command& journal);
void AddJournalKeys(CommandLine& line, command_options::Command& journal);
void AddKeeperCommands(CommandLine& line, command_options::Command& journal);
void AddRetentionCommand(CommandLine& line, command_options::Command& journal);
void AddReceiptCommand(CommandLine& line);
void AddMasterKeyCommand(CommandLine& line);
void AddSubjectCommand(CommandLine& line);
void AddReplayCommand(CommandLine& line);
// Under `replay`.
void AddReplayTaskCommands(CommandLine& line, command_options::Command& replay);
void AddResolveCommand(CommandLine& line);
void AddRegistryCommand(CommandLine& line);
// Under `registry`.
void AddRegistryChangeCommands(CommandLine& line, command_options::Command& registry);
void AddStatusCommand(CommandLine& line);
void AddDoctorCommand(CommandLine& line);

}  // namespace ndx::tools::ndxctl

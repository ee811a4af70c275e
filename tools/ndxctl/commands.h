// The commands of ndxctl. Each function adds one to the command line, with its options.
#pragma once

namespace ndx::tools::ndxctl {

class CommandLine;

void AddCallCommand(CommandLine& line);
void AddServicesCommand(CommandLine& line);
void AddJournalCommand(CommandLine& line);
void AddReceiptCommand(CommandLine& line);
void AddReplayCommand(CommandLine& line);
void AddResolveCommand(CommandLine& line);
void AddRegistryCommand(CommandLine& line);
void AddStatusCommand(CommandLine& line);
void AddDoctorCommand(CommandLine& line);

}  // namespace ndx::tools::ndxctl

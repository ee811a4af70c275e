// ndxctl master-key create, id, split, restore: the key that wraps all payload keys, and its escrow
// in shares (gửi giữ khóa chủ). Works on files; needs no node.
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_random.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/key_file.h"
#include "ndx/journal/master_key.h"
#include "ndx/journal/master_key_share.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"

namespace ndx::tools::ndxctl {
namespace {

std::string IdOf(const crypto::SecretBytes& master) {
  return journal::MasterKeyId(journal::MasterKeyCheck(master.view()));
}

ExitCode Fail(Terminal& terminal, const absl::Status& status) {
  const bool damaged = absl::IsDataLoss(status);
  return Complain(terminal, std::string(status.message()),
                  damaged ? ExitCode::kNotIntact : ExitCode::kUsage);
}

ExitCode Create(Terminal& terminal, const std::string& file) {
  core::SystemRandom random;
  const auto master = crypto::SecretBytes::Generate(random, crypto::kAesKeyBytes);
  const absl::Status written = crypto::WriteKeyFile(file, master.view());
  if (!written.ok()) return Fail(terminal, written);
  terminal.out << IdOf(master) << "\n";
  return ExitCode::kOk;
}

ExitCode PrintId(Terminal& terminal, const std::string& file) {
  const auto master = crypto::ReadAesKeyFile(file);
  if (!master.ok()) return Fail(terminal, master.status());
  terminal.out << IdOf(*master) << "\n";
  return ExitCode::kOk;
}

struct SplitOptions {
  std::string file;
  std::string directory;
  size_t shares = 5;
  size_t needed = 3;
};

// The files written.
absl::StatusOr<std::vector<std::string>> WriteShares(const SplitOptions& options,
                                                     const crypto::SecretBytes& master) {
  core::SystemRandom random;
  NDX_ASSIGN_OR_RETURN(const auto shares, journal::ShareMasterKey(master.view(), options.needed,
                                                                  options.shares, random));
  if (mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat(options.directory, ": creating"));
  }
  std::vector<std::string> files;
  for (const crypto::SecretBytes& share : shares) {
    const std::string file = absl::StrCat(options.directory, "/master-", IdOf(master), "-share-",
                                          files.size() + 1, ".txt");
    NDX_RETURN_IF_ERROR(crypto::WriteKeyFile(file, share.view()));
    files.push_back(file);
  }
  return files;
}

ExitCode Split(Terminal& terminal, const SplitOptions& options) {
  const auto master = crypto::ReadAesKeyFile(options.file);
  if (!master.ok()) return Fail(terminal, master.status());
  const auto files = WriteShares(options, *master);
  if (!files.ok()) return Fail(terminal, files.status());
  for (const std::string& file : *files) terminal.out << file << "\n";
  terminal.err << terminal.Say("master key ", "khóa chủ ") << IdOf(*master) << ": "
               << options.needed << terminal.Say(" of ", " trong ") << options.shares
               << terminal.Say(
                      " shares give it back, and were tried. Hand each to one person and remove "
                      "the files from this machine",
                      " phần khôi phục được khóa, đã kiểm tra. Giao mỗi phần cho một người và xóa "
                      "các tệp khỏi máy này")
               << "\n";
  return ExitCode::kOk;
}

struct RestoreOptions {
  std::string file;
  std::vector<std::string> share_files;
};

absl::StatusOr<crypto::SecretBytes> Restore(const RestoreOptions& options) {
  std::vector<std::string> shares;
  for (const std::string& file : options.share_files) {
    NDX_ASSIGN_OR_RETURN(const crypto::SecretBytes text, crypto::ReadKeyFile(file));
    shares.emplace_back(text.view());
  }
  auto master = journal::RestoreMasterKey(shares);
  for (std::string& share : shares) crypto::WipeMemory(share.data(), share.size());
  NDX_RETURN_IF_ERROR(master.status());
  NDX_RETURN_IF_ERROR(crypto::WriteKeyFile(options.file, master->view()));
  return master;
}

ExitCode PrintRestored(Terminal& terminal, const RestoreOptions& options) {
  const auto master = Restore(options);
  if (!master.ok()) return Fail(terminal, master.status());
  terminal.out << terminal.Say("restored: master key ", "đã khôi phục: khóa chủ ") << IdOf(*master)
               << "\n";
  return ExitCode::kOk;
}

void AddSplit(CommandLine& line, command_options::Command& master) {
  auto options = std::make_shared<SplitOptions>();
  command_options::Command command =
      master.AddCommand("split", "Writes shares of a master key for several persons (chia khóa)");
  command.AddOption("file", options->file, "File with the master key").Required();
  command.AddOption("--directory", options->directory, "Where the shares go, a file each")
      .Required();
  command.AddOption("--shares", options->shares, "How many shares; 5 where not given, at most 16");
  command.AddOption("--needed", options->needed, "How many give it back; 3 where not given");
  line.Bind(command,
            "  ndxctl master-key split /etc/ndx/master.key --shares 5 --needed 3 --directory "
            "/media/ceremony",
            [&line, options] { return Split(line.terminal(), *options); });
}

void AddRestore(CommandLine& line, command_options::Command& master) {
  auto options = std::make_shared<RestoreOptions>();
  command_options::Command command =
      master.AddCommand("restore", "Gives a master key back from its shares (khôi phục)");
  command.AddOption("file", options->file, "Where the key goes; must not exist").Required();
  command.AddOption("shares", options->share_files, "Files with the shares, mode 0600").Required();
  line.Bind(command,
            "  ndxctl master-key restore /etc/ndx/master.key share-1.txt share-4.txt share-5.txt",
            [&line, options] { return PrintRestored(line.terminal(), *options); });
}

}  // namespace

void AddMasterKeyCommand(CommandLine& line) {
  command_options::Command master = line.program().AddCommand(
      "master-key", "The key that wraps all payload keys (khóa chủ), and its escrow in shares");
  master.RequireCommand();

  auto created = std::make_shared<std::string>();
  command_options::Command create =
      master.AddCommand("create", "Makes a new master key and prints its id");
  create.AddOption("file", *created, "Where it goes; must not exist").Required();
  line.Bind(create, "  ndxctl master-key create /etc/ndx/master-2027.key",
            [&line, created] { return Create(line.terminal(), *created); });

  auto file = std::make_shared<std::string>();
  command_options::Command id = master.AddCommand(
      "id", "Prints what a key is called by, in errors and ndxctl journal key --details");
  id.AddOption("file", *file, "File with the master key").Required();
  line.Bind(id, "  ndxctl master-key id /etc/ndx/master.key",
            [&line, file] { return PrintId(line.terminal(), *file); });

  AddSplit(line, master);
  AddRestore(line, master);
}

}  // namespace ndx::tools::ndxctl

// ndxctl journal anchors: who outside the node vouches for its journal, listed, exported, verified.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "ndx/tools/ndxctl/anchor_files.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

struct AnchorsOptions {
  uint32_t limit = 20;
  uint64_t size = 0;
  std::string export_directory;
  std::string verify_directory;
  std::string key_file;
  std::string witness_keys_file;
  std::vector<std::string> authorities;  // NAME=FILE
};

Cell VerdictCell(const api::Anchor& anchor, const Terminal& terminal) {
  if (IsGood(anchor)) return {std::string(terminal.Say("good", "đúng")), Colour::kGood};
  if (!anchor.fault().empty()) return {anchor.fault(), Colour::kBad};
  for (const api::AnchorTimeStamp& stamp : anchor.time_stamps()) {
    if (!stamp.has_time()) {
      return {absl::StrCat(stamp.authority(), ": ", stamp.fault()), Colour::kBad};
    }
  }
  if (!anchor.consistent()) {
    return {std::string(terminal.Say("THE JOURNAL DOES NOT CONTINUE IT",
                                     "NHẬT KÝ KHÔNG NỐI TIẾP ĐIỂM NÀY")),
            Colour::kBad};
  }
  return {std::string(terminal.Say("nobody vouches for it", "chưa ai xác nhận")), Colour::kWarning};
}

// Prints the anchors; kNotIntact if one of them is not good.
ExitCode Print(const std::vector<api::Anchor>& anchors, Terminal& terminal) {
  TextTable table({std::string(terminal.Say("LEAVES", "BẢN GHI")),
                   std::string(terminal.Say("TIME-STAMPS", "DẤU THỜI GIAN")),
                   std::string(terminal.Say("WITNESSES", "NHÂN CHỨNG")),
                   std::string(terminal.Say("VERDICT", "KẾT QUẢ"))});
  bool good = true;
  for (const api::Anchor& anchor : anchors) {
    good = good && IsGood(anchor);
    if (terminal.json()) {
      terminal.PrintJson(anchor);
      continue;
    }
    std::vector<std::string> stamps;
    for (const auto& stamp : anchor.time_stamps()) {
      stamps.push_back(absl::StrCat(stamp.authority(), " ", TimeText(stamp.time())));
    }
    std::vector<std::string> witnesses;
    for (const auto& cosignature : anchor.cosignatures()) {
      witnesses.push_back(absl::StrCat(cosignature.witness(), " ", TimeText(cosignature.time())));
    }
    table.AddRow({absl::StrCat(anchor.tree_size()), absl::StrJoin(stamps, ", "),
                  absl::StrJoin(witnesses, ", "), VerdictCell(anchor, terminal)});
  }
  if (!terminal.json()) table.Print(terminal);
  return good ? ExitCode::kOk : ExitCode::kNotIntact;
}

// Pages until there are `limit` anchors or no more.
grpc::Status Fetch(CommandLine& line, const AnchorsOptions& options, bool files,
                   std::vector<api::ListAnchorsResponse>& pages) {
  api::ListAnchorsRequest request;
  request.set_tree_size(options.size);
  request.set_include_files(files);
  uint32_t rows = 0;
  do {
    request.set_page_size(std::min<uint32_t>(options.limit - rows, 100));
    api::ListAnchorsResponse page;
    grpc::Status status = line.client().Call(&OperatorClient::Stub::ListAnchors, request, page);
    if (!status.ok()) return status;
    rows += static_cast<uint32_t>(page.anchors_size());
    request.set_cursor(page.next_cursor());
    pages.push_back(std::move(page));
  } while (!request.cursor().empty() && rows < options.limit);
  return grpc::Status::OK;
}

ExitCode List(CommandLine& line, const AnchorsOptions& options) {
  std::vector<api::ListAnchorsResponse> pages;
  const bool files = !options.export_directory.empty();
  const grpc::Status status = Fetch(line, options, files, pages);
  if (!status.ok()) return Report(line.terminal(), status);
  if (files) {
    const absl::Status written = WriteAnchorFiles(pages, options.export_directory);
    if (!written.ok()) {
      return Complain(line.terminal(), std::string(written.message()), ExitCode::kUsage);
    }
  }
  std::vector<api::Anchor> anchors;
  for (api::ListAnchorsResponse& page : pages) {
    for (api::Anchor& anchor : *page.mutable_anchors()) anchors.push_back(std::move(anchor));
  }
  return Print(anchors, line.terminal());
}

ExitCode Verify(CommandLine& line, const AnchorsOptions& options) {
  Terminal& terminal = line.terminal();
  AnchorKeyFiles keys{.journal_vkey_file = options.key_file,
                      .witness_vkeys_file = options.witness_keys_file};
  for (const std::string& authority : options.authorities) {
    const std::pair<std::string, std::string> named =
        absl::StrSplit(authority, absl::MaxSplits('=', 1));
    keys.authority_files.insert(named);
  }
  const auto anchors = VerifyAnchorFiles(options.verify_directory, keys);
  if (!anchors.ok()) {
    return Complain(terminal, std::string(anchors.status().message()), ExitCode::kUsage);
  }
  const ExitCode code = Print(*anchors, terminal);
  if (!terminal.json() && (options.key_file.empty() || options.witness_keys_file.empty())) {
    terminal.err << terminal.Say(
        "ndxctl: keys that were not given were taken from the directory itself\n",
        "ndxctl: khoá không được chỉ định thì lấy từ chính thư mục này\n");
  }
  if (!terminal.json()) {
    terminal.out << terminal.Say("by openssl alone: sh ", "chỉ bằng openssl: sh ")
                 << options.verify_directory << "/verify.sh\n";
  }
  return code;
}

}  // namespace

void AddAnchorsCommand(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<AnchorsOptions>();
  command_options::Command command = journal.AddCommand(
      "anchors",
      "Who outside the node vouches for the journal (neo nhật ký): lists, exports, verifies");
  command.AddOption("-n,--limit", options->limit, "Rows at most, newest first")
      .Range(1, 100'000)
      .ShowDefault();
  command.AddOption("--size", options->size, "Only the anchor of this many leaves");
  auto to = command.AddOption("--export", options->export_directory,
                              "Write files for an auditor into this new directory");
  command.AddOption("--verify", options->verify_directory, "Verify such a directory; needs no node")
      .Excludes(to);
  command.AddOption("--key", options->key_file, "With --verify: the journal's public key (vkey)");
  command.AddOption("--witness-keys", options->witness_keys_file,
                    "With --verify: the witnesses' public keys (vkey), one a line");
  command.AddOption("--authority", options->authorities,
                    "With --verify: NAME=FILE, certificates (PEM) of a time-stamp authority");
  line.Bind(command,
            "  ndxctl journal anchors\n"
            "  ndxctl journal anchors --export /srv/audit/2026-03 -n 1000\n"
            "  ndxctl journal anchors --verify /srv/audit/2026-03 --key node.vkey --witness-keys "
            "witnesses.vkeys --authority tsa=tsa-ca.pem",
            [&line, options] {
              return options->verify_directory.empty() ? List(line, *options)
                                                       : Verify(line, *options);
            });
}

}  // namespace ndx::tools::ndxctl

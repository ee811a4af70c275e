// ndxctl registry diff, propose, proposals, approve, withdraw, rollback, changes and export: a
// registry that the node keeps itself.
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/contract_text.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/line_difference.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

namespace rv1 = ndx::registry::v1;
using RegistryStub = OperatorClient::RegistryStub;

constexpr uint64_t kNumberMax = std::numeric_limits<uint64_t>::max();

absl::string_view KindText(rv1::EntryKind kind, const Terminal& terminal) {
  switch (kind) {
    case rv1::ENTRY_KIND_PURPOSE:
      return terminal.Say("purpose", "mục đích");
    case rv1::ENTRY_KIND_MEMBER:
      return terminal.Say("member", "đơn vị");
    case rv1::ENTRY_KIND_SYSTEM:
      return terminal.Say("system", "hệ thống");
    case rv1::ENTRY_KIND_SERVICE:
      return terminal.Say("service", "dịch vụ");
    case rv1::ENTRY_KIND_CONSUMER_GROUP:
      return terminal.Say("group", "nhóm khai thác");
    case rv1::ENTRY_KIND_PEER:
      return terminal.Say("peer", "nút liên thông");
    default:
      return terminal.Say("grant", "quyền khai thác");
  }
}

absl::string_view WideningText(rv1::WideningKind kind, const Terminal& terminal) {
  switch (kind) {
    case rv1::WIDENING_KIND_NEW_GRANT:
      return terminal.Say("is a new grant", "là quyền mới");
    case rv1::WIDENING_KIND_CONSUMER:
      return terminal.Say("is for another consumer", "dành cho bên khai thác khác");
    case rv1::WIDENING_KIND_METHODS:
      return terminal.Say("allows more methods", "thêm chức năng");
    case rv1::WIDENING_KIND_PROVIDERS:
      return terminal.Say("allows more providers", "thêm bên cung cấp");
    case rv1::WIDENING_KIND_PURPOSES:
      return terminal.Say("allows more purposes", "thêm mục đích khai thác");
    case rv1::WIDENING_KIND_REFERENCES:
      return terminal.Say("asks for fewer references", "bớt thông tin tham chiếu bắt buộc");
    case rv1::WIDENING_KIND_ANSWER_FIELDS:
      return terminal.Say("gives more fields of the answer", "thêm trường dữ liệu trả về");
    case rv1::WIDENING_KIND_REQUEST_FIELDS:
      return terminal.Say("takes more fields of the request", "thêm trường dữ liệu yêu cầu");
    case rv1::WIDENING_KIND_QUOTA:
      return terminal.Say("has a larger quota", "tăng hạn mức");
    case rv1::WIDENING_KIND_HOURS:
      return terminal.Say("counts at other hours", "đổi khung giờ");
    case rv1::WIDENING_KIND_DATES:
      return terminal.Say("counts on more days", "kéo dài thời hạn");
    case rv1::WIDENING_KIND_SOURCES:
      return terminal.Say("counts for more addresses", "thêm địa chỉ mạng được gọi");
    case rv1::WIDENING_KIND_CERTIFICATE:
      return terminal.Say("has a certificate more, or for longer",
                          "thêm chứng thư số hoặc kéo dài thời hạn");
    case rv1::WIDENING_KIND_RELEASE:
      return terminal.Say("is suspended no longer", "được bỏ tạm dừng");
    case rv1::WIDENING_KIND_PROOF:
      return terminal.Say("asks for signatures or officers' tokens no longer",
                          "không còn yêu cầu chữ ký số hoặc thẻ của cán bộ");
    case rv1::WIDENING_KIND_KEY:
      return terminal.Say("has a key or an issuing authority more, or for longer",
                          "thêm khóa hoặc tổ chức cấp chứng thư, hoặc kéo dài thời hạn");
    case rv1::WIDENING_KIND_SHADOW:
      return terminal.Say("was in shadow mode and counts now", "từ chế độ thử chuyển sang áp dụng");
    case rv1::WIDENING_KIND_GROUP:
      return terminal.Say("has more systems", "thêm hệ thống vào nhóm");
    default:
      return terminal.Say("sends calls elsewhere, or by other rules",
                          "đổi nơi nhận hoặc quy tắc xử lý yêu cầu");
  }
}

void PrintDifferences(const google::protobuf::RepeatedPtrField<api::EntryDifference>& differences,
                      Terminal& terminal) {
  for (const api::EntryDifference& difference : differences) {
    const bool gone = difference.after().empty();
    const bool fresh = difference.before().empty();
    const char mark = gone ? '-' : fresh ? '+' : '~';
    const Colour colour = gone ? Colour::kBad : fresh ? Colour::kGood : Colour::kWarning;
    terminal.out << terminal.Paint(absl::StrCat(std::string(1, mark), " ",
                                                KindText(difference.entry().kind(), terminal), " ",
                                                Printable(difference.entry().name())),
                                   colour)
                 << "\n";
    if (gone) continue;
    for (const DifferenceLine& each : LineDifference(difference.before(), difference.after())) {
      if (!fresh && each.mark == ' ') continue;
      const std::string text =
          absl::StrCat("    ", fresh ? "" : std::string(1, each.mark), " ", Printable(each.text));
      terminal.out << terminal.Paint(text, each.mark == '-' && !fresh ? Colour::kBad
                                           : fresh                    ? Colour::kPlain
                                                                      : Colour::kGood)
                   << "\n";
    }
  }
}

// looked: nothing was made of it yet. False when nothing can be.
bool PrintPlan(const api::ChangePlan& plan, Terminal& terminal, bool looked) {
  PrintDifferences(plan.differences(), terminal);
  if (PrintContractDifferences(plan.contract_differences(), terminal) && looked) {
    terminal.out << "CONTRACT_BREAKS: "
                 << terminal.Say(
                        "this cannot be made; register the contract as a new version beside the "
                        "old one",
                        "không thể thay đổi như vậy; hãy đăng ký hợp đồng thành phiên bản mới bên "
                        "cạnh")
                 << "\n";
    return false;
  }
  if (plan.widenings().empty()) {
    terminal.out << terminal.Say("gives nobody more than before: one person is enough",
                                 "không mở rộng quyền của ai: chỉ cần một người")
                 << "\n";
    return true;
  }
  terminal.out << terminal.Say("takes a second person, because", "cần người thứ hai phê duyệt, vì")
               << "\n";
  for (const rv1::Widening& widening : plan.widenings()) {
    terminal.out << "    " << KindText(widening.entry().kind(), terminal) << " "
                 << Printable(widening.entry().name()) << " "
                 << WideningText(widening.kind(), terminal) << "\n";
  }
  terminal.out << terminal.Say("plan ", "mã kế hoạch ") << plan.plan_sha256() << "\n";
  return true;
}

struct ChangeOptions {
  std::vector<std::string> paths;
  std::vector<std::string> removed;
  bool whole = false;
  uint64_t rollback_to = 0;
  std::string reason;
};

// "grant:mot-cua".
std::optional<rv1::EntryName> ReadEntry(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  rv1::EntryKind kind = rv1::ENTRY_KIND_UNSPECIFIED;
  const std::string name =
      absl::StrCat("ENTRY_KIND_",
                   parts.first == "group" ? "CONSUMER_GROUP" : absl::AsciiStrToUpper(parts.first));
  if (!rv1::EntryKind_Parse(name, &kind) || parts.second.empty()) return std::nullopt;
  rv1::EntryName entry;
  entry.set_kind(kind);
  entry.set_name(std::string(parts.second));
  return entry;
}

ExitCode Propose(CommandLine& line, const ChangeOptions& options, bool dry_run) {
  api::ProposeChangeRequest request;
  if (!options.paths.empty()) {
    const auto files = settings::ReadSettingsFiles(options.paths);
    if (!files.ok()) {
      return Complain(line.terminal(), std::string(files.status().message()), ExitCode::kUsage);
    }
    for (const settings::SettingsFile& file : *files) {
      request.add_files()->set_name(std::filesystem::absolute(file.name).string());
      request.mutable_files()->rbegin()->set_text(file.text);
    }
  }
  for (const std::string& text : options.removed) {
    const auto entry = ReadEntry(text);
    if (!entry.has_value()) {
      return Complain(line.terminal(),
                      absl::StrCat("--remove ", text,
                                   line.terminal().Say(": wants a kind and a name, grant:mot-cua; "
                                                       "kinds are purpose, member, system, "
                                                       "service, grant",
                                                       ": cần loại và tên, ví dụ grant:mot-cua; "
                                                       "loại là purpose, member, system, service, "
                                                       "grant")),
                      ExitCode::kUsage);
    }
    *request.add_removed() = *entry;
  }
  request.set_whole(options.whole);
  request.set_rollback_to(options.rollback_to);
  request.set_reason(options.reason);
  request.set_dry_run(dry_run);
  bool possible = true;
  const ExitCode code = Ask(
      line, &RegistryStub::ProposeChange, request,
      [&](const api::ProposeChangeResponse& response, Terminal& terminal) {
        possible = PrintPlan(response.plan(), terminal, dry_run);
        if (response.change() > 0) {
          terminal.out << terminal.Paint(terminal.Say("in force", "đã có hiệu lực"), Colour::kGood)
                       << terminal.Say(": change ", ": lần thay đổi ") << response.change()
                       << terminal.Say(" (leaf ", " (bản ghi ") << response.leaf_index() << ")\n";
        }
        if (response.proposal() > 0) {
          terminal.out << terminal.Say("proposal ", "đề nghị ") << response.proposal()
                       << terminal.Say(" waits for a second person, 24 hours: ",
                                       " chờ người thứ hai phê duyệt trong 24 giờ: ")
                       << "ndxctl registry approve " << response.proposal() << " --plan "
                       << response.plan().plan_sha256() << "\n";
        }
      });
  return possible ? code : ExitCode::kFailed;
}

ExitCode ListProposals(CommandLine& line) {
  return Ask(
      line, &RegistryStub::ListProposals, api::ListProposalsRequest(),
      [](const api::ListProposalsResponse& response, Terminal& terminal) {
        if (response.proposals().empty()) {
          terminal.out << terminal.Say("nothing waits", "không có đề nghị nào đang chờ") << "\n";
        }
        for (const api::OpenProposal& proposal : response.proposals()) {
          terminal.out << terminal.Say("proposal ", "đề nghị ") << proposal.number() << "  "
                       << Printable(proposal.requested_by()) << "  " << TimeText(proposal.time())
                       << "  " << Printable(proposal.reason()) << "\n"
                       << terminal.Say("counts until ", "có hiệu lực đến ")
                       << TimeText(proposal.expires()) << "\n";
          PrintPlan(proposal.plan(), terminal, /*looked=*/false);
        }
      });
}

ExitCode Approve(CommandLine& line, uint64_t number, const std::string& plan) {
  api::ApproveProposalRequest request;
  request.set_number(number);
  request.set_plan_sha256(plan);
  return Ask(line, &RegistryStub::ApproveProposal, request,
             [](const api::ApproveProposalResponse& response, Terminal& terminal) {
               terminal.out << terminal.Paint(terminal.Say("in force", "đã có hiệu lực"),
                                              Colour::kGood)
                            << terminal.Say(": change ", ": lần thay đổi ") << response.change()
                            << "  " << response.version() << terminal.Say(" (leaf ", " (bản ghi ")
                            << response.leaf_index() << ")\n";
             });
}

ExitCode Withdraw(CommandLine& line, uint64_t number, const std::string& reason) {
  api::WithdrawProposalRequest request;
  request.set_number(number);
  request.set_reason(reason);
  return Ask(line, &RegistryStub::WithdrawProposal, request,
             [number](const api::WithdrawProposalResponse&, Terminal& terminal) {
               terminal.out << terminal.Say("withdrawn: proposal ", "đã rút đề nghị ") << number
                            << "\n";
             });
}

std::string OriginText(const api::MadeChange& change, const Terminal& terminal) {
  switch (change.origin()) {
    case rv1::CHANGE_ORIGIN_FILES:
      return std::string(terminal.Say("files", "tệp cấu hình"));
    case rv1::CHANGE_ORIGIN_ROLLBACK:
      return absl::StrCat(terminal.Say("back to ", "trở lại lần "), change.rolled_back_to());
    default:
      return std::string(terminal.Say("operator", "người vận hành"));
  }
}

ExitCode ListChanges(CommandLine& line, uint64_t number, uint32_t count) {
  api::ListChangesRequest request;
  request.set_number(number);
  request.set_count(count);
  return Ask(line, &RegistryStub::ListChanges, request,
             [](const api::ListChangesResponse& response, Terminal& terminal) {
               TextTable table({std::string(terminal.Say("CHANGE", "LẦN")),
                                std::string(terminal.Say("TIME", "THỜI GIAN")),
                                std::string(terminal.Say("FROM", "NGUỒN")),
                                std::string(terminal.Say("ASKED BY", "NGƯỜI ĐỀ NGHỊ")),
                                std::string(terminal.Say("APPROVED BY", "NGƯỜI PHÊ DUYỆT")),
                                std::string(terminal.Say("ENTRIES", "SỐ MỤC")),
                                std::string(terminal.Say("LEAF", "BẢN GHI")),
                                std::string(terminal.Say("REASON", "LÝ DO"))});
               for (const api::MadeChange& change : response.changes()) {
                 const uint64_t leaf = change.leaf_index_plus_one();
                 table.AddRow({absl::StrCat(change.number()), TimeText(change.time()),
                               OriginText(change, terminal), change.requested_by(),
                               change.approved_by(), absl::StrCat(change.entries()),
                               leaf == 0 ? "" : absl::StrCat(leaf - 1), change.reason()});
               }
               table.Print(terminal);
               if (response.more()) {
                 terminal.out << terminal.Say("there are older ones: --count",
                                              "còn các lần cũ hơn: --count")
                              << "\n";
               }
               if (response.changes_size() == 1 && !response.changes(0).differences().empty()) {
                 PrintDifferences(response.changes(0).differences(), terminal);
                 terminal.out << "sha256 " << response.changes(0).sha256() << "\n";
               }
             });
}

// False, and said, when one cannot be written.
bool WriteContracts(const api::ExportRegistryResponse& response, const std::string& directory,
                    Terminal& terminal) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  for (const api::KeptContract& contract : response.contracts()) {
    const std::string file =
        absl::StrCat(directory, "/", absl::StripPrefix(contract.name(), "sha256:"), ".binpb");
    std::ofstream out(file, std::ios::binary);
    out << contract.descriptor_set();
    if (out.flush()) continue;
    Complain(terminal, absl::StrCat(file, terminal.Say(": cannot be written", ": không ghi được")),
             ExitCode::kUsage);
    return false;
  }
  return true;
}

ExitCode Export(CommandLine& line, uint64_t change, const std::string& at,
                const std::string& contracts) {
  api::ExportRegistryRequest request;
  request.set_change(change);
  request.set_with_contracts(!contracts.empty());
  if (!at.empty()) {
    const auto time = ParseTimeArgument(at, line.clock().Now());
    if (!time.ok()) {
      return Complain(line.terminal(), std::string(time.status().message()), ExitCode::kUsage);
    }
    request.mutable_time()->set_seconds(absl::ToUnixSeconds(*time));
  }
  bool written = true;
  const ExitCode code =
      Ask(line, &RegistryStub::ExportRegistry, request,
          [&](const api::ExportRegistryResponse& response, Terminal& terminal) {
            if (!contracts.empty()) written = WriteContracts(response, contracts, terminal);
            terminal.out << "# "
                         << terminal.Say("the registry after change ", "danh bạ sau lần thay đổi ")
                         << response.change() << "\n"
                         << response.text();
          });
  return written ? code : ExitCode::kUsage;
}

void AddChangeOptions(command_options::Command& command, ChangeOptions& options) {
  command.AddOption("paths", options.paths, "Registry files and directories with the entries");
  command.AddOption("--remove", options.removed, "An entry to be removed: grant:mot-cua")
      .OneEachTime();
  command.AddFlag("--whole", options.whole,
                  "The files are the whole registry: what they do not have is removed");
}

void AddProposing(CommandLine& line, command_options::Command& registry) {
  auto compared = std::make_shared<ChangeOptions>();
  command_options::Command diff = registry.AddCommand(
      "diff", "Shows what files would change in the registry that the node keeps");
  AddChangeOptions(diff, *compared);
  line.Bind(diff, "  ndxctl registry diff draft.yaml\n  ndxctl registry diff --whole draft/",
            [&line, compared] { return Propose(line, *compared, /*dry_run=*/true); });

  auto proposed = std::make_shared<ChangeOptions>();
  command_options::Command propose = registry.AddCommand(
      "propose", "Changes the registry; what gives somebody more waits for a second person");
  AddChangeOptions(propose, *proposed);
  propose.AddOption("--reason", proposed->reason, "Decision it rests on; stands in the journal")
      .Required();
  line.Bind(propose,
            "  ndxctl registry propose grants.yaml --reason 'QD 12/2026'\n"
            "  ndxctl registry propose --remove grant:mot-cua --reason 'CV 7/2026'",
            [&line, proposed] { return Propose(line, *proposed, /*dry_run=*/false); });

  auto back = std::make_shared<ChangeOptions>();
  command_options::Command rollback = registry.AddCommand(
      "rollback", "Makes the registry what it was after an earlier change, by a new one");
  rollback.AddOption("change", back->rollback_to, "Number of that change")
      .Range(uint64_t{1}, kNumberMax)
      .Required();
  rollback.AddOption("--reason", back->reason, "Why; stands in the journal").Required();
  line.Bind(rollback, "  ndxctl registry rollback 7 --reason 'wrong file'",
            [&line, back] { return Propose(line, *back, /*dry_run=*/false); });

  command_options::Command proposals =
      registry.AddCommand("proposals", "Lists what waits for a second person");
  line.Bind(proposals, "  ndxctl registry proposals", [&line] { return ListProposals(line); });

  auto number = std::make_shared<uint64_t>(0);
  auto plan = std::make_shared<std::string>();
  command_options::Command approve =
      registry.AddCommand("approve", "Approves somebody else's proposal; it is then in force");
  approve.AddOption("proposal", *number, "Its number").Range(uint64_t{1}, kNumberMax).Required();
  approve.AddOption("--plan", *plan, "The plan that is approved, as `proposals` shows it")
      .Required();
  line.Bind(approve, "  ndxctl registry approve 3 --plan 5f2c…",
            [&line, number, plan] { return Approve(line, *number, *plan); });

  auto withdrawn = std::make_shared<uint64_t>(0);
  auto why = std::make_shared<std::string>();
  command_options::Command withdraw =
      registry.AddCommand("withdraw", "Withdraws an own proposal, or refuses another's");
  withdraw.AddOption("proposal", *withdrawn, "Its number")
      .Range(uint64_t{1}, kNumberMax)
      .Required();
  withdraw.AddOption("--reason", *why, "Why; stands in the journal").Required();
  line.Bind(withdraw, "  ndxctl registry withdraw 3 --reason 'wrong system'",
            [&line, withdrawn, why] { return Withdraw(line, *withdrawn, *why); });
}

void AddLooking(CommandLine& line, command_options::Command& registry) {
  auto shown = std::make_shared<uint64_t>(0);
  auto count = std::make_shared<uint32_t>(20);
  command_options::Command changes =
      registry.AddCommand("changes", "Lists the changes of the registry, or shows one");
  changes.AddOption("change", *shown, "Number of the one to show").Range(uint64_t{1}, kNumberMax);
  changes.AddOption("--count", *count, "How many").Range(uint32_t{1}, uint32_t{1000}).ShowDefault();
  line.Bind(changes, "  ndxctl registry changes\n  ndxctl registry changes 7",
            [&line, shown, count] { return ListChanges(line, *shown, *count); });

  auto exported = std::make_shared<uint64_t>(0);
  auto at = std::make_shared<std::string>();
  auto contracts = std::make_shared<std::string>();
  command_options::Command exporting =
      registry.AddCommand("export", "Writes the registry of now or then as YAML");
  const command_options::Option by_number =
      exporting.AddOption("--change", *exported, "As it was after this change")
          .Range(uint64_t{1}, kNumberMax);
  exporting.AddOption("--at", *at, "As it was in force then").Excludes(by_number);
  exporting.AddOption("--contracts", *contracts,
                      "Writes the contracts that it names to this directory too");
  line.Bind(exporting,
            "  ndxctl registry export --contracts . > registry.yaml\n"
            "  ndxctl registry export --at 2026-03-02",
            [&line, exported, at, contracts] { return Export(line, *exported, *at, *contracts); });
}

}  // namespace

void AddRegistryChangeCommands(CommandLine& line, command_options::Command& registry) {
  AddProposing(line, registry);
  AddLooking(line, registry);
}

}  // namespace ndx::tools::ndxctl

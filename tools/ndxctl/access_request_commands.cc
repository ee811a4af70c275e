// ndxctl access request, requests, ask-more, answer, narrow, approve, refuse, withdraw and
// expiring: who asks for access to what, and who grants it.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/tools/ndxctl/access_request_text.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

using RequestStub = OperatorClient::AccessRequestStub;
using command_options::Command;

constexpr uint64_t kNumberMax = std::numeric_limits<uint64_t>::max();

struct WishOptions {
  std::string renews;
  std::string name;
  std::string consumer;
  std::string group;
  std::string service;
  std::vector<std::string> methods;
  std::vector<std::string> providers;
  std::vector<std::string> fields;
  std::vector<std::string> request_fields;
  std::vector<std::string> purposes;
  std::vector<std::string> references;
  std::string legal_basis;
  uint64_t per_day = 0;
  uint64_t subjects_per_day = 0;
  uint32_t per_second = 0;
  std::string from;
  std::string to;
  // Beside the wish.
  std::string text;
  uint64_t number = 0;
  bool dry_run = false;
};

void AddNumber(Command& command, uint64_t& number) {
  command.AddOption("request", number, "Its number").Range(uint64_t{1}, kNumberMax).Required();
}

void AddSeveral(Command& command, const std::string& names, std::vector<std::string>& values,
                const std::string& about) {
  command.AddOption(names, values, about).SeparatedBy(',').OneEachTime();
}

void AddAmounts(Command& command, WishOptions& options) {
  command.AddOption("--per-day", options.per_day, "Exchanges a day").Range(uint64_t{1}, kNumberMax);
  command
      .AddOption("--subjects-per-day", options.subjects_per_day,
                 "Different persons and enterprises asked about a day")
      .Range(uint64_t{1}, kNumberMax);
  command.AddOption("--per-second", options.per_second, "Exchanges a second")
      .Range(uint32_t{1}, uint32_t{1'000'000});
  AddSeveral(command, "--reference", options.references,
             "References given with each call: dossier, officer, procedure");
}

void AddWish(Command& command, WishOptions& options) {
  command.AddOption("--name", options.name, "Name of the new grant; access-<number> otherwise");
  command.AddOption("--consumer", options.consumer, "Who wants to ask, VN:GOV:<member>:<system>");
  command.AddOption("--group", options.group, "Or a group of consumers");
  command.AddOption("--service", options.service,
                    "What; its least method where no method is named");
  AddSeveral(command, "--method", options.methods,
             "Methods of the service, or package.Service/Method");
  AddSeveral(command, "--provider", options.providers, "Only these providers");
  AddSeveral(command, "--field", options.fields, "Fields of the answer: citizen.full_name");
  AddSeveral(command, "--request-field", options.request_fields, "Fields of the request");
  AddSeveral(command, "--purpose", options.purposes, "What for, by code");
  command.AddOption("--legal-basis", options.legal_basis, "Decision or agreement it rests on");
  AddAmounts(command, options);
  command.AddOption("--from", options.from, "First day, yyyy-MM-dd");
  command.AddOption("--to", options.to, "Last day, yyyy-MM-dd");
}

void AddAll(const std::vector<std::string>& values,
            google::protobuf::RepeatedPtrField<std::string>* to) {
  to->Add(values.begin(), values.end());
}

// False, and said, when one is none.
template <typename Message>
bool AddReferences(CommandLine& line, const std::vector<std::string>& names, Message& to) {
  for (const std::string& name : names) {
    registry::v1::Reference reference = registry::v1::REFERENCE_UNSPECIFIED;
    if (!registry::v1::Reference_Parse(absl::StrCat("REFERENCE_", absl::AsciiStrToUpper(name)),
                                       &reference)) {
      Complain(line.terminal(),
               absl::StrCat("--reference ", name,
                            line.terminal().Say(": wants dossier, officer or procedure",
                                                ": phải là dossier, officer hoặc procedure")),
               ExitCode::kUsage);
      return false;
    }
    to.add_required_references(reference);
  }
  return true;
}

bool WishOf(CommandLine& line, const WishOptions& options, api::AccessWish& wish) {
  wish.set_renews(options.renews);
  wish.set_name(options.name);
  wish.set_consumer(options.consumer);
  wish.set_consumer_group(options.group);
  wish.set_service(options.service);
  AddAll(options.methods, wish.mutable_methods());
  AddAll(options.providers, wish.mutable_providers());
  AddAll(options.fields, wish.mutable_answer_fields());
  AddAll(options.request_fields, wish.mutable_request_fields());
  AddAll(options.purposes, wish.mutable_purposes());
  wish.set_legal_basis(options.legal_basis);
  wish.set_per_day(options.per_day);
  wish.set_subjects_per_day(options.subjects_per_day);
  wish.set_per_second(options.per_second);
  wish.set_valid_from(options.from);
  wish.set_valid_to(options.to);
  return AddReferences(line, options.references, wish);
}

// Shows the request that an answer holds.
template <typename Response>
void PrintView(const Response& response, Terminal& terminal) {
  PrintAccessRequest(response.view(), terminal);
}

ExitCode Request(CommandLine& line, const WishOptions& options) {
  api::RequestAccessRequest request;
  if (!WishOf(line, options, *request.mutable_wish())) return ExitCode::kUsage;
  request.set_explanation(options.text);
  request.set_dry_run(options.dry_run);
  return Ask(line, &RequestStub::RequestAccess, request, PrintView<api::RequestAccessResponse>);
}

ExitCode Answer(CommandLine& line, const WishOptions& options) {
  api::AnswerAccessRequestRequest request;
  request.set_number(options.number);
  request.set_answer(options.text);
  api::AccessWish wish;
  if (!WishOf(line, options, wish)) return ExitCode::kUsage;
  if (wish.ByteSizeLong() > 0) *request.mutable_wish() = wish;
  return Ask(line, &RequestStub::AnswerAccessRequest, request,
             PrintView<api::AnswerAccessRequestResponse>);
}

ExitCode Narrow(CommandLine& line, const WishOptions& options) {
  api::NarrowAccessRequestRequest request;
  request.set_number(options.number);
  AddAll(options.methods, request.mutable_methods());
  AddAll(options.fields, request.mutable_answer_fields());
  AddAll(options.purposes, request.mutable_purposes());
  if (!AddReferences(line, options.references, request)) return ExitCode::kUsage;
  request.set_per_day(options.per_day);
  request.set_subjects_per_day(options.subjects_per_day);
  request.set_per_second(options.per_second);
  request.set_valid_to(options.to);
  request.set_reason(options.text);
  return Ask(line, &RequestStub::NarrowAccessRequest, request,
             PrintView<api::NarrowAccessRequestResponse>);
}

ExitCode Show(CommandLine& line, uint64_t number, bool closed, uint32_t count) {
  api::ListAccessRequestsRequest request;
  request.set_number(number);
  request.set_closed(closed);
  request.set_count(count);
  return Ask(line, &RequestStub::ListAccessRequests, request,
             [number](const api::ListAccessRequestsResponse& response, Terminal& terminal) {
               if (number > 0 && response.requests_size() == 1) {
                 PrintAccessRequest(response.requests(0), terminal);
               } else {
                 PrintAccessRequests(response, terminal);
               }
             });
}

ExitCode Approve(CommandLine& line, uint64_t number, const std::string& plan) {
  api::ApproveAccessRequestRequest request;
  request.set_number(number);
  request.set_plan_sha256(plan);
  return Ask(line, &RequestStub::ApproveAccessRequest, request,
             [](const api::ApproveAccessRequestResponse& response, Terminal& terminal) {
               terminal.out << terminal.Paint(terminal.Say("in force", "đã có hiệu lực"),
                                              Colour::kGood)
                            << terminal.Say(": change ", ": lần thay đổi ") << response.change()
                            << "  " << response.version() << terminal.Say(" (leaf ", " (bản ghi ")
                            << response.leaf_index() << ")\n";
               PrintAccessRequest(response.view(), terminal);
             });
}

void AddAsking(CommandLine& line, Command& access) {
  auto wish = std::make_shared<WishOptions>();
  Command request = access.AddCommand(
      "request", "Asks for access (yêu cầu cấp quyền), or for more time of a grant");
  AddWish(request, *wish);
  request.AddOption("--renew", wish->renews,
                    "A grant that is to be extended; with --to and --legal-basis alone");
  request
      .AddOption("--explanation", wish->text, "What for, and why so much; stays with the request")
      .Required();
  request.AddFlag("--dry-run", wish->dry_run, "Only show what would be asked");
  line.Bind(request,
            "  ndxctl access request --consumer VN:GOV:H55:mot-cua --purpose giai-quyet-tthc \\\n"
            "      --service ndx.population.v1.PopulationService --per-day 500 \\\n"
            "      --subjects-per-day 300 --to 2027-12-31 --legal-basis 'QĐ 12/2026' \\\n"
            "      --explanation 'counter of the commune'\n"
            "  ndxctl access request --renew mot-cua --to 2028-12-31 --explanation 'still needed'",
            [&line, wish] { return Request(line, *wish); });

  auto answer = std::make_shared<WishOptions>();
  Command answering =
      access.AddCommand("answer", "Answers what more the owner asked, perhaps with another wish");
  AddNumber(answering, answer->number);
  answering.AddOption("answer", answer->text, "The answer").Required();
  AddWish(answering, *answer);
  line.Bind(answering, "  ndxctl access answer 7 'two counters, 250 visitors a day each'",
            [&line, answer] { return Answer(line, *answer); });

  auto withdrawn = std::make_shared<WishOptions>();
  Command withdraw = access.AddCommand("withdraw", "Withdraws an own request");
  AddNumber(withdraw, withdrawn->number);
  withdraw.AddOption("--reason", withdrawn->text, "Why; stands in the journal").Required();
  line.Bind(withdraw, "  ndxctl access withdraw 7 --reason 'wrong system'", [&line, withdrawn] {
    api::WithdrawAccessRequestRequest request_of;
    request_of.set_number(withdrawn->number);
    request_of.set_reason(withdrawn->text);
    return Ask(line, &RequestStub::WithdrawAccessRequest, request_of,
               PrintView<api::WithdrawAccessRequestResponse>);
  });
}

void AddDeciding(CommandLine& line, Command& access) {
  auto more = std::make_shared<WishOptions>();
  Command ask_more = access.AddCommand("ask-more", "As the owner: asks for more (yêu cầu bổ sung)");
  AddNumber(ask_more, more->number);
  ask_more.AddOption("question", more->text, "What is missing").Required();
  line.Bind(
      ask_more, "  ndxctl access ask-more 7 'which counters, how many visitors?'", [&line, more] {
        api::AskForMoreRequest request;
        request.set_number(more->number);
        request.set_question(more->text);
        return Ask(line, &RequestStub::AskForMore, request, PrintView<api::AskForMoreResponse>);
      });

  auto less = std::make_shared<WishOptions>();
  Command narrow = access.AddCommand("narrow", "As the owner: leaves less than was asked for");
  AddNumber(narrow, less->number);
  AddSeveral(narrow, "--method", less->methods, "Only these methods");
  AddSeveral(narrow, "--field", less->fields, "Only these fields of the answer");
  AddSeveral(narrow, "--purpose", less->purposes, "Only these purposes");
  AddAmounts(narrow, *less);
  narrow.AddOption("--to", less->to, "An earlier last day");
  narrow.AddOption("--reason", less->text, "Why; stands in the journal");
  line.Bind(narrow, "  ndxctl access narrow 7 --field citizen.full_name --per-day 200",
            [&line, less] { return Narrow(line, *less); });

  auto number = std::make_shared<uint64_t>(0);
  auto plan = std::make_shared<std::string>();
  Command approve = access.AddCommand(
      "approve",
      "As the owner: approves (duyệt) what somebody else asked for; it is then in force");
  AddNumber(approve, *number);
  approve.AddOption("--plan", *plan, "The plan that is approved, as `requests` shows it")
      .Required();
  line.Bind(approve, "  ndxctl access approve 7 --plan 5f2c…",
            [&line, number, plan] { return Approve(line, *number, *plan); });

  auto refused = std::make_shared<WishOptions>();
  Command refuse = access.AddCommand("refuse", "As the owner: refuses (từ chối)");
  AddNumber(refuse, refused->number);
  refuse.AddOption("--reason", refused->text, "Why; stands in the journal").Required();
  line.Bind(refuse, "  ndxctl access refuse 7 --reason 'no legal basis'", [&line, refused] {
    api::RefuseAccessRequestRequest request;
    request.set_number(refused->number);
    request.set_reason(refused->text);
    return Ask(line, &RequestStub::RefuseAccessRequest, request,
               PrintView<api::RefuseAccessRequestResponse>);
  });
}

void AddLooking(CommandLine& line, Command& access) {
  auto shown = std::make_shared<uint64_t>(0);
  auto closed = std::make_shared<bool>(false);
  auto count = std::make_shared<uint32_t>(20);
  Command requests =
      access.AddCommand("requests", "Lists the requests that wait for somebody, or shows one");
  requests.AddOption("request", *shown, "Number of the one to show").Range(uint64_t{1}, kNumberMax);
  requests.AddFlag("--closed", *closed, "Those that are decided instead, newest first");
  requests.AddOption("--count", *count, "How many of them")
      .Range(uint32_t{1}, uint32_t{1000})
      .ShowDefault();
  line.Bind(requests, "  ndxctl access requests\n  ndxctl access requests 7",
            [&line, shown, closed, count] { return Show(line, *shown, *closed, *count); });

  auto days = std::make_shared<uint32_t>(0);
  Command expiring = access.AddCommand("expiring", "Lists grants whose last day is near");
  expiring.AddOption("--days", *days, "Within so many days; as the node reminds of them otherwise")
      .Range(uint32_t{1}, uint32_t{36600});
  line.Bind(expiring, "  ndxctl access expiring --days 60", [&line, days] {
    api::ListExpiringGrantsRequest request;
    request.set_days(*days);
    return Ask(line, &RequestStub::ListExpiringGrants, request, PrintExpiringGrants);
  });
}

}  // namespace

void AddAccessRequestCommands(CommandLine& line, Command& access) {
  AddAsking(line, access);
  AddDeciding(line, access);
  AddLooking(line, access);
}

}  // namespace ndx::tools::ndxctl

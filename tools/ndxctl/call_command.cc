// ndxctl call: one exchange through the node, as any consumer makes it.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/system_random.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/tools/ndxctl/call_proof.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/descriptor_library.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_call.h"
#include "ndx/tools/ndxctl/mailbox_text.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

using Stub = OperatorClient::Stub;

struct CallOptions {
  std::string method;
  std::string request = "{}";
  std::string node;
  std::string as;
  std::string pki;
  std::string ca_file;
  std::string server_name;
  std::string descriptors;
  std::string receipt_file;
  std::string purpose;
  std::string dossier;
  std::string officer;
  std::string procedure;
  std::string provider;
  std::string exchange_id;
  std::string traceparent;
  CallProofFiles proof;
  double deadline_seconds = 30;
  bool submit = false;
  std::string order_key;
};

// The JSON as it stands, from a file (@file) or from standard input (-).
absl::StatusOr<std::string> RequestText(const std::string& argument) {
  if (argument == "-") {
    std::ostringstream text;
    text << std::cin.rdbuf();
    return text.str();
  }
  if (absl::StartsWith(argument, "@")) return ReadFile(argument.substr(1));
  return argument;
}

absl::StatusOr<std::unique_ptr<DescriptorLibrary>> Library(CommandLine& line,
                                                           const CallOptions& options,
                                                           grpc::Status& failed) {
  if (!options.descriptors.empty()) return DescriptorLibrary::FromFile(options.descriptors);
  api::GetDescriptorsRequest request;
  const absl::string_view name = absl::StripPrefix(options.method, "/");
  request.set_service(std::string(name.substr(0, name.find('/'))));
  api::GetDescriptorsResponse response;
  failed = line.client().Call(&Stub::GetDescriptors, request, response);
  if (!failed.ok()) return absl::UnavailableError("no descriptors");
  return DescriptorLibrary::Build(response.descriptors());
}

std::string NodeAddress(CommandLine& line, const CallOptions& options) {
  if (!options.node.empty()) return options.node;
  if (const char* const node = std::getenv("NDX_NODE"); node != nullptr) return node;
  return line.client().ExchangeAddress();
}

std::multimap<std::string, std::string> MetadataOf(const CallOptions& options) {
  std::multimap<std::string, std::string> metadata;
  const std::pair<const char*, const std::string*> entries[] = {
      {"ndx-purpose", &options.purpose},     {"ndx-dossier", &options.dossier},
      {"ndx-officer", &options.officer},     {"ndx-procedure", &options.procedure},
      {"ndx-provider", &options.provider},   {"ndx-exchange-id", &options.exchange_id},
      {"traceparent", &options.traceparent},
  };
  for (const auto& [key, value] : entries) {
    if (!value->empty()) metadata.emplace(key, *value);
  }
  return metadata;
}

// A receipt that did not fit into the trailers is fetched, as any consumer would.
std::string FetchReceipt(CommandLine& line, const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& exchange_id) {
  exchange::v1::GetReceiptRequest request;
  request.set_exchange_id(exchange_id);
  exchange::v1::GetReceiptResponse response;
  const ExchangeOutcome outcome = CallExchange(
      channel,
      {.method = "/ndx.exchange.v1.ExchangeService/GetReceipt",
       .request = request.SerializeAsString()},
      line.clock(), [&](const std::string& answer) { response.ParseFromString(answer); });
  return outcome.status.ok() ? response.receipt().tlog_proof() : "";
}

ExitCode SaveReceipt(CommandLine& line, const std::string& file, const std::string& receipt) {
  if (receipt.empty()) {
    return Complain(line.terminal(), "the node gave no receipt", ExitCode::kFailed);
  }
  std::ofstream out(file, std::ios::binary);
  out << receipt;
  out.close();
  return out ? ExitCode::kOk
             : Complain(line.terminal(), file + " cannot be written", ExitCode::kUsage);
}

class AnswerPrinter {
 public:
  AnswerPrinter(Terminal& terminal, DescriptorLibrary& library,
                const google::protobuf::Descriptor& type)
      : terminal_(terminal), library_(library), type_(type) {}

  void Print(const std::string& bytes) {
    const auto json = library_.ToJson(type_, bytes, /*pretty=*/!terminal_.json());
    if (json.ok()) {
      terminal_.out << *json << "\n";
    } else {
      failed_ = true;
      terminal_.err << "ndxctl: " << json.status().message() << "\n";
    }
  }
  bool failed() const { return failed_; }

 private:
  Terminal& terminal_;
  DescriptorLibrary& library_;
  const google::protobuf::Descriptor& type_;
  bool failed_ = false;
};

// What is to be sent where, or why not.
struct PreparedCall {
  std::unique_ptr<DescriptorLibrary> library;
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string request;
  CallerCredentials credentials;
};

absl::StatusOr<PreparedCall> Prepare(CommandLine& line, const CallOptions& options,
                                     grpc::Status& failed) {
  PreparedCall prepared;
  const auto text = RequestText(options.request);
  if (!text.ok()) return text.status();
  auto library = Library(line, options, failed);
  if (!library.ok()) return library.status();
  prepared.library = *std::move(library);
  const auto method = prepared.library->FindMethod(options.method);
  if (!method.ok()) return method.status();
  prepared.method = *method;
  auto bytes = prepared.library->ToBytes(*prepared.method->input_type(), *text);
  if (!bytes.ok()) return bytes.status();
  prepared.request = *std::move(bytes);
  const char* const pki = std::getenv("NDX_PKI");
  auto credentials = CallerCredentials::Load(
      options.as, options.pki.empty() && pki != nullptr ? pki : options.pki, options.ca_file);
  if (!credentials.ok()) return credentials.status();
  prepared.credentials = *std::move(credentials);
  return prepared;
}

ExitCode ComplainOfDelivery(Terminal& terminal, const absl::Status& why) {
  return Complain(
      terminal,
      absl::StrCat(terminal.Say("the node's signature over the answer does not count: ",
                                "chữ ký số của nút trục trên câu trả lời không hợp lệ: "),
                   why.message()),
      absl::IsPermissionDenied(why) ? ExitCode::kNotIntact : ExitCode::kUsage);
}

// The same call, kept and delivered later; its proofs are over the request itself.
ExitCode Submit(CommandLine& line, const CallOptions& options,
                const std::shared_ptr<grpc::Channel>& channel, ExchangeCall call) {
  exchange::v1::SubmitRequest request;
  request.set_method(std::move(call.method));
  request.set_request(std::move(call.request));
  request.set_order_key(options.order_key);
  call.method = "/ndx.exchange.v1.ExchangeService/Submit";
  call.request = request.SerializeAsString();
  exchange::v1::SubmitResponse handle;
  const ExchangeOutcome outcome =
      CallExchange(channel, call, line.clock(),
                   [&](const std::string& bytes) { handle.ParseFromString(bytes); });
  if (!outcome.status.ok()) return Report(line.terminal(), outcome.status);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(handle);
  } else {
    terminal.out << handle.exchange_id() << "  " << KeptStateText(handle.state(), terminal)
                 << terminal.Say(", until ", ", đến ") << TimeText(handle.expires()) << "\n";
  }
  return options.receipt_file.empty() ? ExitCode::kOk
                                      : SaveReceipt(line, options.receipt_file, outcome.receipt);
}

ExitCode Call(CommandLine& line, const CallOptions& options) {
  grpc::Status failed;
  auto prepared = Prepare(line, options, failed);
  if (!failed.ok()) return Report(line.terminal(), failed);
  if (!prepared.ok()) {
    return Complain(line.terminal(), std::string(prepared.status().message()),
                    absl::IsNotFound(prepared.status()) ? ExitCode::kNotFound : ExitCode::kUsage);
  }
  const auto channel =
      OpenChannel(NodeAddress(line, options), prepared->credentials, options.server_name);
  ExchangeCall call{.method = absl::StrCat("/", prepared->method->service()->full_name(), "/",
                                           prepared->method->name()),
                    .request = std::move(prepared->request),
                    .metadata = MetadataOf(options),
                    .timeout = absl::Seconds(options.deadline_seconds)};
  core::SystemRandom random;
  const absl::Status proved = ProveCall(options.proof, line.clock(), random, call);
  if (!proved.ok()) {
    return Complain(line.terminal(), std::string(proved.message()), ExitCode::kUsage);
  }
  if (options.submit) return Submit(line, options, channel, std::move(call));
  AnswerPrinter printer(line.terminal(), *prepared->library, *prepared->method->output_type());
  std::vector<std::string> delivered;  // as far as it is to be verified
  const ExchangeOutcome outcome =
      CallExchange(channel, call, line.clock(), [&](const std::string& bytes) {
        printer.Print(bytes);
        if (!options.proof.vkeys.empty()) delivered.push_back(bytes);
      });
  // An error's report names the exchange itself, where its details do.
  const bool reported = !ErrorReport::Of(outcome.status).exchange_id.empty();
  if (!outcome.exchange_id.empty() && !reported) {
    line.terminal().err << line.terminal().Say("exchange ", "giao dịch ") << outcome.exchange_id
                        << "\n";
  }
  ExitCode receipt_code = ExitCode::kOk;
  if (!options.receipt_file.empty() && !outcome.exchange_id.empty()) {
    const std::string receipt = outcome.receipt.empty()
                                    ? FetchReceipt(line, channel, outcome.exchange_id)
                                    : outcome.receipt;
    receipt_code = SaveReceipt(line, options.receipt_file, receipt);
  }
  if (!outcome.status.ok()) return Report(line.terminal(), outcome.status);
  if (!options.proof.vkeys.empty()) {
    const absl::Status signed_by_node =
        CheckDelivery(options.proof, call, prepared->method->server_streaming(), delivered,
                      outcome.signature, line.clock());
    if (!signed_by_node.ok()) return ComplainOfDelivery(line.terminal(), signed_by_node);
    line.terminal().err << line.terminal().Say("signed by the node as delivered",
                                               "nút trục đã ký số đúng nội dung đã giao")
                        << "\n";
  }
  return printer.failed() ? ExitCode::kFailed : receipt_code;
}

}  // namespace

void AddCallCommand(CommandLine& line) {
  auto options = std::make_shared<CallOptions>();
  command_options::Command command = line.program().AddCommand(
      "call", "Calls a method of a registered service through the node, JSON in and out");
  command.AddOption("method", options->method, "package.Service/Method").Required();
  command.AddOption("request", options->request, "JSON, @file, or - for standard input")
      .ShowDefault();
  command
      .AddOption("--as", options->as,
                 "Whose certificate: a path without .crt, or a system's name in --pki")
      .Required();
  command.AddOption("--pki", options->pki, "Directory of certificates (NDX_PKI)");
  command.AddOption("--ca", options->ca_file, "Authority of the node's certificate");
  command.AddOption("--node", options->node, "host:port of the node (NDX_NODE)");
  command.AddOption("--server-name", options->server_name, "Name in the node's certificate");
  command.AddOption("--descriptors", options->descriptors,
                    "FileDescriptorSet; the node's registry where not given");
  command.AddOption("--receipt", options->receipt_file, "Save the receipt (xác nhận giao dịch)");
  command.AddOption("--purpose", options->purpose, "Purpose (mục đích khai thác)");
  command.AddOption("--dossier", options->dossier, "Dossier code (mã hồ sơ)");
  command.AddOption("--officer", options->officer, "Officer code (mã cán bộ xử lý)");
  command.AddOption("--officer-token", options->proof.officer_token,
                    "File with the officer's own token (thẻ ký số của cán bộ)");
  command.AddOption("--sign-key", options->proof.sign_key,
                    "Sign the request (ký số) with the private key of this PEM file, mode 0600");
  command.AddOption("--save-signature", options->proof.signature_out,
                    "Save the signature, for ndx-verify receipt --signature");
  command.AddOption("--save-request", options->proof.request_out,
                    "Save the request's bytes, for ndx-verify receipt --request");
  command
      .AddOption("--node-key", options->proof.vkeys,
                 "Verify the node's signature over the answer by this file of its keys (ndxctl "
                 "journal key)")
      .OneEachTime();
  command.AddOption("--procedure", options->procedure, "Procedure code (mã TTHC)");
  command.AddOption("--provider", options->provider, "Which system, where several provide it");
  command.AddOption("--exchange-id", options->exchange_id, "Your own exchange id (UUIDv7)");
  command.AddOption("--traceparent", options->traceparent, "W3C trace context");
  command.AddFlag("--submit", options->submit,
                  "Have it kept, and delivered when the provider is there (lưu và chuyển tiếp)");
  command.AddOption("--order-key", options->order_key,
                    "With --submit: deliver behind earlier ones of the same key");
  command.AddOption("--deadline", options->deadline_seconds, "Seconds until the call is given up")
      .Range(0.001, 3600.0)
      .ShowDefault();
  line.Bind(command,
            "  ndxctl call ndx.land.v1.LandService/GetParcel '{\"parcel_id\":\"…\"}' \\\n"
            "      --as pki/VN:GOV:H55:mot-cua --purpose land-change --dossier "
            "H55.242-260302-0001\n"
            "  ndxctl call ndx.population.v1.PopulationService/VerifyCitizen @request.json \\\n"
            "      --as VN:GOV:H55:mot-cua --pki pki --receipt answer.receipt",
            [&line, options] { return Call(line, *options); });
}

}  // namespace ndx::tools::ndxctl

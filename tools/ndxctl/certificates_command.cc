// ndxctl certificates deny, allow and denied: callers' certificates that the node refuses, whatever
// their authorities say of them.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/crypto/certificate.h"
#include "ndx/registry/spki_digest.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using CertificateStub = OperatorClient::CertificateStub;

struct OrderOptions {
  std::string certificate;
  std::string reason;
};

// The key that an argument names: its digest, or a file with the certificate.
absl::StatusOr<std::string> KeyOf(const std::string& argument, const Terminal& terminal) {
  if (const auto digest = registry::ParseSpkiDigest(argument); digest.ok()) {
    return registry::SpkiDigestText(*digest);
  }
  const auto certificate = crypto::Certificate::Load(argument);
  if (certificate.ok()) return registry::SpkiDigestText(certificate->spki_sha256());
  return absl::InvalidArgumentError(absl::StrCat(
      Printable(certificate.status().message()), ". ",
      terminal.Say("Name a certificate by its PEM file, or by the SHA-256 of its public key "
                   "(SubjectPublicKeyInfo), 64 hexadecimal digits.",
                   "Hãy chỉ ra chứng thư số bằng tệp PEM, hoặc bằng mã SHA-256 của khóa công khai "
                   "(SubjectPublicKeyInfo), 64 chữ số thập lục phân.")));
}

ExitCode Deny(CommandLine& line, const OrderOptions& options) {
  const auto key = KeyOf(options.certificate, line.terminal());
  if (!key.ok()) {
    return Complain(line.terminal(), std::string(key.status().message()), ExitCode::kUsage);
  }
  api::DenyCertificateRequest request;
  request.set_spki_sha256(*key);
  request.set_reason(options.reason);
  return Ask(
      line, &CertificateStub::DenyCertificate, request,
      [](const api::DenyCertificateResponse& response, Terminal& terminal) {
        const api::DeniedCertificate& denied = response.denied();
        terminal.out << (response.was_denied()
                             ? terminal.Say("is denied already, since ", "đã bị chặn từ trước, từ ")
                             : terminal.Say("denied, and its connections ended, at ",
                                            "đã chặn và ngắt các kết nối, lúc "))
                     << TimeText(denied.since()) << terminal.Say(", leaf ", ", bản ghi ")
                     << denied.leaf_index() << "\n";
        if (!denied.system().empty()) {
          terminal.out << terminal.Say("of ", "của ") << Printable(denied.system()) << "\n";
        }
      });
}

ExitCode Allow(CommandLine& line, const OrderOptions& options) {
  const auto key = KeyOf(options.certificate, line.terminal());
  if (!key.ok()) {
    return Complain(line.terminal(), std::string(key.status().message()), ExitCode::kUsage);
  }
  api::AllowCertificateRequest request;
  request.set_spki_sha256(*key);
  request.set_reason(options.reason);
  return Ask(line, &CertificateStub::AllowCertificate, request,
             [](const api::AllowCertificateResponse& response, Terminal& terminal) {
               terminal.out << terminal.Say(
                                   "on the deny list no longer; the registry decides, leaf ",
                                   "đã bỏ khỏi danh sách chặn; danh bạ quyết định, bản ghi ")
                            << response.leaf_index() << "\n";
             });
}

ExitCode List(CommandLine& line) {
  return Ask(
      line, &CertificateStub::ListDeniedCertificates, api::ListDeniedCertificatesRequest(),
      [](const api::ListDeniedCertificatesResponse& response, Terminal& terminal) {
        TextTable table({std::string(terminal.Say("KEY (SPKI SHA-256)", "KHÓA (SPKI SHA-256)")),
                         std::string(terminal.Say("SYSTEM", "HỆ THỐNG")),
                         std::string(terminal.Say("SINCE", "TỪ LÚC")),
                         std::string(terminal.Say("BY", "NGƯỜI CHẶN")),
                         std::string(terminal.Say("LEAF", "BẢN GHI")),
                         std::string(terminal.Say("REASON", "LÝ DO"))});
        for (const api::DeniedCertificate& denied : response.certificates()) {
          table.AddRow({denied.spki_sha256(), Printable(denied.system()), TimeText(denied.since()),
                        Printable(denied.operator_name()), absl::StrCat(denied.leaf_index()),
                        Printable(denied.reason())});
        }
        table.Print(terminal);
      });
}

std::shared_ptr<OrderOptions> AddOrder(command_options::Command& command) {
  auto options = std::make_shared<OrderOptions>();
  command
      .AddOption("certificate", options->certificate,
                 "Its PEM file, or the SHA-256 of its public key in hexadecimal")
      .Required();
  command.AddOption("--reason", options->reason, "Why; stands in the journal").Required();
  return options;
}

}  // namespace

void AddCertificatesCommand(CommandLine& line) {
  command_options::Command certificates = line.program().AddCommand(
      "certificates", "Callers' certificates that the node denies (danh sách chặn chứng thư số)");
  certificates.RequireCommand();

  command_options::Command deny = certificates.AddCommand(
      "deny", "Refuses a certificate from now on, and ends the connections that it has open");
  line.Bind(deny,
            "  ndxctl certificates deny lost.crt --reason 'SC 12/2026: key lost'\n"
            "  ndxctl certificates deny 5f2c… --reason 'SC 12/2026'",
            [&line, options = AddOrder(deny)] { return Deny(line, *options); });

  command_options::Command allow = certificates.AddCommand(
      "allow", "Takes a certificate off the list; for another person than the one who denied it");
  line.Bind(allow, "  ndxctl certificates allow found.crt --reason 'BB 3/2026'",
            [&line, options = AddOrder(allow)] { return Allow(line, *options); });

  command_options::Command denied =
      certificates.AddCommand("denied", "Lists the certificates that are denied");
  line.Bind(denied, "  ndxctl certificates denied", [&line] { return List(line); });
}

}  // namespace ndx::tools::ndxctl

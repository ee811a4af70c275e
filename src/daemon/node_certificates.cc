#include "ndx/daemon/node_certificates.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/certificate.h"
#include "ndx/daemon/key_source.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

constexpr char kListenerTls[] = "listener.tls";
constexpr char kOperatorTls[] = "operator_api.http_tls";

// Certificates and authorities that the registry's providers name, each file once.
std::vector<CertificateWatch::Named> NamedBy(const registry::Registry& registry) {
  std::vector<CertificateWatch::Named> named;
  std::set<std::string> seen;
  const auto snapshot = registry.Current();
  for (const auto& service : snapshot->services()) {
    for (const registry::ProviderEntry& provider : service->providers) {
      const registry::Endpoint& at = provider.endpoint;
      if (!at.certificate_file.empty() && seen.insert(at.certificate_file).second) {
        named.push_back({.use = "provider",
                         .certificate_file = at.certificate_file,
                         .files = {at.certificate_file, at.key_file}});
      }
      if (!at.ca_file.empty() && seen.insert(at.ca_file).second) {
        named.push_back(
            {.use = "provider_ca", .certificate_file = at.ca_file, .files = {at.ca_file}});
      }
    }
  }
  return named;
}

}  // namespace

NodeCertificates::NodeCertificates(const Parts& parts)
    : parts_(parts),
      client_ca_file_(
          settings::ResolvePath(parts.settings_file, parts.settings.listener().client_ca_file())),
      watch_(parts.clock, parts.metrics, parts.log,
             CertificateWatch::OptionsOf(parts.settings.certificates())) {}

absl::StatusOr<std::unique_ptr<NodeCertificates>> NodeCertificates::Read(const Parts& parts) {
  std::unique_ptr<NodeCertificates> read(new NodeCertificates(parts));
  const core::MutexLock lock(read->mutex_);
  NDX_ASSIGN_OR_RETURN(read->listener_,
                       read->ReadPair(parts.settings.listener().tls(), kListenerTls));
  if (parts.settings.operator_api().has_http_tls()) {
    NDX_ASSIGN_OR_RETURN(read->operator_http_,
                         read->ReadPair(parts.settings.operator_api().http_tls(), kOperatorTls));
  }
  return read;
}

absl::StatusOr<NodeCertificates::Pair> NodeCertificates::ReadPair(
    const settings::v1::CertificateFiles& files, absl::string_view setting) const {
  const auto at = [&](const absl::Status& status, absl::string_view field) {
    return absl::Status(status.code(), absl::StrCat(parts_.settings_file, ": ", setting, ".", field,
                                                    ": ", status.message()));
  };
  Pair pair;
  auto path = FilePath(files.certificate_file(), parts_.settings_file);
  if (!path.ok()) return at(path.status(), "certificate_file");
  pair.certificate_file = *std::move(path);
  const auto certificate = crypto::Certificate::Load(pair.certificate_file);
  if (!certificate.ok()) return at(certificate.status(), "certificate_file");
  pair.not_after = certificate->not_after();
  const auto key = ReadTlsKey(files.key_file(), parts_.settings_file);
  if (!key.ok()) return at(key.status(), "key_file");
  if (!key->Fits(*certificate)) {
    return at(absl::InvalidArgumentError(absl::StrCat("is not the key of the certificate ",
                                                      pair.certificate_file,
                                                      " (khóa không khớp với chứng thư số)")),
              "key_file");
  }
  pair.key = key->handle();
  return pair;
}

transport::TlsFiles NodeCertificates::FilesOf(const Pair& pair) const {
  return {.certificate_chain = pair.certificate_file,
          .private_key = "",
          .peer_ca = client_ca_file_,
          .key = pair.key};
}

transport::TlsFiles NodeCertificates::Listener() const {
  const core::MutexLock lock(mutex_);
  return FilesOf(listener_);
}

absl::Time NodeCertificates::listener_not_after() const {
  const core::MutexLock lock(mutex_);
  return listener_.not_after;
}

http::HttpServerTls NodeCertificates::OperatorTls(const Pair& pair) const {
  const std::string& ca_file = parts_.settings.operator_api().client_ca_file();
  return {.certificate_file = pair.certificate_file,
          .key_file = "",
          .key = pair.key,
          .client_ca_file =
              ca_file.empty() ? "" : settings::ResolvePath(parts_.settings_file, ca_file)};
}

std::optional<http::HttpServerTls> NodeCertificates::OperatorHttp() const {
  const core::MutexLock lock(mutex_);
  if (!operator_http_.has_value()) return std::nullopt;
  return OperatorTls(*operator_http_);
}

std::vector<std::string> NodeCertificates::Watched(const settings::v1::CertificateFiles& files,
                                                   std::vector<std::string> more) const {
  for (const std::string* source : {&files.certificate_file(), &files.key_file()}) {
    const auto path = FilePath(*source, parts_.settings_file);
    if (path.ok() && !absl::StartsWith(*source, "pkcs11:")) more.push_back(*path);
  }
  return more;
}

void NodeCertificates::Serve(transport::Server& server, broker::Broker& broker,
                             const registry::Registry& registry, http::HttpServer* http) {
  const auto& tls = parts_.settings.listener().tls();
  watch_.Show({.use = "listener",
               .certificate_file = Listener().certificate_chain,
               .files = Watched(tls, {client_ca_file_}),
               .put = [this, &server, &broker] { return PutListener(server, broker); }});
  watch_.Believe("client_ca", client_ca_file_);
  if (const auto operators = OperatorHttp(); operators.has_value() && http != nullptr) {
    watch_.Show({.use = "operator_http",
                 .certificate_file = operators->certificate_file,
                 .files = Watched(parts_.settings.operator_api().http_tls(), {}),
                 .put = [this, http] { return PutOperatorHttp(*http); }});
  }
  watch_.ShowNamed([&registry] { return NamedBy(registry); },
                   [&broker] { broker.CertificatesChanged(); });
}

absl::Status NodeCertificates::PutListener(transport::Server& server, broker::Broker& broker) {
  NDX_ASSIGN_OR_RETURN(Pair pair, ReadPair(parts_.settings.listener().tls(), kListenerTls));
  NDX_RETURN_IF_ERROR(server.UpdateTls(FilesOf(pair)));
  {
    const core::MutexLock lock(mutex_);
    listener_ = std::move(pair);
  }
  broker.CertificatesChanged();
  return absl::OkStatus();
}

absl::Status NodeCertificates::PutOperatorHttp(http::HttpServer& http) {
  NDX_ASSIGN_OR_RETURN(Pair pair,
                       ReadPair(parts_.settings.operator_api().http_tls(), kOperatorTls));
  NDX_RETURN_IF_ERROR(http.UpdateTls(OperatorTls(pair)));
  const core::MutexLock lock(mutex_);
  operator_http_ = std::move(pair);
  return absl::OkStatus();
}

}  // namespace ndx::daemon

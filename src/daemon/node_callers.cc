// Which callers' certificates a node takes: revocation lists, responders, and whom it denies
// itself.
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "duration_setting.h"
#include "ndx/console/certificate_desk.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/ocsp.h"
#include "ndx/daemon/node.h"
#include "ndx/daemon/ocsp_watch.h"
#include "ndx/daemon/revocation_watch.h"
#include "ndx/http/url.h"
#include "ndx/security/denied_certificates.h"

namespace ndx::daemon {
namespace {

// In the journal's directory: it is this node's alone, locked, on a disk that the node cannot do
// without, and moves with the leaves that record the orders.
constexpr char kDeniedFile[] = "/denied-certificates.yaml";

// What is under way on the connections of a denied certificate gets as long to end.
constexpr absl::Duration kDismissalGrace = absl::Milliseconds(500);

// Connections of a certificate with this key. A system's are many, and have few certificates: what
// was read is remembered.
class HasKey {
 public:
  explicit HasKey(const crypto::Digest& spki_sha256) : spki_sha256_(spki_sha256) {}

  bool operator()(const transport::PeerIdentity& peer) {
    const auto [known, is_new] = known_.try_emplace(peer.leaf_der, false);
    if (is_new) {
      const auto certificate = crypto::Certificate::FromDer(peer.leaf_der);
      known->second = certificate.ok() && certificate->spki_sha256() == spki_sha256_;
    }
    return known->second;
  }

 private:
  const crypto::Digest spki_sha256_;
  absl::flat_hash_map<std::string, bool> known_;  // by the certificate's DER
};

}  // namespace

absl::Status Node::OpenRevocations() {
  authenticator_ = std::make_unique<security::Authenticator>(settings_.node().contact());
  security::RevocationFiles::Options files{.ca_file = Path(settings_.listener().client_ca_file())};
  for (const std::string& file : settings_.listener().crl_files()) {
    files.crl_files.push_back(Path(file));
  }
  if (settings_.listener().has_crl_max_age()) {
    files.max_age = DurationOf(settings_.listener().crl_max_age());
  }
  revocations_ = std::make_unique<RevocationWatch>(
      std::move(files), RevocationWatch::Parts{*authenticator_, clock_, *log_, metrics_});
  return revocations_->ReadAll();
}

absl::Status Node::OpenDenied() {
  NDX_ASSIGN_OR_RETURN(denied_, security::DeniedCertificates::Open(
                                    Path(settings_.journal().directory()) + kDeniedFile));
  authenticator_->SetDenied(*denied_);
  metrics_.AddSource(telemetry::MetricRegistry::SourceKind::kGauge, "ndx_certificates_denied",
                     "Certificates on the node's deny list.",
                     [this] { return static_cast<double>(denied_->size()); });
  certificate_desk_ = std::make_unique<console::CertificateDesk>(
      console::CertificateDesk::Parts{*denied_, anchoring_->journal(), clock_, *log_,
                                      [this](const crypto::Digest& spki_sha256) {
                                        transport::Server* const server = serving_.load();
                                        if (server != nullptr)
                                          server->Dismiss(HasKey(spki_sha256), kDismissalGrace);
                                      },
                                      &persons_});
  return absl::OkStatus();
}

absl::Status Node::AskOcsp() {
  if (!settings_.listener().has_ocsp()) return absl::OkStatus();
  const auto& settings = settings_.listener().ocsp();
  if (settings.responder().empty() && !settings.responder_of_certificate()) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings_file_,
                     ": listener.ocsp: nobody to ask; set responder to an address, or "
                     "responder_of_certificate: true to ask whom each certificate names"));
  }
  if (!settings.responder().empty()) {
    const absl::Status address = http::ParseUrl(settings.responder()).status();
    if (!address.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(settings_file_, ": listener.ocsp.responder: ", address.message()));
    }
  }
  ocsp_statuses_ = std::make_unique<security::OcspStatuses>(
      security::OcspStatuses::Options{.responder = settings.responder(),
                                      .required = settings.required(),
                                      .recheck = DurationOf(settings.recheck())},
      clock_);
  authenticator_->SetOcsp(*ocsp_statuses_);
  ocsp_client_ = std::make_unique<http::HttpClient>(http::HttpClientOptions{
      .timeout = DurationOf(settings.timeout()), .body_bytes_max = crypto::kOcspAnswerBytesMax});
  ocsp_watch_ = std::make_unique<OcspWatch>(
      OcspWatch::Parts{*ocsp_statuses_, *ocsp_client_, clock_, *log_, metrics_});
  return absl::OkStatus();
}

}  // namespace ndx::daemon

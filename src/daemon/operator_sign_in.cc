#include "ndx/daemon/operator_sign_in.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "duration_setting.h"
#include "ndx/core/status_macros.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

constexpr char kJsonTypes[] = "application/jwk-set+json, application/json";
constexpr int kHttpOk = 200;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  // One more than allowed, so that the limit is seen to be passed.
  std::string text(security::JsonWebKeySet::kBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

absl::StatusOr<std::string> Fetch(http::HttpClient& client, const std::string& url) {
  NDX_ASSIGN_OR_RETURN(const http::HttpResponse response, client.Get(url, kJsonTypes));
  if (response.status == kHttpOk) return response.body;
  return absl::UnavailableError(absl::StrCat(url, " answers HTTP ", response.status));
}

security::SignInTokenRules RulesOf(const settings::v1::OidcSettings& oidc) {
  security::SignInTokenRules rules{.issuer = oidc.issuer(),
                                   .audience = oidc.audience(),
                                   .user_claim = oidc.user_claim(),
                                   .life_max = DurationOf(oidc.life_max())};
  if (!oidc.allowed_algorithms().empty()) rules.algorithms.clear();
  for (const int algorithm : oidc.allowed_algorithms()) {
    const auto named = static_cast<settings::v1::TokenAlgorithm>(algorithm);
    rules.algorithms.emplace(
        absl::StripPrefix(settings::v1::TokenAlgorithm_Name(named), "TOKEN_ALGORITHM_"));
  }
  return rules;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorSignIn>> OperatorSignIn::Open(
    const settings::v1::OperatorSettings& settings, const std::string& settings_file,
    const core::Clock& clock, telemetry::Log& log) {
  std::unique_ptr<OperatorSignIn> sign_in(new OperatorSignIn(settings, settings_file, log));
  if (!settings.has_http_tls() && (!settings.client_ca_file().empty() || settings.has_oidc())) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings_file,
                     ": operator_api.http_tls: operators sign in over TLS only; set "
                     "it, or remove client_ca_file and oidc"));
  }
  if (!settings.client_ca_file().empty()) sign_in->OpenLists(clock);
  NDX_RETURN_IF_ERROR(sign_in->Reload());
  if (settings.has_oidc()) NDX_RETURN_IF_ERROR(sign_in->OpenTokens(clock, log));
  return sign_in;
}

std::string OperatorSignIn::Path(const std::string& named) const {
  return named.empty() ? named : settings::ResolvePath(settings_file_, named);
}

absl::Status OperatorSignIn::OpenTokens(const core::Clock& clock, telemetry::Log& log) {
  const settings::v1::OidcSettings& oidc = settings_.oidc();
  const auto at = [this](absl::string_view path, const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(settings_file_, ": operator_api.oidc.", path,
                                                    ": ", status.message()));
  };
  if (oidc.jwks_file().empty() == oidc.jwks_url().empty()) {
    return at("jwks_file", absl::InvalidArgumentError("name jwks_file or jwks_url, one of them"));
  }
  security::SignInTokenRules rules = RulesOf(oidc);
  if (absl::Status status = security::SignInTokens::CheckAlgorithms(rules.algorithms);
      !status.ok()) {
    return at("allowed_algorithms", status);
  }
  tokens_ = std::make_unique<security::SignInTokens>(std::move(rules));
  KeySetReaderOptions options{.interval = DurationOf(oidc.jwks_interval()),
                              .age_max = DurationOf(oidc.jwks_age_max())};
  if (!oidc.jwks_file().empty()) {
    options.read = [path = Path(oidc.jwks_file())] { return ReadFile(path); };
    reader_ = std::make_unique<KeySetReader>(std::move(options), clock, log, *tokens_);
    const absl::Status read = reader_->ReadNow();
    return read.ok() ? read : at("jwks_file", read);
  }
  if (!absl::StartsWith(oidc.jwks_url(), "https://")) {
    return at("jwks_url", absl::InvalidArgumentError("is no https address"));
  }
  client_ = std::make_unique<http::HttpClient>(http::HttpClientOptions{
      .body_bytes_max = security::JsonWebKeySet::kBytesMax, .ca_file = Path(oidc.jwks_ca_file())});
  options.read = [client = client_.get(), url = oidc.jwks_url()] { return Fetch(*client, url); };
  options.stop = [client = client_.get()] { client->Stop(); };
  reader_ = std::make_unique<KeySetReader>(std::move(options), clock, log, *tokens_);
  return absl::OkStatus();
}

void OperatorSignIn::OpenLists(const core::Clock& clock) {
  security::RevocationFiles::Options files{.ca_file = Path(settings_.client_ca_file())};
  for (const std::string& file : settings_.client_crl_files())
    files.crl_files.push_back(Path(file));
  lists_ = std::make_unique<security::RevocationFiles>(std::move(files), clock);
}

absl::Status OperatorSignIn::Reload() {
  if (lists_ == nullptr) return absl::OkStatus();
  const absl::Status read = lists_->ReadAll();
  if (read.ok()) return read;
  return absl::Status(
      read.code(),
      absl::StrCat(settings_file_, ": operator_api.client_crl_files: ", read.message()));
}

console::OperatorSiteOptions OperatorSignIn::SiteOptions() const {
  return {.tokens = tokens_.get(),
          .revocations = [this]() -> std::shared_ptr<const security::Revocations> {
            if (lists_ == nullptr) return nullptr;
            // Persons sign in seldom: each time the files are looked at.
            for (const absl::Status& fault : lists_->LookAgain().faults) {
              log_.Write(telemetry::LogEvent::kRevocationListRefused, {{"error", fault}});
            }
            return lists_->Current();
          },
          .message_bytes_max = settings_.http_limits().body_bytes()};
}

}  // namespace ndx::daemon

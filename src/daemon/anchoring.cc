#include "ndx/daemon/anchoring.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "duration_setting.h"
#include "ndx/anchors/older_copy.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/key_file.h"
#include "ndx/daemon/connection_limits.h"
#include "ndx/daemon/host_port.h"
#include "ndx/daemon/key_source.h"
#include "ndx/http/url.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/store/whole_file.h"

namespace ndx::daemon {

// The settings, with everything read that they name.
struct Anchoring::Plan {
  anchors::AnchorOptions anchors;
  std::map<std::string, std::string> authority_pem;
  http::HttpClientOptions client;

  struct Witness {
    anchors::WitnessOptions options;
    http::HttpServerOptions server;
    std::string path_prefix;
    journal::CosignatureSigner signer;
  };
  std::optional<Witness> witness;
};

namespace {

namespace api = console::v1;

constexpr size_t kCertificateFileBytesMax = 64 << 10;

// Says where in which file a fault is.
absl::Status At(const std::string& file, absl::string_view path, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(file, ": ", path, ": ", status.message()));
}

absl::Status Wrong(const std::string& file, absl::string_view path, absl::string_view text) {
  return At(file, path, absl::InvalidArgumentError(std::string(text)));
}

absl::Status ReadWitnessPeers(const settings::v1::AnchorSettings& settings, const std::string& file,
                              anchors::AnchorOptions& options) {
  std::set<std::string> seen;
  for (const auto& peer : settings.witnesses()) {
    const std::string path = absl::StrCat("anchors.witnesses[", options.witnesses.size(), "]");
    NDX_RETURN_IF_ERROR(At(file, path + ".url", http::ParseUrl(peer.url()).status()));
    auto verifier = journal::CosignatureVerifier::FromVkey(peer.vkey());
    NDX_RETURN_IF_ERROR(At(file, path + ".vkey", verifier.status()));
    if (!seen.insert(verifier->name()).second) return Wrong(file, path, "two have the same name");
    std::string url = peer.url();
    while (absl::EndsWith(url, "/")) url.pop_back();
    options.witnesses.push_back({.url = std::move(url), .verifier = *std::move(verifier)});
  }
  options.witnesses_required = options.witnesses.empty() ? 0 : settings.witnesses_required();
  if (options.witnesses_required > options.witnesses.size()) {
    return Wrong(file, "anchors.witnesses_required", "is more than there are witnesses");
  }
  return absl::OkStatus();
}

absl::Status ReadAuthorities(const settings::v1::AnchorSettings& settings, const std::string& file,
                             anchors::AnchorOptions& options,
                             std::map<std::string, std::string>& pem) {
  for (const auto& authority : settings.time_stamp_authorities()) {
    const std::string path =
        absl::StrCat("anchors.time_stamp_authorities[", options.authorities.size(), "]");
    if (!anchors::IsAuthorityName(authority.name())) {
      return Wrong(file, path + ".name", "must be lower-case letters, digits and '-'");
    }
    NDX_RETURN_IF_ERROR(At(file, path + ".url", http::ParseUrl(authority.url()).status()));
    const auto text = store::ReadWholeFile(
        settings::ResolvePath(file, authority.certificate_file()), kCertificateFileBytesMax);
    NDX_RETURN_IF_ERROR(At(file, path + ".certificate_file", text.status()));
    auto trust = crypto::TimeStampTrust::FromPem(*text);
    NDX_RETURN_IF_ERROR(At(file, path + ".certificate_file", trust.status()));
    if (!pem.emplace(authority.name(), *text).second) {
      return Wrong(file, path + ".name", "two have the same name");
    }
    options.authorities.push_back(
        {.name = authority.name(), .url = authority.url(), .trust = *std::move(trust)});
  }
  options.time_stamps_required = options.authorities.empty() ? 0 : settings.time_stamps_required();
  if (options.time_stamps_required > options.authorities.size()) {
    return Wrong(file, "anchors.time_stamps_required", "is more than there are authorities");
  }
  return absl::OkStatus();
}

absl::StatusOr<journal::CosignatureSigner> ReadWitnessKey(
    const settings::v1::WitnessSettings& settings, const std::string& file) {
  NDX_ASSIGN_OR_RETURN(const std::string path, KeyPath(settings.signing_key(), file));
  NDX_ASSIGN_OR_RETURN(auto key, crypto::ReadEd25519KeyFile(path));
  return journal::CosignatureSigner::Create(settings.name(), std::move(key));
}

absl::StatusOr<std::vector<journal::NoteVerifier>> ReadWitnessedLogs(
    const settings::v1::WitnessSettings& settings, const std::string& file) {
  std::vector<journal::NoteVerifier> logs;
  for (const std::string& vkey : settings.journal_vkeys()) {
    auto verifier = journal::NoteVerifier::FromVkey(vkey);
    NDX_RETURN_IF_ERROR(
        At(file, absl::StrCat("witness.journal_vkeys[", logs.size(), "]"), verifier.status()));
    logs.push_back(*std::move(verifier));
  }
  return logs;
}

absl::StatusOr<http::HttpServerOptions> WitnessPort(const settings::v1::WitnessSettings& settings,
                                                    const std::string& file) {
  const auto address = ParseHostPort(settings.http_address());
  NDX_RETURN_IF_ERROR(At(file, "witness.http_address", address.status()));
  http::HttpServerOptions options;
  options.address = address->host;
  options.port = address->port;
  SetHttpLimits(settings.http_limits(), options);
  if (settings.certificate_file().empty() != settings.key_file().empty()) {
    return Wrong(file, "witness", "certificate_file and key_file go together");
  }
  if (!settings.certificate_file().empty()) {
    options.tls = {.certificate_file = settings::ResolvePath(file, settings.certificate_file()),
                   .key_file = settings::ResolvePath(file, settings.key_file())};
  }
  return options;
}

void SetWholeSeconds(absl::Time time, google::protobuf::Timestamp& out) {
  out.set_seconds(absl::ToUnixSeconds(time));
}

void FillKind(const anchors::AnchorState& state, api::AnchorKindStatus& out) {
  out.set_configured(static_cast<uint32_t>(state.configured));
  out.set_required(static_cast<uint32_t>(state.required));
  out.set_covered(state.covered);
  if (state.newest.has_value()) SetWholeSeconds(*state.newest, *out.mutable_newest());
  if (state.unanchored_since.has_value()) {
    SetWholeSeconds(*state.unanchored_since, *out.mutable_unanchored_since());
  }
  out.set_overdue(state.overdue);
  for (const auto& [who, text] : state.failures) out.add_failures(absl::StrCat(who, ": ", text));
}

// Anchors of any age, those of a key included that may come into use later in this run.
anchors::AnchorTrust TrustOf(const anchors::AnchorOptions& options,
                             const journal::JournalKeys& keys) {
  anchors::AnchorTrust trust;
  for (const journal::JournalKey& key : keys.keys()) {
    trust.journal.push_back(journal::NoteVerifier::FromVkey(key.vkey).value());
  }
  trust.witnesses.required = options.witnesses_required;
  for (const auto& peer : options.witnesses) trust.witnesses.witnesses.push_back(peer.verifier);
  for (const auto& authority : options.authorities) {
    trust.authorities.emplace(authority.name, authority.trust);
  }
  return trust;
}

}  // namespace

absl::StatusOr<Anchoring::Plan> Anchoring::ReadSettings(const settings::v1::NodeSettings& settings,
                                                        const std::string& settings_file) {
  Plan plan;
  const auto& wanted = settings.anchors();
  NDX_RETURN_IF_ERROR(ReadWitnessPeers(wanted, settings_file, plan.anchors));
  NDX_RETURN_IF_ERROR(ReadAuthorities(wanted, settings_file, plan.anchors, plan.authority_pem));
  plan.anchors.witness_interval = DurationOf(wanted.witness_interval());
  plan.anchors.time_stamp_interval = DurationOf(wanted.time_stamp_interval());
  plan.anchors.alarm_after = DurationOf(wanted.alarm_after());
  if (wanted.when_unanchored() == settings::v1::UNANCHORED_POLICY_STOP) {
    plan.anchors.stop_after = DurationOf(wanted.stop_after());
  }
  plan.client.timeout = DurationOf(wanted.request_timeout());
  if (!wanted.ca_file().empty()) {
    plan.client.ca_file = settings::ResolvePath(settings_file, wanted.ca_file());
  }
  const auto& witness = settings.witness();
  if (witness.http_address().empty()) return plan;
  if (witness.directory().empty()) return Wrong(settings_file, "witness.directory", "is required");
  const std::string& prefix = witness.path_prefix();
  if (!prefix.empty() && (!absl::StartsWith(prefix, "/") || absl::EndsWith(prefix, "/"))) {
    return Wrong(settings_file, "witness.path_prefix", "begins with '/' and does not end in one");
  }
  auto signer = ReadWitnessKey(witness, settings_file);
  NDX_RETURN_IF_ERROR(At(settings_file, "witness", signer.status()));
  NDX_ASSIGN_OR_RETURN(auto logs, ReadWitnessedLogs(witness, settings_file));
  NDX_ASSIGN_OR_RETURN(auto server, WitnessPort(witness, settings_file));
  plan.witness = Plan::Witness{
      .options = {.directory = settings::ResolvePath(settings_file, witness.directory()),
                  .logs = std::move(logs)},
      .server = std::move(server),
      .path_prefix = prefix,
      .signer = *std::move(signer)};
  return plan;
}

absl::Status Anchoring::Check(const settings::v1::NodeSettings& settings,
                              const std::string& settings_file) {
  return ReadSettings(settings, settings_file).status();
}

absl::Status Anchoring::RefuseOlderCopy(const settings::v1::NodeSettings& settings,
                                        const std::string& settings_file, const std::string& newest,
                                        const journal::TreeHead& head) {
  NDX_ASSIGN_OR_RETURN(const Plan plan, ReadSettings(settings, settings_file));
  http::HttpClient client(plan.client);
  return anchors::RefuseOlderCopy(plan.anchors.witnesses, client, newest, head);
}

absl::StatusOr<std::unique_ptr<Anchoring>> Anchoring::Build(const AnchoringParts& parts) {
  NDX_ASSIGN_OR_RETURN(Plan plan, ReadSettings(parts.settings, parts.settings_file));
  NDX_ASSIGN_OR_RETURN(
      auto store, anchors::AnchorStore::Open(
                      absl::StrCat(parts.journal.findings().epoch_directory, "/anchors"), nullptr));
  std::unique_ptr<Anchoring> anchoring(new Anchoring(parts, plan, std::move(store)));
  if (plan.witness.has_value()) NDX_RETURN_IF_ERROR(anchoring->OpenWitness(std::move(plan)));
  return anchoring;
}

Anchoring::Anchoring(const AnchoringParts& parts, Plan plan,
                     std::unique_ptr<anchors::AnchorStore> store)
    : parts_(parts),
      authority_pem_(plan.authority_pem),
      store_(std::move(store)),
      client_(plan.client),
      anchors_(plan.anchors, {.reader = parts.journal.reader(),
                              .store = *store_,
                              .poster = client_,
                              .random = parts.random,
                              .clock = parts.clock,
                              .log = parts.log,
                              .metrics = parts.metrics}),
      journal_(parts.journal, anchors_),
      ledger_(*store_, TrustOf(plan.anchors, parts.journal), parts.journal.reader()),
      asks_(!plan.anchors.witnesses.empty() || !plan.anchors.authorities.empty()) {}

absl::Status Anchoring::OpenWitness(Plan plan) {
  for (const journal::JournalKey& key : parts_.journal.keys()) {
    const auto own = journal::NoteVerifier::FromVkey(key.vkey);
    if (own.ok() && own->public_key() == plan.witness->signer.verifier().public_key()) {
      return Wrong(parts_.settings_file, "witness.signing_key",
                   "is the journal's own key; a witness has another");
    }
  }
  witness_options_ = plan.witness->server;
  witness_options_.observer = parts_.http_observer;
  NDX_ASSIGN_OR_RETURN(witness_, anchors::Witness::Open(std::move(plan.witness->options),
                                                        std::move(plan.witness->signer),
                                                        parts_.clock, parts_.log, parts_.metrics));
  witness_site_ = std::make_unique<anchors::WitnessSite>(*witness_, plan.witness->path_prefix);
  return absl::OkStatus();
}

absl::Status Anchoring::Serve() {
  if (witness_ != nullptr) {
    NDX_ASSIGN_OR_RETURN(witness_server_,
                         http::HttpServer::Start(witness_options_, *witness_site_));
    parts_.log.Write(
        telemetry::LogEvent::kListening,
        {{"address", absl::StrCat(witness_options_.address, ":", witness_server_->port())},
         {"for", "witness"}});
  }
  if (asks_) thread_ = std::make_unique<anchors::AnchorThread>(anchors_, client_);
  return absl::OkStatus();
}

void Anchoring::Stop() {
  thread_.reset();
  if (witness_server_ != nullptr) witness_server_->Stop();
}

api::AnchoringStatus Anchoring::Status() const {
  const anchors::AnchorStatus status = anchors_.status();
  api::AnchoringStatus out;
  FillKind(status.witnesses, *out.mutable_witnesses());
  FillKind(status.time_stamps, *out.mutable_time_stamps());
  out.set_contradiction(status.contradiction);
  out.set_stopped(status.stopped);
  if (witness_ != nullptr) out.set_witness_vkey(witness_->vkey());
  return out;
}

}  // namespace ndx::daemon

#include "ndx/tests/unit/console/console_fixture.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/rpc/status.pb.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/spki_digest.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::tests {
namespace {

constexpr char kGrants[] = R"(
grants:
- name: look-up
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp", "probe.v1.PeopleService/Verify"]
  purposes: [tthc]
  quota: {per_second: 10, per_day: 1000}
  legal_basis: QD 1
- name: old
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp"]
  valid_to: "2020-12-31"
  legal_basis: QD 0
)";

template <typename Detail, typename Take>
void ForDetail(const grpc::Status& status, Take take) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return;
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) take(detail);
  }
}

// One operator, with these roles; nobody without any.
settings::v1::OperatorSettings SettingsWith(const std::vector<OperatorRole>& roles) {
  settings::v1::OperatorSettings settings;
  if (roles.empty()) return settings;
  settings::v1::Operator& entry = *settings.add_operators();
  entry.set_user(ConsoleFixture::OperatorName());
  for (const OperatorRole role : roles) entry.add_roles(role);
  return settings;
}

}  // namespace

std::vector<OperatorRole> AllRoles() {
  return {settings::v1::OPERATOR_ROLE_VIEWER,        settings::v1::OPERATOR_ROLE_INVESTIGATOR,
          settings::v1::OPERATOR_ROLE_REPLAYER,      settings::v1::OPERATOR_ROLE_APPROVER,
          settings::v1::OPERATOR_ROLE_ADMINISTRATOR, settings::v1::OPERATOR_ROLE_POLICY_EDITOR,
          settings::v1::OPERATOR_ROLE_KEY_CUSTODIAN, settings::v1::OPERATOR_ROLE_AUDITOR};
}

std::string ConsoleFixture::OperatorName() { return absl::StrCat(getuid()); }

std::string ConsoleFixture::ReferenceTo(absl::string_view value) {
  std::string reference(value);
  reference.resize(16, '-');
  return reference;
}

ConsoleFixture::ConsoleFixture(const std::vector<OperatorRole>& roles)
    : source_(ProbeSource()), socket_(directory_.File("operator.sock")) {
  auto snapshot = BuildProbeRegistry(kGrants);
  NDX_CHECK(snapshot.ok());
  snapshot_ = *snapshot;
  registry_ = std::make_unique<registry::Registry>(snapshot_);
  auto operators = console::OperatorDirectory::Build(SettingsWith(roles),
                                                     console::OperatorDirectory::SystemUser);
  NDX_CHECK(operators.ok());
  search_index_ =
      search::SearchIndex::Open({.directory = directory_.File("index")}, journal_).value();
  erasures_ = std::make_unique<console::ErasureDesk>(
      console::ErasureDesk::Parts{keeper_, journal_, journal_, clock_, log_, &persons_},
      console::ErasureDesk::Options{});
  ledger_ = registry::RegistryLedger::Open(directory_.File("registry")).value();
  source_.kept_contract = [this](absl::string_view sha256) {
    return ledger_->contracts().Get(sha256);
  };
  desk_ = std::make_unique<console::RegistryDesk>(
      console::RegistryDesk::Parts{*ledger_, source_, control_, journal_, clock_, log_, &persons_});
  access_desk_ = std::make_unique<console::AccessDesk>(
      console::AccessDesk::Parts{*ledger_, *desk_, *registry_, journal_, clock_, log_},
      console::AccessDesk::Options{});
  KeepFirst();
  denied_ = security::DeniedCertificates::Open(directory_.File("denied.yaml")).value();
  certificate_desk_ = std::make_unique<console::CertificateDesk>(console::CertificateDesk::Parts{
      *denied_, journal_, clock_, log_, [this](const crypto::Digest& key) {
        connections_ended_.push_back(registry::SpkiDigestText(key));
      }});
  node_ = std::make_unique<console::OperatorNode>(console::OperatorNode{
      .clock = clock_,
      .log = log_,
      .journal = journal_,
      .reader = journal_,
      .keys = keys_,
      .registry = *registry_,
      .registry_source = source_,
      .control = control_,
      .verify_journal =
          [this](const console::OperatorNode::Progress& progress) {
            return RunVerification(progress);
          },
      .back_up_journal =
          [this](journal::BackupOptions options) { return backup(std::move(options)); },
      .search_index = search_index_.get(),
      .keeper = &keeper_,
      .erasures = erasures_.get(),
      .references =
          [](journal::ReferenceKind, absl::string_view value, const search::TimeBound&) {
            return std::vector<std::string>{ReferenceTo(value)};
          },
      .registry_desk = desk_.get(),
      .registry_ledger = ledger_.get(),
      .access_desk = access_desk_.get(),
      .persons = &persons_,
      .certificate_desk = certificate_desk_.get(),
      .retention = &retention_,
      .journal_directory = directory_.path()});
  auto server =
      console::OperatorServer::Start({.socket = socket_}, *node_, *std::move(operators), random_);
  NDX_CHECK(server.ok());
  server_ = *std::move(server);
  channel_ = grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials());
  stub_ = console::v1::OperatorService::NewStub(channel_);
}

// The fixture's registry as the first change, as on the first start of a node.
void ConsoleFixture::KeepFirst() {
  const auto document =
      registry::ParseRegistry({{.name = "/base.yaml", .text = ProbeRegistryYaml()},
                               {.name = "/grants.yaml", .text = kGrants}});
  NDX_CHECK(document.ok());
  registry::v1::RegistryChange change;
  change.set_origin(registry::v1::CHANGE_ORIGIN_FILES);
  change.set_time_unix_ns(absl::ToUnixNanos(clock_.Now()));
  const auto entries = registry::EditableDocument::Of(*document);
  NDX_CHECK(entries.ok());
  for (const auto& [key, entry] : entries->entries()) *change.add_entries() = entry;
  const auto prepared = ledger_->Prepare(std::move(change));
  NDX_CHECK(prepared.ok() && ledger_->Keep(*prepared, std::nullopt, 0).ok());
}

absl::StatusOr<journal::VerifyReport> ConsoleFixture::RunVerification(
    const console::OperatorNode::Progress& progress) {
  while (progress(verify_report_.leaves / 2, verify_report_.leaves)) {
    if (!verify_forever_) return verify_report_;
  }
  return absl::CancelledError("given up");
}

std::string ExchangeIdText(int number) {
  return absl::StrFormat("01930a5d-ac96-774b-bcce-%012x", number);
}

journal::v1::JournalLeaf ExchangeLeaf(journal::v1::JournalEvent event, int number,
                                      const std::string& consumer) {
  journal::v1::JournalLeaf leaf;
  leaf.set_event(event);
  const auto id = core::ExchangeId::Parse(ExchangeIdText(number));
  NDX_CHECK(id.ok());
  leaf.set_exchange_id(std::string(id->bytes()));
  leaf.set_consumer(consumer);
  leaf.set_provider("VN:GOV:G01:population");
  leaf.set_method("/probe.v1.PeopleService/LookUp");
  leaf.set_purpose("tthc");
  return leaf;
}

std::string ReasonOf(const grpc::Status& status) {
  std::string reason;
  ForDetail<google::rpc::ErrorInfo>(status, [&](const auto& info) { reason = info.reason(); });
  return reason;
}

std::string FaultOf(const grpc::Status& status) {
  std::string fault;
  ForDetail<google::rpc::ErrorInfo>(status,
                                    [&](const auto& info) { fault = info.metadata().at("fault"); });
  return fault;
}

std::string TextOf(const grpc::Status& status, const std::string& locale) {
  std::string text;
  ForDetail<google::rpc::LocalizedMessage>(status, [&](const auto& message) {
    if (message.locale() == locale) text = message.message();
  });
  return text;
}

}  // namespace ndx::tests

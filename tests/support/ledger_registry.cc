#include "ndx/tests/support/ledger_registry.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/core/status_macros.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/test_certificates.h"

namespace ndx::tests {
namespace {

constexpr char kProto[] = R"(
  syntax = "proto3";
  package ledger.v1;
  import "ndx/options/v1/options.proto";

  message Ask {
    string key = 1 [(ndx.options.v1.field) = {required: true}];
    string remark = 2;
  }
  message Entry {
    string key = 1;
    string secret = 2;
    string code = 3 [(ndx.options.v1.field) = {business_code: true}];
  }
  service LedgerService {
    rpc Read(Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_READ replay: REPLAY_POLICY_FREE default_deadline: {seconds: 10}};
    }
    rpc Note(Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_READ write_ahead: true replay: REPLAY_POLICY_WITH_APPROVAL};
    }
    rpc Change(Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_CHANGE replay: REPLAY_POLICY_FREE default_deadline: {seconds: 10}};
    }
    rpc ChangeOnce(Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_CHANGE idempotent: true default_deadline: {seconds: 10}};
    }
    rpc Send(Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_CHANGE idempotent: true replay: REPLAY_POLICY_WITH_APPROVAL default_deadline: {seconds: 10}};
    }
    rpc List(Ask) returns (stream Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_READ replay: REPLAY_POLICY_FREE default_deadline: {seconds: 10}};
    }
    rpc Apply(Ask) returns (stream Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_CHANGE default_deadline: {seconds: 10}};
    }
    rpc Small(Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_READ message_bytes_max: 1024};
    }
    rpc Upload(stream Ask) returns (Entry) {
      option (ndx.options.v1.method) = {effect: EFFECT_CHANGE};
    }
  }
)";

constexpr char kYaml[] = R"(
purposes:
- {code: tthc, name_vi: Giải quyết thủ tục hành chính}
members:
- {code: G00, name_vi: Trung tâm dữ liệu, contact: trực ban trục}
- {code: G01, name_vi: Cơ quan chủ quản, contact: trực ban sổ}
- {code: H55, name_vi: UBND tỉnh}
- {code: G24, name_vi: Bảo hiểm xã hội}
systems:
- {id: "VN:GOV:G00:ndx"}
- {id: "VN:GOV:G01:ledger", signing_keys: %s}
- {id: "VN:GOV:H55:mot-cua", certificates: [{spki_sha256: "%s"}]}
- {id: "VN:GOV:G24:bhxh", certificates: [{spki_sha256: "%s"}]}
services:
- name: ledger.v1.LedgerService
  providers:
  - {system: "VN:GOV:G01:ledger", endpoint: "embedded:ledger", limits: {concurrent_calls: 4}, signed_answers: %s, keep: KEEP}
  methods:
  - {name: Read, deadline_max: 30s}
grants:
- name: one-stop
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["ledger.v1.LedgerService/*"]
  purposes: [tthc]
  legal_basis: test
- name: insurer
  consumer: "VN:GOV:G24:bhxh"
  methods: ["ledger.v1.LedgerService/Read", "ledger.v1.LedgerService/List"]
  answer_fields: [key, code]
  legal_basis: test
)";

ProtoSource& Protos() {
  static auto* const kProtos =
      new ProtoSource(ProtoSource::Files{{"ledger/v1/ledger.proto", kProto}});
  return *kProtos;
}

}  // namespace

std::string LedgerNode() { return "VN:GOV:G00:ndx"; }

std::shared_ptr<const registry::RegistrySnapshot> BuildLedgerRegistry(
    absl::string_view more_yaml, absl::string_view provider_keys) {
  static const auto* const kDescriptors = new std::string(Protos().DescriptorSet());
  const registry::RegistrySource source{
      .embedded_adapters = {{"ledger", *kDescriptors}},
      .node_system = core::SystemId::Parse(LedgerNode()).value(),
      .node_services = {exchange::v1::GetReceiptRequest::descriptor()->file()->FindServiceByName(
          "ExchangeService")}};
  std::vector<settings::SettingsFile> files = {
      {.name = "ledger.yaml",
       .text = absl::StrFormat(kYaml, provider_keys.empty() ? "[]" : provider_keys, OneStopSpki(),
                               InsurerSpki(), provider_keys.empty() ? "false" : "true")}};
  if (!more_yaml.empty()) files.push_back({.name = "more.yaml", .text = std::string(more_yaml)});
  auto built = registry::BuildRegistry(files, source);
  if (!built.ok()) std::fprintf(stderr, "%s\n", built.status().ToString().c_str());
  NDX_CHECK(built.ok());
  return *std::move(built);
}

std::string LedgerMethod(absl::string_view name) {
  return absl::StrCat("/ledger.v1.LedgerService/", name);
}

std::string AskBytes(absl::string_view key) {
  return absl::StrCat("\x0a", std::string(1, static_cast<char>(key.size())), key);
}

std::string EntryBytes(absl::string_view key, absl::string_view secret, absl::string_view code) {
  const auto field = [](char tag, absl::string_view text) {
    return text.empty() ? "" : absl::StrCat(std::string{tag, static_cast<char>(text.size())}, text);
  };
  return absl::StrCat(field('\x0a', key), field('\x12', secret), field('\x1a', code));
}

}  // namespace ndx::tests

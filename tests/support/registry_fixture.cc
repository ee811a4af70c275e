#include "ndx/tests/support/registry_fixture.h"

#include "ndx/tests/support/proto_source.h"

namespace ndx::tests {

namespace {

constexpr const char* kProto = R"(
    syntax = "proto3";
    package probe.v1;
    import "ndx/options/v1/options.proto";
    import "google/protobuf/timestamp.proto";

    message Address {
      string province = 1 [(ndx.options.v1.field) = {format: FORMAT_PROVINCE_CODE}];
      string commune = 2 [(ndx.options.v1.field) = {format: FORMAT_COMMUNE_CODE required: true}];
      string detail = 3;
    }
    message Person {
      string citizen_id = 1 [(ndx.options.v1.field) = {format: FORMAT_CITIZEN_ID required: true}];
      string full_name = 2 [(ndx.options.v1.field) = {personal_data: PERSONAL_DATA_BASIC}];
      Address address = 3;
      repeated Person children = 4;
      map<string, Address> addresses = 5;
      repeated string documents = 6 [(ndx.options.v1.field) = {format: FORMAT_DOSSIER_CODE}];
      bytes photo = 7 [(ndx.options.v1.field) = {personal_data: PERSONAL_DATA_SENSITIVE}];
      google.protobuf.Timestamp seen = 8;
      double height = 9;
      repeated int32 numbers = 10;
      repeated fixed64 wide = 11;
      sint64 offset = 12;
      bool alive = 13;
    }
    message LookUpRequest {
      oneof identity {
        string citizen_id = 1 [(ndx.options.v1.field) = {format: FORMAT_CITIZEN_ID}];
        string card = 2 [(ndx.options.v1.field) = {format: FORMAT_IDENTITY_CARD}];
        Address home = 3;
      }
      string name = 4 [(ndx.options.v1.field) = {required: true}];
      int32 page = 5;
      Address address = 6;
      repeated Person people = 7;
      string enterprise = 8 [(ndx.options.v1.field) = {format: FORMAT_ENTERPRISE_CODE}];
    }
    message LookUpResponse { Person person = 1; repeated Person household = 2; int32 total = 3; }
    message VerifyRequest {
      string citizen_id = 1 [(ndx.options.v1.field) = {required: true subject: SUBJECT_PERSON}];
    }
    message VerifyResponse { bool matches = 1; }
    message RequiredKinds {
      int32 number = 1 [(ndx.options.v1.field) = {required: true}];
      optional int32 given = 2 [(ndx.options.v1.field) = {required: true}];
      repeated int32 list = 3 [(ndx.options.v1.field) = {required: true}];
      Address address = 4 [(ndx.options.v1.field) = {required: true}];
      bytes raw = 5 [(ndx.options.v1.field) = {required: true}];
      double real = 6 [(ndx.options.v1.field) = {required: true}];
      map<string, int32> counts = 7 [(ndx.options.v1.field) = {required: true}];
    }
    message Nothing {}

    service PeopleService {
      rpc LookUp(LookUpRequest) returns (LookUpResponse) {
        option (ndx.options.v1.method) = {effect: EFFECT_READ replay: REPLAY_POLICY_FREE default_deadline: {seconds: 3}};
      }
      rpc Verify(VerifyRequest) returns (VerifyResponse) {
        option (ndx.options.v1.method) = {effect: EFFECT_READ};
      }
      rpc Register(Person) returns (Nothing) {
        option (ndx.options.v1.method) = {effect: EFFECT_CHANGE write_ahead: true replay: REPLAY_POLICY_WITH_APPROVAL};
      }
      rpc Watch(VerifyRequest) returns (stream LookUpResponse) { option (ndx.options.v1.method) = {effect: EFFECT_READ}; }
      rpc Upload(stream Person) returns (Nothing);
      rpc List(RequiredKinds) returns (LookUpResponse) {
        option (ndx.options.v1.method) = {effect: EFFECT_CHANGE idempotent: true message_bytes_max: 8388608};
      }
    }
    service CatalogueService {
      rpc Get(Nothing) returns (VerifyResponse) { option (ndx.options.v1.method) = {effect: EFFECT_READ}; }
      rpc Plain(Nothing) returns (Nothing);
    }
  )";

}  // namespace

const std::string& ProbeProto() {
  static const auto* const kText = new std::string(kProto);
  return *kText;
}

const std::string& ProbeRegistryYaml() {
  static const auto* const kText = new std::string(R"(
purposes:
- {code: tthc, name_vi: Giải quyết thủ tục hành chính}
- {code: thong-ke, name_vi: Thống kê}
members:
- {code: G01, name_vi: Bộ Công an, contact: trực ban 069}
- {code: H55, name_vi: UBND tỉnh Thái Nguyên}
- {code: 000.00.20.G09, name_vi: Cục của Bộ Nội vụ}
systems:
- {id: "VN:GOV:G01:population"}
- {id: "VN:GOV:G01:backup"}
- {id: "VN:GOV:H55:mot-cua"}
- {id: "VN:GOV:000.00.20.G09:ho-so"}
services:
- name: probe.v1.PeopleService
  adapter: people
  providers:
  - {system: "VN:GOV:G01:population", endpoint: "embedded:people"}
  - {system: "VN:GOV:G01:backup", endpoint: "unix:/run/backup.sock"}
- name: probe.v1.CatalogueService
  providers:
  - {system: "VN:GOV:G01:population", endpoint: "embedded:people"}
)");
  return *kText;
}

registry::RegistrySource ProbeSource() {
  static const auto* const kDescriptors = new std::string(
      ProtoSource(ProtoSource::Files{{"probe/v1/probe.proto", ProbeProto()}}).DescriptorSet());
  return {.embedded_adapters = {{"people", *kDescriptors}}};
}

absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> BuildProbeRegistry(
    absl::string_view more_yaml) {
  return registry::BuildRegistry({{.name = "base.yaml", .text = ProbeRegistryYaml()},
                                  {.name = "more.yaml", .text = std::string(more_yaml)}},
                                 ProbeSource());
}

}  // namespace ndx::tests

#include "probe_schema.h"

#include "ndx/settings/settings_loader.h"

namespace ndx::tests {
namespace {

constexpr const char* kSchema = R"(
  syntax = "proto3";
  package probe;
  import "google/protobuf/duration.proto";
  import "google/protobuf/timestamp.proto";
  import "ndx/settings/v1/setting_rules.proto";
  enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_BLUE = 2; }
  message Inner { string name = 1; repeated int32 numbers = 2; Inner inner = 3; }
  message Probe {
    int32 i32 = 1; int64 i64 = 2; uint32 u32 = 3; uint64 u64 = 4; double real = 5; float single = 6;
    bool flag = 7; string text = 8; bytes raw = 9; Colour colour = 10;
    google.protobuf.Duration span = 11; google.protobuf.Timestamp at = 12;
    Inner inner = 13; repeated Inner list = 14; repeated string names = 15;
    map<string, int32> counts = 16; map<string, Inner> inners = 17;
    oneof choice { string left = 18; string right = 19; }
    uint32 size_bytes = 20; uint64 size_bytes_max = 21; repeated Colour colours = 22;
    repeated google.protobuf.Duration spans = 23;
  }
  message Ruled {
    string name = 1 [(ndx.settings.v1.setting) = {required: true}];
    optional uint32 count = 2 [(ndx.settings.v1.setting) = {default_value: "5" least: "2" most: "7"}];
    optional google.protobuf.Duration wait = 3
        [(ndx.settings.v1.setting) = {default_value: "1s" least: "10ms" most: "1m"}];
    optional uint64 room_bytes = 4 [(ndx.settings.v1.setting) = {least: "1KiB" most: "1MiB"}];
    Defaults made = 5 [(ndx.settings.v1.setting) = {default_value: "{}"}];
    Defaults not_made = 6;
    repeated string items = 7 [(ndx.settings.v1.setting) = {required: true}];
    optional int32 low = 8 [(ndx.settings.v1.setting) = {default_value: "-1" least: "-3"}];
    repeated Defaults many = 9;
  }
  message Defaults { optional Colour colour = 1 [(ndx.settings.v1.setting) = {default_value: "RED"}]; }
)";

}  // namespace

ProtoSource& ProbeSchema() {
  static auto* const kSource = new ProtoSource(ProtoSource::Files{{"probe.proto", kSchema}});
  return *kSource;
}

std::string LoadText(const std::string& type, const std::string& yaml) {
  auto message = ProbeSchema().New(type);
  const absl::Status status =
      settings::ParseSettings({{.name = "f.yaml", .text = yaml}}, *message, nullptr);
  return status.ok() ? message->ShortDebugString() : std::string(status.message());
}

std::string Probe(const std::string& yaml) { return LoadText("probe.Probe", yaml); }

}  // namespace ndx::tests

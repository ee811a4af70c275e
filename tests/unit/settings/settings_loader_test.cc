#include "ndx/settings/settings_loader.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::settings {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

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

tests::ProtoSource& Schema() {
  static auto* const kSource =
      new tests::ProtoSource(tests::ProtoSource::Files{{"probe.proto", kSchema}});
  return *kSource;
}

// The message's debug text, or the error.
std::string Load(const std::string& type, const std::string& yaml) {
  auto message = Schema().New(type);
  const absl::Status status = ParseSettings({{.name = "f.yaml", .text = yaml}}, *message, nullptr);
  return status.ok() ? message->ShortDebugString() : std::string(status.message());
}

std::string Probe(const std::string& yaml) { return Load("probe.Probe", yaml); }

TEST_CASE("every kind of field is read") {
  struct Case {
    const char* yaml;
    const char* text;
  };
  const Case cases[] = {
      {"i32: -2147483648", "i32: -2147483648"},
      {"i64: 9223372036854775807", "i64: 9223372036854775807"},
      {"u32: 4294967295", "u32: 4294967295"},
      {"u64: 18446744073709551615", "u64: 18446744073709551615"},
      {"real: -1.5e3", "real: -1500"},
      {"single: 0.25", "single: 0.25"},
      {"flag: true", "flag: true"},
      {"text: 0012", "text: \"0012\""},
      {"text: true", "text: \"true\""},
      {"text: 'null'", "text: \"null\""},
      {"text: Bộ Công an", "text: \"B\\341\\273\\231 C\\303\\264ng an\""},
      {"text: |\n  a\n  b\n", "text: \"a\\nb\\n\""},
      {"raw: aGk=", "raw: \"hi\""},
      {"colour: COLOUR_RED", "colour: COLOUR_RED"},
      {"colour: blue", "colour: COLOUR_BLUE"},
      {"colour: \"RED\"", "colour: COLOUR_RED"},
      {"span: 1m30.5s", "span { seconds: 90 nanos: 500000000 }"},
      {"span: 0s", "span { }"},
      {"at: 2026-01-02T03:04:05+07:00", "at { seconds: 1767297845 }"},
      {"inner: {name: a, inner: {name: b}}", "inner { name: \"a\" inner { name: \"b\" } }"},
      {"list:\n- name: a\n- numbers: [1, 2]\n",
       "list { name: \"a\" } list { numbers: 1 numbers: 2 }"},
      {"list: []", ""},
      {"names: [x, \"y\"]", "names: \"x\" names: \"y\""},
      {"counts: {a: 1, b: 2}", "counts { key: \"a\" value: 1 } counts { key: \"b\" value: 2 }"},
      {"inners: {a: {name: n}}", "inners { key: \"a\" value { name: \"n\" } }"},
      {"left: a", "left: \"a\""},
      {"size_bytes: 4MiB", "size_bytes: 4194304"},
      {"size_bytes_max: 3TiB", "size_bytes_max: 3298534883328"},
      {"colours: [red, BLUE]", "colours: COLOUR_RED colours: COLOUR_BLUE"},
      {"spans: [1s, 2ms]", "spans { seconds: 1 } spans { nanos: 2000000 }"},
      {"inner: &i {name: a}\nlist: [*i]", "inner { name: \"a\" } list { name: \"a\" }"},
      {"", ""},
      {"# only a remark\n", ""},
      {"{}", ""},
      {"\xEF\xBB\xBFi32: 1", "i32: 1"},
  };
  for (const Case& c : cases) {
    INFO(c.yaml);
    CHECK(Probe(c.yaml) == c.text);
  }
}

TEST_CASE("everything else is refused with file, line, path, value and what is allowed") {
  struct Case {
    const char* name;
    const char* yaml;
    const char* error;
  };
  const Case cases[] = {
      {"unknown key", "i32: 1\ntxet: a",
       "f.yaml:2: \"txet\" is not a known key (did you mean `text`?)"},
      {"unknown key below", "list:\n- name: a\n- nam: b",
       "f.yaml:3: list[1]: \"nam\" is not a known key (did you mean `name`?)"},
      {"unknown key far off", "inner: {zzzzzz: 1}",
       "f.yaml:1: inner: \"zzzzzz\" is not a known key; known: name, numbers, inner"},
      {"merge key", "inner:\n  <<: {name: a}", "f.yaml:2: inner: \"<<\" is not a known key"},
      {"camel case", "sizeBytes: 1",
       "f.yaml:1: \"sizeBytes\" is not a known key (did you mean `size_bytes`?)"},
      {"duplicate key", "i32: 1\ni64: 2\ni32: 1",
       "f.yaml:3: i32: is given a second time; first in f.yaml:1"},
      {"duplicate key below", "inner: {name: a, name: a}",
       "f.yaml:1: inner.name: is given a second time"},
      {"duplicate list key", "list: []\nlist: []",
       "f.yaml:2: list: is given a second time; first in f.yaml:1"},
      {"duplicate map key", "counts: {a: 1, a: 2}", "f.yaml:1: counts.a: is given a second time"},
      {"int out of range", "i32: 2147483648",
       "f.yaml:1: i32: \"2147483648\" must be a whole number from -2147483648 to 2147483647"},
      {"uint negative", "u32: -1", "u32: \"-1\" must be a whole number from 0 to 4294967295"},
      {"uint64 over", "u64: 18446744073709551616",
       "u64: \"18446744073709551616\" must be a whole number"},
      {"fraction", "i32: 1.0", "i32: \"1.0\" must be a whole number"},
      {"hexadecimal", "i32: 0x10", "i32: \"0x10\" must be a whole number"},
      {"octal look", "i32: 010", "i32: \"010\" must be a whole number"},
      {"plus sign", "i32: +1", "i32: \"+1\" must be a whole number"},
      {"quoted number", "i32: \"1\"",
       "i32: \"1\" must be a whole number from -2147483648 to 2147483647, without quotes"},
      {"size on no size", "u32: 4MiB", "u32: \"4MiB\" must be a whole number from 0 to 4294967295"},
      {"size over", "size_bytes: 4GiB",
       "size_bytes: \"4GiB\" must be a whole number from 0 to 4294967295, or a size such as 4MiB"},
      {"size of fraction", "size_bytes: 0.5MiB", "size_bytes: \"0.5MiB\""},
      {"size unit alone", "size_bytes: MiB", "size_bytes: \"MiB\""},
      {"infinity", "real: .inf", "real: \".inf\" must be a number"},
      {"infinite text", "real: inf", "real: \"inf\" must be a number"},
      {"not a number", "real: nan", "real: \"nan\" must be a number"},
      {"float over", "single: 1e39", "single: \"1e39\" must be a number"},
      {"yes is no truth", "flag: yes", "flag: \"yes\" must be true or false"},
      {"True", "flag: True", "flag: \"True\" must be true or false"},
      {"number is no truth", "flag: 1", "flag: \"1\" must be true or false"},
      {"enum unknown", "colour: GREEN", "colour: \"GREEN\" must be one of RED, BLUE"},
      {"enum mixed case", "colour: Red", "colour: \"Red\" must be one of RED, BLUE"},
      {"enum number", "colour: 1", "colour: \"1\" must be one of RED, BLUE"},
      {"enum unspecified", "colour: UNSPECIFIED", "colour: \"UNSPECIFIED\" must be one of"},
      {"enum unspecified long", "colour: COLOUR_UNSPECIFIED", "must be one of RED, BLUE"},
      {"duration bare", "span: 5", "span: \"5\" must be a duration such as 5s"},
      {"duration negative", "span: -5s", "span: \"-5s\" must be a duration"},
      {"duration infinite", "span: inf", "span: \"inf\" must be a duration"},
      {"instant", "at: yesterday", "at: \"yesterday\" must be an instant"},
      {"base64", "raw: '%%%'", "raw: \"%%%\" must be base64 text"},
      {"list for one", "i32: [1]", "i32: must be a whole number"},
      {"mapping for one", "text: {a: b}", "text: must be a text"},
      {"one for list", "names: x", "names: \"x\" must be a list; write `- ` before each names"},
      {"list for mapping", "inner: [1]", "inner: must be a mapping of keys to values"},
      {"text for mapping", "inner: x", "inner: \"x\" must be a mapping of keys to values"},
      {"text for map", "counts: x", "counts: \"x\" must be a mapping of keys to values"},
      {"map value", "counts: {a: x}", "counts.a: \"x\" must be a whole number"},
      {"root list", "- 1", "f.yaml:1: must be a mapping of keys to values"},
      {"root text", "hello", "\"hello\" must be a mapping of keys to values"},
      {"no value", "i32: 1\ntext:\nflag: true",
       "f.yaml:2: text: has no value; remove the key or give one"},
      {"null", "text: null", "text: has no value"},
      {"null element", "names: [a, ~]", "names[1]: must be a text"},
      {"oneof", "left: a\nright: b", "f.yaml:2: right: excludes `left`, which is given too"},
      {"tag", "text: !!str 5", "f.yaml:1: has a YAML tag"},
      {"own tag", "inner: !foo {name: a}", "has a YAML tag"},
      {"complex key", "? [a]\n: b", "has a key that is no text"},
      {"two documents", "i32: 1\n---\ni32: 2", "f.yaml:2: is a second document in the file"},
      {"a stray comma", ",", "f.yaml:1: is a second document in the file"},
      {"a stray bracket after a value", "i32: 1\n]", "f.yaml:2: is "},
      {"unfinished", "inner: {name: a", "f.yaml:1: is not valid YAML"},
      {"unknown alias", "text: *nobody",
       "f.yaml:1: is not valid YAML: the referenced anchor is not defined"},
      {"not utf-8", "text: \xC3\x28", "f.yaml: is not UTF-8 text"},
      {"overlong utf-8", "text: \xC0\xAF", "f.yaml: is not UTF-8 text"},
      {"nul in text", "text: \"a\\0b\"", "has a control character"},
      {"escape in text", "text: \"a\\eb\"", "has a control character"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THAT(Probe(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(Probe(c.yaml), Catch::StartsWith("f.yaml"));
  }
}

TEST_CASE("all faults of a file are reported together") {
  const std::string error = Probe("i32: x\nflag: y\nnope: z\n");
  CHECK_THAT(error, Catch::Contains("f.yaml:1: i32: \"x\""));
  CHECK_THAT(error, Catch::Contains("f.yaml:2: flag: \"y\""));
  CHECK_THAT(error, Catch::Contains("f.yaml:3: \"nope\""));
}

TEST_CASE("hostile YAML ends in an error, not in exhaustion") {
  CHECK_THAT(Probe(std::string(100'000, '[')), Catch::Contains("f.yaml"));
  CHECK_THAT(Probe("inner: &x {inner: *x}"), Catch::Contains("nested deeper than 64 levels"));
  std::string bomb = "names: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = absl::StrCat("*a", i - 1);
    bomb += absl::StrCat("k", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j) bomb += absl::StrCat(j == 0 ? "" : ",", last);
    bomb += "]\n";
  }
  CHECK_THAT(Probe(bomb), Catch::Contains("has more than 1000000 values"));
}

TEST_CASE("nesting is allowed up to the limit") {
  const auto nested = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += "{inner: ";
    return "inner: " + text + "{name: a}" + std::string(static_cast<size_t>(levels), '}');
  };
  CHECK_THAT(Probe(nested(kSettingsDepthMax - 2)), Catch::StartsWith("inner"));
  CHECK_THAT(Probe(nested(kSettingsDepthMax - 1)), Catch::Contains("nested deeper"));
}

TEST_CASE("a file is read up to its limit") {
  const std::string base = "i32: 1\n#";
  CHECK(Probe(base + std::string(kSettingsFileBytesMax - base.size(), 'x')) == "i32: 1");
  CHECK_THAT(Probe(base + std::string(kSettingsFileBytesMax - base.size() + 1, 'x')),
             Catch::Contains("is over 16777216 bytes"));
}

TEST_CASE("the schema's rules give defaults, demand what is required and hold bounds") {
  const std::string least = "name: n\nitems: [a]\n";
  CHECK(
      Load("probe.Ruled", least) ==
      "name: \"n\" count: 5 wait { seconds: 1 } made { colour: COLOUR_RED } items: \"a\" low: -1");
  struct Case {
    std::string yaml;
    const char* expected;
  };
  const Case cases[] = {
      {least + "count: 2", "count: 2 "},
      {least + "count: 7", "count: 7 "},
      {least + "count: 1", "f.yaml:3: count: must be at least 2"},
      {least + "count: 8", "f.yaml:3: count: must be at most 7"},
      {least + "count: 0", "count: must be at least 2"},
      {least + "wait: 10ms", "wait { nanos: 10000000 }"},
      {least + "wait: 9ms", "wait: must be at least 10ms"},
      {least + "wait: 0s", "wait: must be at least 10ms"},
      {least + "wait: 61s", "wait: must be at most 1m"},
      {least + "room_bytes: 1023", "room_bytes: must be at least 1KiB"},
      {least + "room_bytes: 1MiB", "room_bytes: 1048576"},
      {least + "room_bytes: 1048577", "room_bytes: must be at most 1MiB"},
      {least + "low: 0", "low: 0"},
      {least + "low: -4", "low: must be at least -3"},
      {least + "not_made: {}", "not_made { colour: COLOUR_RED }"},
      {least + "many: [{}, {colour: blue}]",
       "many { colour: COLOUR_RED } many { colour: COLOUR_BLUE }"},
      {"items: [a]", "f.yaml: name: is required"},
      {"name: \"\"\nitems: [a]", "f.yaml:1: name: must not be empty"},
      {"name: n", "f.yaml: items: is required"},
      {"name: n\nitems: []", "f.yaml:2: items: must not be empty"},
  };
  for (const Case& c : cases) {
    INFO(c.yaml);
    CHECK_THAT(Load("probe.Ruled", c.yaml), Catch::Contains(c.expected));
  }
}

TEST_CASE(
    "several files are joined: lists grow, single settings stand once, faults name their file") {
  registry::v1::RegistryDocument document;
  SourceMap sources;
  const std::vector<SettingsFile> files = {
      {.name = "a.yaml",
       .text = "members:\n- {code: G01, name_vi: A}\n- {code: G02, name_vi: B}\n"},
      {.name = "b.yaml", .text = "\nmembers:\n- {code: G03, name_vi: C}\nsystems:\n- {id: x}\n"}};
  REQUIRE(ParseSettings(files, document, &sources).ok());
  REQUIRE(document.members_size() == 3);
  CHECK(document.members(2).code() == "G03");
  CHECK(sources.Find("members[2].code").file == "b.yaml");
  CHECK(sources.Find("members[2].code").line == 3);
  CHECK(sources.Find("members[2].code").path == "members[0].code");
  CHECK(sources.Find("systems[0].name_vi").path == "systems[0].name_vi");

  auto probe = Schema().New("probe.Probe");
  const absl::Status twice =
      ParseSettings({{.name = "a.yaml", .text = "i32: 0"}, {.name = "b.yaml", .text = "\ni32: 2"}},
                    *probe, nullptr);
  CHECK(twice.message() == "b.yaml:2: i32: is given a second time; first in a.yaml:1");
}

TEST_CASE("defaults and bounds of the node's own schemas can be read") {
  v1::NodeSettings node;
  REQUIRE(ParseSettings({{.name = "n.yaml", .text = R"(
node: {system: "VN:GOV:G22:ndxp", origin: ndxp.example.vn, contact: trực ban}
listener:
  addresses: ["127.0.0.1:0"]
  tls: {certificate_file: a.pem, key_file: a.key}
  client_ca_file: ca.pem
registry: {paths: [registry]}
journal: {directory: journal, signing_key: "file:s", master_key: "file:m"}
)"}},
                        node, nullptr)
              .ok());
  CHECK(node.exchange().default_deadline().seconds() == 30);
  CHECK(node.journal().segment_payload_bytes() == 1024);
  CHECK(node.log().level() == v1::LOG_LEVEL_INFO);
  CHECK(node.operator_api().socket_mode() == "0660");

  registry::v1::RegistryDocument document;
  REQUIRE(ParseSettings({{.name = "r.yaml", .text = R"(
services:
- name: a.B
  providers: [{system: s, endpoint: e, limits: {breaker: {window: 5s}}}]
  methods: [{name: M, retry: {}, message_bytes_max: 64MiB}]
)"}},
                        document, nullptr)
              .ok());
  const auto& limits = document.services(0).providers(0).limits();
  CHECK(limits.concurrent_calls() == 64);
  CHECK(limits.breaker().window().seconds() == 5);
  CHECK(limits.breaker().consecutive_failures() == 5);
  CHECK(document.services(0).methods(0).retry().attempts() == 3);
}

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST_CASE("files are read from directories in the order of their names") {
  const tests::TempDir dir;
  Write(dir.File("b.yaml"), "names: [b]");
  Write(dir.File("a.yml"), "names: [a]");
  Write(dir.File("c.txt"), "names: [c]");
  auto message = Schema().New("probe.Probe");
  REQUIRE(LoadSettings({dir.path()}, *message, nullptr).ok());
  CHECK(message->ShortDebugString() == "names: \"a\" names: \"b\"");

  CHECK(LoadSettings({dir.path(), dir.File("b.yaml")}, *message, nullptr).code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(LoadSettings({dir.File("nothing")}, *message, nullptr).code() ==
        absl::StatusCode::kNotFound);
  const tests::TempDir empty;
  CHECK_THAT(std::string(LoadSettings({empty.path()}, *message, nullptr).message()),
             Catch::EndsWith("has no *.yaml file"));
  CHECK(LoadSettings({"/dev/zero"}, *message, nullptr).code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a path in a file is relative to that file") {
  CHECK(ResolvePath("/etc/ndx/node.yaml", "ca.pem") == "/etc/ndx/ca.pem");
  CHECK(ResolvePath("/etc/ndx/node.yaml", "../ca.pem") == "/etc/ca.pem");
  CHECK(ResolvePath("/etc/ndx/node.yaml", "/ca.pem") == "/ca.pem");
  CHECK(ResolvePath("node.yaml", "ca.pem") == "ca.pem");
  CHECK(ResolvePath("node.yaml", "").empty());
}

}  // namespace
}  // namespace ndx::settings

// Keys, lists and mappings against the schema, and the schema's rules.
#include <catch2/catch.hpp>
#include <string>

#include "probe_schema.h"

namespace ndx::settings {
namespace {

using tests::LoadText;
using tests::Probe;

struct MessageCase {
  const char* name;
  const char* yaml;
  const char* error;
};

TEST_CASE("what does not fit the schema is refused with file, line, path and value") {
  const MessageCase cases[] = {
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
  };
  for (const MessageCase& c : cases) {
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

TEST_CASE("the schema's rules give defaults, demand what is required and hold bounds") {
  const std::string least = "name: n\nitems: [a]\n";
  CHECK(
      LoadText("probe.Ruled", least) ==
      "name: \"n\" count: 5 wait { seconds: 1 } made { colour: COLOUR_RED } items: \"a\" low: -1");
  struct Ruled {
    std::string yaml;
    const char* expected;
  };
  const Ruled cases[] = {
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
  for (const Ruled& c : cases) {
    INFO(c.yaml);
    CHECK_THAT(LoadText("probe.Ruled", c.yaml), Catch::Contains(c.expected));
  }
}

}  // namespace
}  // namespace ndx::settings

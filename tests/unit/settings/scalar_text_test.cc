// How single values are written.
#include <catch2/catch.hpp>
#include <string>

#include "probe_schema.h"

namespace ndx::settings {
namespace {

using tests::Probe;

TEST_CASE("every kind of field is read") {
  struct ScalarCase {
    const char* yaml;
    const char* text;
  };
  const ScalarCase cases[] = {
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
  for (const ScalarCase& c : cases) {
    INFO(c.yaml);
    CHECK(Probe(c.yaml) == c.text);
  }
}

struct ScalarCase {
  const char* name;
  const char* yaml;
  const char* error;
};

TEST_CASE("a value of another kind is refused with what is allowed") {
  const ScalarCase cases[] = {
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
      {"a stray comma", ",", "f.yaml:1: is a second document in the file"},
      {"a stray bracket after a value", "i32: 1\n]", "f.yaml:2: is "},
      {"nul in text", "text: \"a\\0b\"", "has a control character"},
      {"escape in text", "text: \"a\\eb\"", "has a control character"},
  };
  for (const ScalarCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(Probe(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(Probe(c.yaml), Catch::StartsWith("f.yaml"));
  }
}

}  // namespace
}  // namespace ndx::settings

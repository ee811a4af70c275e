// YAML that is none, or more than is wanted.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/settings/settings_loader.h"
#include "probe_schema.h"

namespace ndx::settings {
namespace {

using tests::Probe;

struct TreeCase {
  const char* name;
  const char* yaml;
  const char* error;
};

TEST_CASE("what is not plain YAML of one document is refused") {
  const TreeCase cases[] = {
      {"tag", "text: !!str 5", "f.yaml:1: has a YAML tag"},
      {"own tag", "inner: !foo {name: a}", "has a YAML tag"},
      {"complex key", "? [a]\n: b", "has a key that is no text"},
      {"two documents", "i32: 1\n---\ni32: 2", "f.yaml:2: is a second document in the file"},
      {"unfinished", "inner: {name: a", "f.yaml:1: is not valid YAML"},
      {"unknown alias", "text: *nobody",
       "f.yaml:1: is not valid YAML: the referenced anchor is not defined"},
      {"not utf-8", "text: \xC3\x28", "f.yaml: is not UTF-8 text"},
      {"overlong utf-8", "text: \xC0\xAF", "f.yaml: is not UTF-8 text"},
  };
  for (const TreeCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(Probe(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(Probe(c.yaml), Catch::StartsWith("f.yaml"));
  }
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

}  // namespace
}  // namespace ndx::settings

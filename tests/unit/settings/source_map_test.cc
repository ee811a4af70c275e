#include "ndx/settings/source_map.h"

#include <catch2/catch.hpp>

namespace ndx::settings {
namespace {

TEST_CASE("a path that was given is found where it stands") {
  SourceMap map;
  map.Add("systems[12].id", {.file = "c.yaml", .line = 7, .path = "systems[3].id"});
  const SourceLocation where = map.Find("systems[12].id");
  CHECK(where.file == "c.yaml");
  CHECK(where.line == 7);
  CHECK(where.path == "systems[3].id");
}

TEST_CASE("a path that was not given is placed at what encloses it, in the file's own numbering") {
  SourceMap map;
  map.Add("", {.file = "a.yaml", .line = 1});
  map.Add("systems[12]", {.file = "c.yaml", .line = 5, .path = "systems[3]"});
  const SourceLocation where = map.Find("systems[12].certificates[0].note");
  CHECK(where.file == "c.yaml");
  CHECK(where.line == 5);
  CHECK(where.path == "systems[3].certificates[0].note");
  CHECK(map.Find("node.contact").path == "node.contact");
  CHECK(map.Find("node.contact").file == "a.yaml");
  CHECK(SourceMap().Find("x.y").path == "x.y");
}

}  // namespace
}  // namespace ndx::settings

#include "ndx/tools/ndxctl/report_sheets.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("a section goes over sheets with its opening repeated and its title once") {
  SheetSection section{.title = {"T", 10}, .open = {"[", 10}, .close = "]"};
  for (int i = 0; i < 7; ++i) section.blocks.push_back({std::to_string(i), 40});
  const auto sheets = LayOut({section});
  // 10 + 10 + 4 * 40 is 180, which a sheet holds.
  CHECK(sheets == std::vector<std::string>{"T[0123]", "[456]"});
  section.title.height_mm = 10.1;
  CHECK(LayOut({section}) == std::vector<std::string>{"T[012]", "[3456]"});
}

TEST_CASE("a title does not stand alone at the foot of a sheet; empty sections leave nothing") {
  const SheetSection first{.blocks = {{"A", 150}}};
  const SheetSection second{
      .title = {"T", 10}, .open = {"[", 10}, .close = "]", .blocks = {{"B", 20}}};
  const SheetSection none{.title = {"N", 10}};
  CHECK(LayOut({first, none, second}) == std::vector<std::string>{"A", "T[B]"});
  CHECK(LayOut({}).empty());
}

TEST_CASE("what is higher than a sheet gets one of its own") {
  const SheetSection section{
      .open = {"[", 10}, .close = "]", .blocks = {{"a", 20}, {"B", 900}, {"c", 20}}};
  CHECK(LayOut({section}) == std::vector<std::string>{"[a]", "[B]", "[c]"});
}

TEST_CASE("lines are counted by words, and long words are cut") {
  CHECK(SmallLines("", 100) == 1);
  CHECK(SmallLines("aaaa bbbb", 19.6) == 1);  // ten characters
  CHECK(SmallLines("aaaa bbbbbb", 19.6) == 2);
  CHECK(SmallLines(std::string(31, 'x'), 19.6) == 4);
  CHECK(SmallLines("a " + std::string(20, 'x'), 19.6) == 3);
  CHECK(SmallLines("Đăng ký đất", 21.6) == 1);  // eleven characters of more bytes
  CHECK(Lines("aaaa bbbb", 17.5) == 2);
  CHECK(SmallLines("x", 0) == 1);
}

TEST_CASE("text within HTML stays text") {
  CHECK(Html("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#39;");
  CHECK(Html("a\x1b[2J\n") == "a?[2J?");
  CHECK(Html("hồ sơ") == "hồ sơ");
}

}  // namespace
}  // namespace ndx::tools::ndxctl

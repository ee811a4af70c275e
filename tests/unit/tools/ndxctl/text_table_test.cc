#include "ndx/tools/ndxctl/text_table.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("columns are as wide as their widest cell, counted in characters") {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out};
  TextTable table({"TRẠNG THÁI", "B"});
  table.AddRow({"đã trả lời", "1"});
  table.AddRow({"chưa rõ kết quả", "2"});
  table.AddRow({"", "3", "dropped"});
  table.AddRow({"x"});
  table.Print(terminal);
  CHECK(out.str() ==
        "TRẠNG THÁI       B\n"
        "đã trả lời       1\n"
        "chưa rõ kết quả  2\n"
        "                 3\n"
        "x\n");
}

TEST_CASE("width counts code points without combining marks") {
  CHECK(DisplayWidth("") == 0);
  CHECK(DisplayWidth("abc") == 3);
  CHECK(DisplayWidth("kết quả") == 7);
  // The same word with the accents apart: e + circumflex + acute, a + hook.
  CHECK(DisplayWidth("ke\u0302\u0301t qua\u0309") == 7);
}

TEST_CASE("what the network sent cannot steer the terminal") {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out};
  TextTable table({"A"});
  table.AddRow({"x\x1b[31m\ny"});
  table.Print(terminal);
  CHECK(out.str() == "A\nx?[31m?y\n");
}

TEST_CASE("colours do not count as width and appear only where they are on") {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out, .colours = true};
  TextTable table({"A", "B"});
  table.AddRow({Cell(std::string("ok"), Colour::kGood), "1"});
  table.Print(terminal);
  CHECK(out.str() == "\x1b[2mA\x1b[0m   \x1b[2mB\x1b[0m\n\x1b[32mok\x1b[0m  1\n");
}

}  // namespace
}  // namespace ndx::tools::ndxctl

#include "ndx/tools/ndxctl/key_files.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ndxctl {
namespace {

TEST_CASE("the keys of all the files are read, one a line, without comments") {
  tests::TempDir directory;
  std::ofstream(directory.File("old")) << "# the old one\n\n  node+1+a \nnode+2+b\n";
  std::ofstream(directory.File("new")) << "node+3+c";
  std::ofstream(directory.File("none")) << "# nothing\n";
  CHECK(ReadVkeys({}).value().empty());
  CHECK(ReadVkeys({directory.File("old"), directory.File("new")}).value() ==
        std::vector<std::string>{"node+1+a", "node+2+b", "node+3+c"});
  CHECK_FALSE(ReadVkeys({directory.File("new"), directory.File("none")}).ok());
  CHECK_FALSE(ReadVkeys({directory.File("absent")}).ok());
}

}  // namespace
}  // namespace ndx::tools::ndxctl

#include "ndx/tools/ndxctl/key_files.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ndxctl {
namespace {

// Public keys that others have published: of Go's checksum database, of the note package's
// examples.
constexpr char kFirst[] = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
constexpr char kSecond[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

TEST_CASE("the keys of all the files are read, one a line, without comments") {
  tests::TempDir directory;
  std::ofstream(directory.File("old")) << "# the old one\n\n  " << kFirst << " \n";
  std::ofstream(directory.File("new")) << kSecond;
  std::ofstream(directory.File("none")) << "# nothing\n";
  CHECK(ReadVkeys({}).value().empty());
  CHECK(ReadVkeys({directory.File("old"), directory.File("new")}).value() ==
        std::vector<std::string>{kFirst, kSecond});
  CHECK_FALSE(ReadVkeys({directory.File("new"), directory.File("none")}).ok());
  CHECK_FALSE(ReadVkeys({directory.File("absent")}).ok());
}

TEST_CASE("a line that is no key is named") {
  tests::TempDir directory;
  std::ofstream(directory.File("keys")) << kFirst << "\n\nnode+1+a\n";
  const absl::Status status = ReadVkeys({directory.File("keys")}).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Contains("line 3: no public key of a journal"));
}

}  // namespace
}  // namespace ndx::tools::ndxctl

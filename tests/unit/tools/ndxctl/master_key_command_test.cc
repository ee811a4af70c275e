#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/crypto/key_file.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/unit/tools/ndxctl/ndxctl_run.h"
#include "ndx/tools/ndxctl/exit_code.h"

namespace ndx::tools::ndxctl {
namespace {

using Catch::Contains;
using tests::LinesOf;

tests::NdxctlRun RunMasterKey(std::vector<std::string> arguments,
                              core::Language language = core::Language::kEnglish) {
  arguments.insert(arguments.begin(), "master-key");
  return tests::RunNdxctl(arguments, language);
}

TEST_CASE("a master key is created, split and restored; three of five persons are enough") {
  tests::TempDir directory;
  const std::string file = directory.File("master.key");
  const auto created = RunMasterKey({"create", file});
  REQUIRE(created.code == 0);
  const std::string id(absl::StripAsciiWhitespace(created.out));
  CHECK(id.size() == 8);
  CHECK(RunMasterKey({"id", file}).out == created.out);
  CHECK(RunMasterKey({"create", file}).code ==
        static_cast<int>(ExitCode::kUsage));  // never overwritten

  const auto split = RunMasterKey({"split", file, "--directory", directory.File("shares")});
  REQUIRE(split.code == 0);
  CHECK_THAT(split.err, Contains(id) && Contains("3 of 5 shares"));
  const auto shares = LinesOf(split.out);
  REQUIRE(shares.size() == 5);
  for (const std::string& share : shares) {
    CHECK((std::filesystem::status(share).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
  const std::string restored = directory.File("restored.key");
  const auto back = RunMasterKey({"restore", restored, shares[4], shares[0], shares[2]},
                                 core::Language::kVietnamese);
  REQUIRE(back.code == 0);
  CHECK_THAT(back.out, Contains("đã khôi phục: khóa chủ " + id));
  CHECK(crypto::ReadAesKeyFile(restored)->view() == crypto::ReadAesKeyFile(file)->view());

  const auto few = RunMasterKey({"restore", directory.File("few.key"), shares[0], shares[1]});
  CHECK(few.code == static_cast<int>(ExitCode::kUsage));
  CHECK_THAT(few.err, Contains("2 shares are given, 3 are needed"));
  CHECK_FALSE(std::filesystem::exists(directory.File("few.key")));
}

TEST_CASE("numbers that cannot be, and files that hold no key or are open to others, are refused") {
  tests::TempDir directory;
  const std::string file = directory.File("master.key");
  REQUIRE(RunMasterKey({"create", file}).code == 0);
  const auto split = [&](const std::string& shares, const std::string& needed) {
    return RunMasterKey({"split", file, "--shares", shares, "--needed", needed, "--directory",
                         directory.File(absl::StrCat(shares, "-", needed))})
        .code;
  };
  CHECK(split("16", "2") == 0);
  CHECK(split("17", "2") == static_cast<int>(ExitCode::kUsage));
  CHECK(split("3", "1") == static_cast<int>(ExitCode::kUsage));
  CHECK(split("2", "3") == static_cast<int>(ExitCode::kUsage));
  std::filesystem::permissions(file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK(RunMasterKey({"id", file}).code == static_cast<int>(ExitCode::kUsage));
  CHECK(RunMasterKey({"id", directory.File("absent")}).code == static_cast<int>(ExitCode::kUsage));
}

}  // namespace
}  // namespace ndx::tools::ndxctl

#include "ndx/store/directory_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

TEST_CASE("another process is refused and told who owns the directory") {
  const tests::TempDir dir;
  auto lock = DirectoryLock::Acquire(dir.path());
  REQUIRE(lock.ok());
  const pid_t child = fork();
  if (child == 0) {
    const auto second = DirectoryLock::Acquire(dir.path());
    const bool told = !second.ok() && absl::IsFailedPrecondition(second.status()) &&
                      second.status().message().find(
                          absl::StrCat("another process (", getppid())) != absl::string_view::npos;
    _exit(told ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a lock ends with its owner, not with a moved-from one") {
  const tests::TempDir dir;
  {
    auto first = DirectoryLock::Acquire(dir.path());
    REQUIRE(first.ok());
    const DirectoryLock moved = *std::move(first);
    CHECK_FALSE(DirectoryLock::Acquire(dir.path()).ok());
  }
  CHECK(DirectoryLock::Acquire(dir.path()).ok());
  CHECK_FALSE(DirectoryLock::Acquire(dir.File("none")).ok());
}

}  // namespace
}  // namespace ndx::store

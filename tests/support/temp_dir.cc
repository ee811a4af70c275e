#include "ndx/tests/support/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "ndx/core/status_macros.h"

namespace ndx::tests {

TempDir::TempDir() : path_((std::filesystem::temp_directory_path() / "ndx-test-XXXXXX").string()) {
  NDX_CHECK(mkdtemp(path_.data()) != nullptr);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ndx::tests

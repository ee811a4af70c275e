#include "ndx/adapters/host/adapter_kinds.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::host {
namespace {

TEST_CASE("every kind is made from its own mapping and describes its service with comments") {
  const tests::TempDir directory;
  const core::SystemClock clock;
  CHECK(AdapterKinds().size() == 6);
  for (const std::string& kind : AdapterKinds()) {
    INFO(kind);
    std::ofstream(directory.File("x.yaml"))
        << "database: {sqlite: {file: none.sqlite}}\nmapping_file: " NDX_SOURCE_DIR "/adapters/"
        << kind << "/mapping.yaml\n";
    const auto adapter = MakeAdapter(kind, directory.File("x.yaml"), clock);
    INFO(adapter.status());
    REQUIRE(adapter.ok());
    const sdk::AdapterDescriptor& descriptor = (*adapter)->descriptor();
    CHECK(descriptor.name == kind);
    CHECK_FALSE(descriptor.database_name_vi.empty());
    CHECK_FALSE(descriptor.version.empty());
    REQUIRE(descriptor.services.size() == 1);
    const auto& files = descriptor.descriptors;
    REQUIRE(files.file_size() > 2);
    CHECK(files.file(files.file_size() - 1).source_code_info().location_size() > 0);
  }
}

TEST_CASE("an unknown kind is answered with the known ones") {
  const core::SystemClock clock;
  const auto made = MakeAdapter("tax", "x.yaml", clock);
  CHECK(made.status().code() == absl::StatusCode::kNotFound);
  CHECK(std::string(made.status().message()).find("population") != std::string::npos);
}

}  // namespace
}  // namespace ndx::host

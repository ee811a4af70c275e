#include "ndx/adapters/sdk/adapter.h"

#include <catch2/catch.hpp>

#include "ndx/population/v1/population_service.pb.h"

namespace ndx::sdk {
namespace {

TEST_CASE("an adapter is described by its service and the descriptor set built into it") {
  const auto& file = *population::v1::VerifyCitizenRequest::descriptor()->file();
  const auto& service = *file.FindServiceByName("PopulationService");
  google::protobuf::FileDescriptorSet set;
  file.CopyTo(set.add_file());
  const AdapterDescriptor described =
      DescribeAdapter("population", service, "Dân cư", set.SerializeAsString());
  CHECK(described.name == "population");
  CHECK_FALSE(described.version.empty());
  CHECK(described.database_name_vi == "Dân cư");
  CHECK(described.services == std::vector<std::string>{"ndx.population.v1.PopulationService"});
  REQUIRE(described.descriptors.file_size() == 1);
  CHECK(described.descriptors.file(0).name() == file.name());
}

}  // namespace
}  // namespace ndx::sdk

#include "ndx/tools/verify/message_types.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "google/protobuf/descriptor.pb.h"
#include "ndx/population/v1/population_service.pb.h"

namespace ndx::tools::verify {
namespace {

using google::protobuf::FileDescriptor;

void AddWithImports(const FileDescriptor* file, std::set<const FileDescriptor*>* seen,
                    google::protobuf::FileDescriptorSet* set) {
  if (!seen->insert(file).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) AddWithImports(file->dependency(i), seen, set);
  file->CopyTo(set->add_file());
}

TEST_CASE("a method's types are found by its path") {
  google::protobuf::FileDescriptorSet set;
  std::set<const FileDescriptor*> seen;
  AddWithImports(population::v1::VerifyCitizenRequest::descriptor()->file(), &seen, &set);
  const auto types = MessageTypes::FromSet(set.SerializeAsString()).value();
  const auto* method = types->Find("/ndx.population.v1.PopulationService/VerifyCitizen");
  REQUIRE(method != nullptr);
  CHECK(method->input_type()->full_name() == "ndx.population.v1.VerifyCitizenRequest");
  CHECK(types->Find("/ndx.population.v1.PopulationService/Nothing") == nullptr);
  CHECK(types->Find("") == nullptr);
  set.mutable_file()->DeleteSubrange(0, 1);
  CHECK_FALSE(MessageTypes::FromSet(set.SerializeAsString()).ok());
  CHECK_FALSE(MessageTypes::FromSet("\xff").ok());
}

}  // namespace
}  // namespace ndx::tools::verify

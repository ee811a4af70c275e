#include "ndx/adapters/sdk/adapter.h"

#include "ndx/core/status_macros.h"

namespace ndx::sdk {

AdapterDescriptor DescribeAdapter(absl::string_view name,
                                  const google::protobuf::ServiceDescriptor& service,
                                  absl::string_view database_name_vi,
                                  absl::string_view descriptor_set) {
  AdapterDescriptor descriptor;
  descriptor.name = std::string(name);
  descriptor.version = NDX_VERSION;
  descriptor.database_name_vi = std::string(database_name_vi);
  descriptor.services = {service.full_name()};
  NDX_CHECK(descriptor.descriptors.ParseFromArray(descriptor_set.data(),
                                                  static_cast<int>(descriptor_set.size())));
  return descriptor;
}

}  // namespace ndx::sdk

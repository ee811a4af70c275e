#include "ndx/tools/ndxctl/registered_types.h"

#include <utility>

#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {

std::unique_ptr<DescriptorLibrary> TypesOfMethod(OperatorClient& client,
                                                 const std::string& method) {
  const size_t slash = method.rfind('/');
  if (slash == std::string::npos || slash == 0) return nullptr;
  api::GetDescriptorsRequest request;
  request.set_service(method.substr(1, slash - 1));
  api::GetDescriptorsResponse response;
  if (!client.Call(&OperatorClient::Stub::GetDescriptors, request, response).ok()) return nullptr;
  auto library = DescriptorLibrary::Build(response.descriptors());
  return library.ok() ? *std::move(library) : nullptr;
}

}  // namespace ndx::tools::ndxctl

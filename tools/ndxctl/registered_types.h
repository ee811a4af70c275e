// Types of a registered service, fetched from the node.
//
// Thread-safety: thread-compatible; blocks.
#pragma once

#include <memory>
#include <string>

#include "ndx/tools/ndxctl/descriptor_library.h"

namespace ndx::tools::ndxctl {

class OperatorClient;

// The types of the service of a method (/package.Service/Method); null when the node does not give
// them, and payloads are then shown as bytes.
std::unique_ptr<DescriptorLibrary> TypesOfMethod(OperatorClient& client, const std::string& method);

}  // namespace ndx::tools::ndxctl

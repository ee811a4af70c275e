// A provider-side program part that turns a service's methods into what its database understands.
// The same object serves inside ndxd (src/dispatch calls it) and behind a port (adapters/host).
//
//   adapter->Begin(call, reply);   // returns at once; reply->Finish() comes from another thread
//
// Thread-safety: thread-safe; Begin may be called from every event loop at once.
// Ownership: whoever built the adapter owns it, and destroys it when it has no calls left to begin.
// The destructor lets running calls end and refuses waiting ones with UNAVAILABLE.
// Errors: everything goes through AdapterReply::Finish. A full queue is RESOURCE_EXHAUSTED, a
// database that is down UNAVAILABLE: in both nothing was done. UNKNOWN means that a change may have
// been done or not; GetExchangeStatus tells.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "ndx/adapters/sdk/adapter_call.h"
#include "ndx/adapters/sdk/adapter_reply.h"

namespace ndx::sdk {

struct AdapterDescriptor {
  // As its folder is called: "population".
  std::string name;
  std::string version;
  // The national database behind it.
  std::string database_name_vi;
  // Full names of the services, ndx.adapter.v1.AdapterService not among them.
  std::vector<std::string> services;
  // The services and all their imports, comments included.
  google::protobuf::FileDescriptorSet descriptors;
};

// What an adapter is, from its service and the descriptor set built into it.
AdapterDescriptor DescribeAdapter(absl::string_view name,
                                  const google::protobuf::ServiceDescriptor& service,
                                  absl::string_view database_name_vi,
                                  absl::string_view descriptor_set);

class Adapter {
 public:
  virtual ~Adapter() = default;

  virtual const AdapterDescriptor& descriptor() const = 0;

  // Begins one call. Never blocks. The methods of ndx.adapter.v1.AdapterService are served as well.
  virtual void Begin(AdapterCall call, std::shared_ptr<AdapterReply> reply) = 0;
};

}  // namespace ndx::sdk

// Where a service's contract comes from: a file beside the registry, a descriptor directory, an
// adapter of the node, or what the node keeps by content ("sha256:<64 hexadecimal digits>").
//
// Thread-safety: thread-safe functions; they read files. Errors: kNotFound, kInvalidArgument; the
// message goes behind the name of what is at fault.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/registry/registry_source.h"
#include "ndx/registry/v1/registry_document.pb.h"

namespace ndx::registry {

// "sha256:…" of a descriptor set, and the 32 bytes in such a name; nothing in another name.
std::string ContractName(absl::string_view descriptor_set);
std::optional<std::string> DigestInContractName(absl::string_view name);

// The file as which a kept contract is exported: "<64 hexadecimal digits>.binpb"; nothing for
// another name.
std::optional<std::string> ContractFile(absl::string_view name);

// The descriptor set that `named` means. beside: the same as meant by the file in which it stands;
// `named` where no file says it.
absl::StatusOr<std::string> ReadContract(const std::string& named, const std::string& beside,
                                         const RegistrySource& source);

// The adapter whose descriptors describe the service: the one named, or that of an embedded
// provider. Empty where it has a descriptor_set.
std::string AdapterOf(const v1::Service& service);

// Makes an entry name its contract by content, and adds that to *contracts where it is not there.
// An entry of an adapter stays as it is: the program brings its contract.
absl::Status NameContractByContent(v1::Service& service, const RegistrySource& source,
                                   std::vector<std::string>* contracts);

// A service's contract in a pool of its own.
class LoadedContract {
 public:
  // The service of an entry that no file holds.
  static absl::StatusOr<std::unique_ptr<LoadedContract>> Load(const v1::Service& service,
                                                              const RegistrySource& source);

  const google::protobuf::ServiceDescriptor& service() const { return *service_; }

 private:
  LoadedContract() = default;

  google::protobuf::DescriptorPool pool_;
  const google::protobuf::ServiceDescriptor* service_ = nullptr;
};

}  // namespace ndx::registry

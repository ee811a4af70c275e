// What reflection answers from: two pools of descriptors and a list of services. Pure.
//
// Thread-safety: thread-safe. Ownership: holds the registry; the list outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

class ReflectionIndex {
 public:
  ReflectionIndex(std::shared_ptr<const registry::RegistrySnapshot> registry,
                  const std::vector<std::string>& own_services)
      : registry_(std::move(registry)), own_services_(own_services) {}

  // Full names, sorted, each once.
  std::vector<std::string> Services() const;

  // Null when there is none.
  const google::protobuf::FileDescriptor* FileByName(const std::string& name) const;
  const google::protobuf::FileDescriptor* FileBySymbol(const std::string& symbol) const;
  const google::protobuf::FileDescriptor* FileByExtension(const std::string& type,
                                                          int number) const;

  // Numbers of the extensions of a message type, sorted; false when there is no such type.
  bool ExtensionNumbers(const std::string& type, std::vector<int>& numbers) const;

  // The file and all it imports, serialized FileDescriptorProtos, the file itself first.
  static std::vector<std::string> Serialized(const google::protobuf::FileDescriptor& file);

 private:
  // The pools in the order in which they are asked.
  std::vector<const google::protobuf::DescriptorPool*> Pools() const;

  const std::shared_ptr<const registry::RegistrySnapshot> registry_;
  const std::vector<std::string>& own_services_;
};

}  // namespace ndx::console

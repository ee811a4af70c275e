#include "ndx/console/reflection_index.h"

#include <algorithm>
#include <set>

#include "ndx/registry/service_feed.h"

namespace ndx::console {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

std::vector<const DescriptorPool*> ReflectionIndex::Pools() const {
  return {&registry_->pool(), DescriptorPool::generated_pool()};
}

std::vector<std::string> ReflectionIndex::Services() const {
  std::set<std::string> names(own_services_.begin(), own_services_.end());
  for (const auto& service : registry_->services()) names.insert(service->name);
  return {names.begin(), names.end()};
}

const FileDescriptor* ReflectionIndex::FileByName(const std::string& name) const {
  for (const DescriptorPool* pool : Pools()) {
    if (const auto* file = pool->FindFileByName(name); file != nullptr) return file;
  }
  return nullptr;
}

const FileDescriptor* ReflectionIndex::FileBySymbol(const std::string& symbol) const {
  for (const DescriptorPool* pool : Pools()) {
    if (const auto* file = pool->FindFileContainingSymbol(symbol); file != nullptr) return file;
  }
  return nullptr;
}

const FileDescriptor* ReflectionIndex::FileByExtension(const std::string& type, int number) const {
  for (const DescriptorPool* pool : Pools()) {
    const Descriptor* const message = pool->FindMessageTypeByName(type);
    if (message == nullptr) continue;
    const FieldDescriptor* const extension = pool->FindExtensionByNumber(message, number);
    if (extension != nullptr) return extension->file();
  }
  return nullptr;
}

bool ReflectionIndex::ExtensionNumbers(const std::string& type, std::vector<int>& numbers) const {
  bool found = false;
  std::set<int> sorted;
  for (const DescriptorPool* pool : Pools()) {
    const Descriptor* const message = pool->FindMessageTypeByName(type);
    if (message == nullptr) continue;
    found = true;
    std::vector<const FieldDescriptor*> extensions;
    pool->FindAllExtensions(message, &extensions);
    for (const FieldDescriptor* extension : extensions) sorted.insert(extension->number());
  }
  numbers.assign(sorted.begin(), sorted.end());
  return found;
}

std::vector<std::string> ReflectionIndex::Serialized(const FileDescriptor& file) {
  const auto set = registry::WithImports({&file});
  std::vector<std::string> serialized;
  for (const auto& entry : set.file()) serialized.push_back(entry.SerializeAsString());
  std::reverse(serialized.begin(), serialized.end());
  return serialized;
}

}  // namespace ndx::console

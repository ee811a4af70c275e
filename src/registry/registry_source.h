// From files to a RegistrySnapshot.
//
// Refused, with file, line, path and value, every fault listed at once: what src/settings refuses
// (unknown key, wrong type, …), a name that refers to nothing, a duplicate, dates in the wrong
// order, a method or field path that the descriptors do not have, a descriptor set that does not
// build, a plaintext endpoint off the machine, an override that is laxer than the contract.
//
// Thread-safety: LoadRegistry is thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "ndx/core/system_id.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/registry/service_feed.h"
#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::registry {

// Bytes of one descriptor set.
inline constexpr size_t kDescriptorSetBytesMax = size_t{16} << 20;

struct RegistrySource {
  // Files and directories (RegistrySettings.paths).
  std::vector<std::string> paths;
  // Where descriptor sets are looked for that do not stand beside the file naming them.
  std::vector<std::string> descriptor_directories;
  // Descriptor sets that the node keeps by content (ContractStore), by SHA-256; kNotFound for
  // others. Absent where none are kept.
  std::function<absl::StatusOr<std::string>(absl::string_view sha256)> kept_contract = nullptr;
  // Serialized FileDescriptorSets of the adapters inside the node, by adapter name. Endpoints
  // "embedded:x" and services with `adapter: x` must find x here.
  std::map<std::string, std::string> embedded_adapters;
  // The node itself, and the services it answers from inside (ndx.exchange.v1.ExchangeService);
  // their descriptors come from the linked-in types.
  core::SystemId node_system;
  std::vector<const google::protobuf::ServiceDescriptor*> node_services;
  // The node has a key to sign with for whom it asks, so that providers may be reached through
  // peers.
  bool may_relay = true;
  // What peers offer (Peer.services). Null: nothing.
  std::shared_ptr<const PeerFeeds> peer_feeds = nullptr;
  // For methods that state none.
  absl::Duration default_deadline = absl::Seconds(30);
  absl::Duration deadline_max = absl::Minutes(5);
};

// Reads the files and builds. Errors as listed above, kInvalidArgument; kNotFound for a missing
// file.
absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> LoadRegistry(const RegistrySource& source);

// The same from texts already read; only descriptor sets are still read from files.
absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> BuildRegistry(
    const std::vector<settings::SettingsFile>& files, const RegistrySource& source);

// The same from a document that no file holds: errors name the entry instead of file and line.
absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> BuildRegistry(
    const v1::RegistryDocument& document, const RegistrySource& source);

// Texts into one document that means the same without them: paths of files are absolute.
absl::StatusOr<v1::RegistryDocument> ParseRegistry(
    const std::vector<settings::SettingsFile>& files);

}  // namespace ndx::registry

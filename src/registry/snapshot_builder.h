// A parsed registry document into a snapshot, every reference resolved and every fault collected.
// Private to the folder.
//
// Thread-safety: thread-compatible; used once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "descriptor_loader.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/registry/registry_source.h"
#include "ndx/registry/v1/registry_document.pb.h"
#include "ndx/settings/fault_list.h"
#include "ndx/settings/source_map.h"

namespace ndx::registry {

class SnapshotBuilder {
 public:
  SnapshotBuilder(const v1::RegistryDocument& document, const settings::SourceMap& sources,
                  const RegistrySource& source);  // all outlive it

  // Once. The error lists every fault.
  absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> Build(
      const std::vector<settings::SettingsFile>& files);

 private:
  // Members and systems: snapshot_builder.cc.
  void BuildPurposes();
  void BuildMembers();
  std::vector<crypto::Digest> ReadIssuers(const v1::Member& member, const std::string& path);
  void LinkSuccessors();
  void BuildSystems();
  void BuildConsumerGroups();
  void BuildCertificates(const v1::System& system, const std::string& path, SystemEntry& entry);

  // Keys that sign: signing_key_builder.cc.
  std::vector<SigningKeyEntry> ReadSigningKeys(
      const google::protobuf::RepeatedPtrField<v1::SigningKey>& keys, const std::string& path,
      const std::string& owner);

  // Other nodes: peer_builder.cc.
  void BuildPeers();
  void ReadPeerPlace(const v1::Peer& peer, const std::string& path, PeerEntry& entry);
  void ReadPeerJournalKeys(const v1::Peer& peer, const std::string& path, PeerEntry& entry);
  void ReadAssertionKeys(const v1::Peer& peer, const std::string& path, PeerEntry& entry);
  void ReadScopes(const v1::Peer& peer, const std::string& path, PeerEntry& entry);
  void ReadWantedServices(const v1::Peer& peer, const std::string& path, PeerEntry& entry);
  // Once the services are there.
  void LinkPeerMethods();
  // The peer through which a provider is reached; null, with a fault, where that does not work.
  const PeerEntry* ReadViaPeer(const v1::Provider& provider, const std::string& path);

  // What peers offer: peer_service_builder.cc.
  void BuildPeerServices();
  void BuildPeerService(const exchange::v1::FeedService& fed, const std::string& contract,
                        const PeerEntry& peer, const std::string& path);
  const SystemEntry* SystemOfFeed(const exchange::v1::FeedProvider& provider,
                                  const std::string& path);
  // Whether what is named may come by a feed later.
  bool Awaited(absl::string_view method);

  // Services: service_builder.cc.
  void BuildServices();
  void BuildNodeServices();
  void BuildService(const v1::Service& service, const std::string& path);
  bool LoadDescriptors(const v1::Service& service, const std::string& path);
  bool LoadDescriptorFile(const std::string& named, const std::string& path);
  // Once its descriptors are there; false, with a fault, where the service is not among them.
  bool FinishService(const v1::Service& service, const std::string& path,
                     std::unique_ptr<ServiceEntry> entry);
  void BuildProviders(const v1::Service& service, const std::string& path, ServiceEntry& entry);
  std::optional<Endpoint> ReadEndpoint(const v1::Provider& provider, const std::string& path);
  bool ReadTls(const v1::Provider& provider, const std::string& path, Endpoint& endpoint);
  void BuildMethods(const v1::Service* service, const std::string& path, ServiceEntry& entry);
  void SetLeastMethod(const v1::Service& service, const std::string& path, ServiceEntry& entry);

  // Methods: method_builder.cc.
  std::unique_ptr<MethodEntry> BuildMethod(const google::protobuf::MethodDescriptor& descriptor,
                                           const v1::MethodSettings* settings,
                                           const std::string& path);
  void CompleteRules(const v1::MethodSettings& settings, const std::string& path,
                     MethodEntry& method);
  void SetChecks(const v1::MethodSettings& settings, const std::string& path, MethodEntry& method);
  void SetDeadlines(const v1::MethodSettings* settings, const std::string& path,
                    MethodEntry& method);
  void SetRetry(const v1::MethodSettings* settings, const std::string& path, MethodEntry& method);

  // Grants: grant_builder.cc.
  void BuildGrants();
  void BuildGrant(const v1::Grant& grant, const std::string& path);
  void LinkShadowGrants();
  void ReadConsumers(const v1::Grant& grant, const std::string& path, GrantEntry& entry);
  void ReadQuota(const v1::Grant& grant, const std::string& path, GrantEntry& entry);
  std::vector<MethodEntry*> GrantedMethods(const v1::Grant& grant, const std::string& path);
  void AddMethodsNamed(const std::string& name, const std::string& path,
                       std::vector<MethodEntry*>& methods);
  void ReadReferences(const v1::Grant& grant, const std::string& path, GrantEntry& entry);
  void ReadPurposes(const v1::Grant& grant, const std::string& path, GrantEntry& entry);
  void ReadGrantProviders(const v1::Grant& grant, const std::string& path,
                          const std::vector<MethodEntry*>& methods, GrantEntry& entry);
  std::optional<FieldPlan> ReadFields(const google::protobuf::RepeatedPtrField<std::string>& paths,
                                      const std::string& path, const MethodEntry& method,
                                      bool answer);

  // Of all: snapshot_builder.cc.
  void Fault(const std::string& path, absl::string_view value, absl::string_view problem);
  DateRange ReadDates(absl::string_view from, absl::string_view to, const std::string& path);
  bool CheckName(absl::string_view name, const std::string& path);
  const SystemEntry* ResolveSystem(const std::string& id, const std::string& path);
  // The path as meant by the file in which the setting stands.
  std::string ResolveFile(const std::string& setting_path, const std::string& file) const;
  std::string ContentVersion(const std::vector<settings::SettingsFile>& files) const;

  const v1::RegistryDocument& document_;
  const settings::SourceMap& sources_;
  const RegistrySource& source_;
  settings::FaultList faults_;
  std::unique_ptr<RegistrySnapshot> snapshot_;
  DescriptorLoader descriptors_;
  std::map<std::string, std::string> descriptor_sets_;  // loaded, by name: part of the version
  absl::flat_hash_map<std::string, MethodEntry*> method_to_fill_;  // by path
  std::map<std::string, std::string> signing_key_owners_;          // by key id
};

// VN:GOV:<member in either spelling>:<system> with the member's canonical code; nothing when it is
// no system id.
std::optional<core::SystemId> CanonicalSystemId(absl::string_view id);

}  // namespace ndx::registry

// The registry (danh bạ) at one moment: members, systems, services and grants, validated,
// immutable.
//
// Thread-safety: immutable, so thread-safe. Ownership: everything it returns belongs to it; keep
// its shared_ptr while using entries or descriptors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "ndx/registry/registry_entries.h"

namespace ndx::registry {

class RegistrySnapshot {
 public:
  ~RegistrySnapshot();
  RegistrySnapshot(const RegistrySnapshot&) = delete;
  RegistrySnapshot& operator=(const RegistrySnapshot&) = delete;

  // All lookups return null when there is none.
  const PurposeEntry* FindPurpose(absl::string_view code) const;
  // By either spelling of the code.
  const MemberEntry* FindMember(absl::string_view code) const;
  // By VN:GOV:<member>:<system>, the member in either spelling.
  const SystemEntry* FindSystem(absl::string_view id) const;
  // By SHA-256 of the SubjectPublicKeyInfo, 32 bytes. Whether the registration counts today is for
  // the caller to see.
  const SystemEntry* FindSystemByCertificate(absl::string_view spki_sha256) const;
  // By full name.
  const ServiceEntry* FindService(absl::string_view name) const;
  // By "/package.Service/Method". No allocation.
  const MethodEntry* FindMethod(absl::string_view path) const;
  const GrantEntry* FindGrant(absl::string_view name) const;

  const ConsumerGroupEntry* FindConsumerGroup(absl::string_view name) const;

  // By the system's id, as a SystemEntry of this snapshot has it.
  const PeerEntry* FindPeer(const SystemEntry& system) const;

  // Grants of a consumer (id text) for a method that decide; empty when there are none. No
  // allocation.
  const std::vector<const MethodGrant*>& GrantsOf(absl::string_view consumer,
                                                  const MethodEntry& method) const;
  // The same of those in shadow mode.
  const std::vector<const MethodGrant*>& ShadowGrantsOf(absl::string_view consumer,
                                                        const MethodEntry& method) const;

  // The name of the method nearest to an unknown path, without leading slash; empty when there are
  // no methods. Bounded cost, whatever the path.
  std::string NearestMethod(absl::string_view path) const;

  // In the order of the files.
  const std::vector<std::unique_ptr<PurposeEntry>>& purposes() const { return purposes_; }
  const std::vector<std::unique_ptr<MemberEntry>>& members() const { return members_; }
  const std::vector<std::unique_ptr<SystemEntry>>& systems() const { return systems_; }
  const std::vector<std::unique_ptr<ServiceEntry>>& services() const { return services_; }
  const std::vector<std::unique_ptr<MethodEntry>>& methods() const { return methods_; }
  const std::vector<std::unique_ptr<GrantEntry>>& grants() const { return grants_; }
  const std::vector<std::unique_ptr<ConsumerGroupEntry>>& consumer_groups() const {
    return consumer_groups_;
  }
  const std::vector<std::unique_ptr<PeerEntry>>& peers() const { return peers_; }

  // Methods and services that grants and peers name and that no peer's feed has brought yet, as
  // they are named. They count for nothing until it does.
  const std::vector<std::string>& awaited() const { return awaited_; }

  // First 16 bytes of the SHA-256 over everything that was loaded: files by name, descriptor sets,
  // and feeds of peers.
  const std::string& version() const { return version_; }
  std::string VersionHex() const;

  // All registered types. Own pool: a type linked into the program is not the same type here.
  const google::protobuf::DescriptorPool& pool() const { return *pool_; }

 private:
  friend class SnapshotBuilder;
  RegistrySnapshot();

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::string version_;
  std::vector<std::unique_ptr<PurposeEntry>> purposes_;
  std::vector<std::unique_ptr<MemberEntry>> members_;
  std::vector<std::unique_ptr<SystemEntry>> systems_;
  std::vector<std::unique_ptr<ServiceEntry>> services_;
  std::vector<std::unique_ptr<MethodEntry>> methods_;
  std::vector<std::unique_ptr<GrantEntry>> grants_;
  std::vector<std::unique_ptr<ConsumerGroupEntry>> consumer_groups_;
  std::vector<std::unique_ptr<PeerEntry>> peers_;
  std::vector<std::string> awaited_;

  absl::flat_hash_map<std::string, const PurposeEntry*> purpose_by_code_;
  absl::flat_hash_map<std::string, const MemberEntry*> member_by_code_;  // canonical
  absl::flat_hash_map<std::string, const SystemEntry*> system_by_id_;    // canonical
  absl::flat_hash_map<std::string, const SystemEntry*> system_by_certificate_;
  absl::flat_hash_map<std::string, const ServiceEntry*> service_by_name_;
  absl::flat_hash_map<std::string, const MethodEntry*> method_by_path_;
  absl::flat_hash_map<std::string, const GrantEntry*> grant_by_name_;
  absl::flat_hash_map<std::string, const ConsumerGroupEntry*> consumer_group_by_name_;
  absl::flat_hash_map<const SystemEntry*, const PeerEntry*> peer_by_system_;
};

}  // namespace ndx::registry

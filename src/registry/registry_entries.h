// What a RegistrySnapshot holds: the registry's entries after validation, with every reference
// resolved to a pointer.
//
// Thread-safety: immutable once in a snapshot. Ownership: pointers between entries and to
// descriptors belong to the snapshot and live as long as it does; whoever keeps one keeps the
// snapshot's shared_ptr too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "ndx/core/system_id.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/signing_key.h"
#include "ndx/options/v1/options.pb.h"
#include "ndx/registry/address_range.h"
#include "ndx/registry/agency_code.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/check_plan.h"
#include "ndx/registry/field_plan.h"

namespace ndx::registry {

// A purpose (mục đích khai thác).
struct PurposeEntry {
  std::string code;
  std::string name_vi;
  std::string name_en;
  std::string legal_basis;
  DateRange in_use;
};

// A key with which somebody signs, beside the certificates of the connection.
struct SigningKeyEntry {
  crypto::SigningPublicKey key;
  DateRange registered;
};

// A member (đơn vị kết nối).
struct MemberEntry {
  AgencyCode code;
  std::string name_vi;
  std::string name_en;
  DateRange in_use;
  const MemberEntry* successor = nullptr;
  std::string contact;
  bool suspended = false;
  std::vector<SigningKeyEntry> officer_token_keys;
  // Keys of the authorities that issue the certificates of its systems; empty: any trusted one.
  std::vector<crypto::Digest> issuer_spki_sha256;

  // How error texts name it to someone who has to ask it: "Bộ Công an (contact)".
  std::string OwnerText() const;

  // Who takes its place in the end: mergers may follow each other. Itself where nobody does.
  const MemberEntry& LatestSuccessor() const;
};

// A certificate (chứng thư số) registered for a system.
struct CertificateEntry {
  std::string spki_sha256;  // 32 bytes
  DateRange registered;
  bool without_uri = false;  // the key alone says which system it is
};

// An information system (hệ thống thông tin).
struct SystemEntry {
  core::SystemId id;  // with the member's canonical code
  const MemberEntry* member = nullptr;
  std::string name_vi;
  std::string name_en;
  std::vector<CertificateEntry> certificates;
  std::vector<SigningKeyEntry> signing_keys;
  DateRange in_use;
  bool suspended = false;
  uint32_t share = 1;  // while more is asked than can be done
};

// Systems that may ask the same (nhóm hệ thống khai thác).
struct ConsumerGroupEntry {
  std::string name;
  std::string name_vi;
  std::string name_en;
  std::vector<const SystemEntry*> systems;
};

// Members for whose systems a peer may ask: one, or all below it in the order of their codes.
struct MemberScope {
  AgencyCode code;
  bool below = false;  // "H55.*": H55.242 and H55.242.01, not H55 itself

  bool Covers(const AgencyCode& member) const;
};

struct MethodEntry;

// Where a provider is reached.
struct Endpoint {
  enum class Kind {
    kUnix,      // target: the socket's path
    kTcpTls,    // host and port
    kTcpPlain,  // host and port, loopback only
    kEmbedded,  // target: the adapter's name
    kNode,      // the node itself
  };
  Kind kind = Kind::kNode;
  std::string target;
  std::string host;
  uint16_t port = 0;
  // TLS, absolute paths; empty where not given.
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string server_name;

  // As written in the registry: "unix:/path", "host:port", "embedded:name"; "node".
  std::string ToString() const;
};

// Another node (nút liên thông).
struct PeerEntry {
  const SystemEntry* system = nullptr;
  std::optional<Endpoint> endpoint;       // kTcpTls; absent: nothing is passed on to it
  std::vector<std::string> journal_keys;  // vkeys
  std::vector<SigningKeyEntry> assertion_keys;
  std::vector<MemberScope> may_speak_for;
  std::vector<const MethodEntry*> methods;  // sorted by address; empty: all
  // Services of its feed that are offered here (NamesService()), and whether requests to them may
  // be kept.
  std::vector<std::string> wanted_services;
  bool keeps = false;

  bool Wants(absl::string_view service) const;
  bool MaySpeakFor(const MemberEntry& member) const;
  // The node's own services always.
  bool MayRelay(const MethodEntry& method) const;
};

struct BreakerRules {
  uint32_t consecutive_failures = 0;
  absl::Duration open_for;
  uint32_t failure_percent = 0;
  uint32_t window_calls = 0;
  absl::Duration window;
};

// A system that provides a service.
struct ProviderEntry {
  const SystemEntry* system = nullptr;
  Endpoint endpoint;
  uint32_t concurrent_calls = 0;
  BreakerRules breaker;
  absl::Duration connect_timeout;
  uint32_t retry_budget_percent = 0;
  uint32_t waiting_calls = 0;
  absl::Duration waiting_time;
  bool signed_answers = false;
  const PeerEntry* via = nullptr;  // the endpoint is this peer's
  bool keeps = false;              // requests to it may be submitted, to be delivered later
};

// When and how often a method may be sent again after a failure that allows it.
struct RetryRules {
  uint32_t attempts = 1;  // in all; 1 means never again
  absl::Duration backoff;
  absl::Duration backoff_max;
};

// A grant (quyền khai thác).
struct GrantEntry {
  std::string name;
  const ConsumerGroupEntry* group = nullptr;  // whose grant it is; null for a single consumer's
  std::vector<const SystemEntry*> consumers;  // the group's, or one
  std::vector<const SystemEntry*> providers;  // empty: every provider
  std::vector<std::string> purposes;          // sorted; empty: none is asked for
  bool dossier_required = false;
  bool officer_required = false;
  bool procedure_required = false;
  bool signed_requests = false;
  bool officer_proved = false;
  uint32_t quota_per_second = 0;  // 0: unlimited
  uint64_t quota_per_day = 0;     // 0: unlimited
  uint64_t subjects_per_day = 0;  // 0: unlimited
  uint64_t campaign_total = 0;    // exchanges of a campaign in all; 0: no campaign
  WeeklyHours hours;
  DateRange in_force;
  std::vector<AddressRange> sources;  // empty: from anywhere
  std::string legal_basis;
  std::vector<std::string> answer_fields;  // as written; empty: all
  bool shadow = false;                     // asked beside what decides, never deciding
  const GrantEntry* shadow_of = nullptr;   // the grant that it is to replace; null: a new one

  bool CoversProvider(const SystemEntry* provider) const;
};

// A grant as it applies to one method.
struct MethodGrant {
  const GrantEntry* grant = nullptr;
  std::optional<FieldPlan> answer_fields;   // absent: everything
  std::optional<FieldPlan> request_fields;  // absent: everything
};

struct ServiceEntry;

// A method (chức năng): the unit of access.
struct MethodEntry {
  std::string path;  // "/ndx.population.v1.PopulationService/VerifyCitizen"
  const ServiceEntry* service = nullptr;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Descriptor* input = nullptr;
  const google::protobuf::Descriptor* output = nullptr;
  bool client_streaming = false;
  bool server_streaming = false;

  // The contract's rules completed by the registry's and the defaults: effect, replay and
  // message_bytes_max are never unspecified; default_deadline is always set.
  options::v1::MethodRules rules;
  absl::Duration default_deadline;
  absl::Duration deadline_max;
  RetryRules retry;  // attempts is 1 unless the method is idempotent

  // Rules of the request's fields.
  CheckPlan checks;

  // Every grant of the method, those in shadow mode too, in the order of the registry.
  std::vector<std::unique_ptr<const MethodGrant>> grants;
  // Of these by the consumer's id text: those that decide, and those in shadow mode.
  absl::flat_hash_map<std::string, std::vector<const MethodGrant*>> grants_of;
  absl::flat_hash_map<std::string, std::vector<const MethodGrant*>> shadow_grants_of;

  // Without the leading slash: "ndx.population.v1.PopulationService/VerifyCitizen".
  absl::string_view name() const { return absl::string_view(path).substr(1); }
  bool changes() const { return rules.effect() == options::v1::EFFECT_CHANGE; }
};

// A service (dịch vụ chia sẻ dữ liệu).
struct ServiceEntry {
  std::string name;
  std::string title_vi;
  std::string title_en;
  const google::protobuf::ServiceDescriptor* descriptor = nullptr;
  std::vector<ProviderEntry> providers;
  std::vector<const MethodEntry*> methods;  // in the order of the contract
  // The one that tells least, which a new grant gets unless more is asked for: as the registry or
  // the contract says, or the only one. Null where nothing says it.
  const MethodEntry* least_method = nullptr;
  // The node's own service: open to every registered system without a grant.
  bool of_node = false;
  // The peer whose feed brought it, with the nodes on the way to its providers, that peer the
  // first; null where the registry itself has it.
  const PeerEntry* fed_by = nullptr;
  std::vector<std::string> feed_nodes;
  DateRange in_use;
  uint32_t share = 1;  // of what one consumer gets while more is asked than can be done
};

}  // namespace ndx::registry

// Who may operate the node: persons and their roles, from the node's settings. A person comes as a
// local user by the socket, or by the HTTP port with a certificate or a token that the settings
// list.
//
// Thread-safety: immutable after Build(), so thread-safe.
// Errors: Build() returns kInvalidArgument, one line a fault, for somebody who cannot sign in (no
// user of the machine, no certificate, no token), one named twice or without a role, for
// what is no agency code, and for a certificate or a token's user that two have: who it is must
// never be a choice.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/transport/peer_identity.h"

namespace ndx::console {

using settings::v1::OperatorRole;

// One operator, as authenticated.
struct OperatorIdentity {
  std::string name;  // operators[].user of the settings; as it stands in leaves
  std::set<OperatorRole> roles;
  // Codes of the members for which the person speaks, in the new spelling; empty: all.
  std::set<std::string> acts_for = {};

  bool ActsFor(const std::string& member) const {
    return acts_for.empty() || acts_for.count(member) > 0;
  }
  bool Has(OperatorRole role) const { return roles.count(role) > 0; }
};

// "viewer", "investigator", "replayer", "approver", "administrator", "policy_editor",
// "key_custodian", "auditor".
std::string RoleName(OperatorRole role);

class OperatorDirectory {
 public:
  // User id of a local user, or nullopt.
  using UserLookup = std::function<std::optional<uid_t>(const std::string& user)>;

  // A user written as digits is a user id. A person who investigates, replays, approves or
  // administers sees lists too: every role includes viewer, and no other.
  static absl::StatusOr<OperatorDirectory> Build(const settings::v1::OperatorSettings& settings,
                                                 const UserLookup& lookup);

  // The lookup of the machine, getpwnam_r(3).
  static std::optional<uid_t> SystemUser(const std::string& user);

  // The operator at the other end: nullopt unless the peer came by UNIX socket and is listed.
  std::optional<OperatorIdentity> Find(const transport::PeerIdentity& peer) const;

  // By the SHA-256 of a certificate's key, in lower-case hexadecimal.
  std::optional<OperatorIdentity> FindByKey(const std::string& spki_sha256) const;

  // By the user that a token names.
  std::optional<OperatorIdentity> FindByToken(const std::string& user) const;

 private:
  // What is wrong with an entry of the settings is added to the faults.
  void Add(const settings::v1::Operator& entry, const UserLookup& lookup,
           std::vector<std::string>& faults);

  std::map<uid_t, OperatorIdentity> operators_;
  std::map<std::string, OperatorIdentity> by_key_;
  std::map<std::string, OperatorIdentity> by_token_;
};

}  // namespace ndx::console

// Who may operate the node: local users and their roles, from the node's settings.
//
// Thread-safety: immutable after Build(), so thread-safe.
// Errors: Build() returns kInvalidArgument, one line a fault, for a user that the machine does not
// have, one named twice or one without a role.
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
  std::string name;  // the local user name of the settings
  std::set<OperatorRole> roles;

  bool Has(OperatorRole role) const { return roles.count(role) > 0; }
};

// "viewer", "investigator", "replayer", "approver", "administrator", "policy_editor".
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

 private:
  std::map<uid_t, OperatorIdentity> operators_;
};

}  // namespace ndx::console

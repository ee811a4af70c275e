// What a new version of a service's contract breaks for whoever goes by the one before.
//
//   breaking   a method gone, or asked, answered or streamed otherwise; a field gone without its
//              number reserved, or of another number, type, label or oneof; a value of an
//              enumeration gone; a field called less personal, or no longer naming its subject; a
//              field that callers now have to send; a method called less of a change, idempotent,
//              easier to execute again, or no longer recorded first; what a grant names gone
//   told only  a field gone with its number reserved; another name in JSON; another format; smaller
//              messages
// Everything that is reached from the service's methods is looked at; additions are no difference.
// A type is the same by its full name. Fields are compared by number, as on the wire.
//
// Thread-safety: thread-safe functions. Ownership: nothing is kept of the descriptors.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/registry/registry_source.h"
#include "ndx/registry/v1/contract_difference.pb.h"
#include "ndx/registry/v1/registry_document.pb.h"

namespace ndx::registry {

// In the order of the old contract.
std::vector<v1::ContractDifference> DifferencesOf(const google::protobuf::ServiceDescriptor& was,
                                                  const google::protobuf::ServiceDescriptor& now);

// The registered contract of a service by its full name; null where it has none yet.
using RegisteredContract =
    std::function<const google::protobuf::ServiceDescriptor*(const std::string& service)>;

// The same for every service of `after` that is registered already, and what its grants name that
// is gone. kInvalidArgument and kNotFound for a contract that cannot be read, naming the service.
absl::StatusOr<std::vector<v1::ContractDifference>> DifferencesOfContracts(
    const RegisteredContract& registered, const v1::RegistryDocument& after,
    const RegistrySource& source);

// kFailedPrecondition naming service, file and element of what breaks; OK where nothing does.
// BrokenServiceOf() is the first service of such an error, nothing for another status.
absl::Status RefuseIfBreaking(const std::vector<v1::ContractDifference>& differences);
std::optional<std::string> BrokenServiceOf(const absl::Status& status);

// The same of the contracts that a snapshot has, against files that are to follow it. OK too where
// the files cannot be read: whoever builds them says why.
absl::Status RefuseIfBreaking(const RegistrySnapshot& registered,
                              const std::vector<settings::SettingsFile>& files,
                              const RegistrySource& source);

}  // namespace ndx::registry

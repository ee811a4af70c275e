// From what somebody wishes for to the grant that would be made, and less of it.
//
// Thread-safety: thread-safe functions. Ownership: nothing is kept of what is given.
// Errors: RefusalStatus() of ACCESS_REQUEST_INVALID that says what is missing, in both languages.
// Whether names lead anywhere is left to whoever builds the registry with the grant in it.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "ndx/console/v1/access_request_service.pb.h"
#include "ndx/registry/registry_edit.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/registry/v1/registry_document.pb.h"

namespace ndx::console {

// Bytes of an explanation, a question or an answer.
inline constexpr size_t kAccessTextBytesMax = 1000;

// RefusalStatus() of ACCESS_REQUEST_INVALID.
absl::Status AccessRequestInvalid(absl::string_view fault);

// The grant that a wish means. number: of the request, after which a new grant is named that has no
// name of its own.
absl::StatusOr<registry::v1::Grant> GrantOfWish(const v1::AccessWish& wish, uint64_t number,
                                                const registry::EditableDocument& document,
                                                const registry::RegistrySnapshot& registry,
                                                absl::CivilDay today);

// `asked` with the owner's narrowing, which must not give more anywhere.
absl::StatusOr<registry::v1::Grant> Narrowed(const registry::v1::Grant& asked,
                                             registry::v1::Grant left,
                                             const v1::NarrowAccessRequestRequest& narrowing);

// Codes of the members whose systems provide what the grant is for (đơn vị chủ quản), and of those
// who would get it. Empty where names lead nowhere.
std::set<std::string> OwnersOf(const registry::v1::Grant& grant,
                               const registry::RegistrySnapshot& registry);
std::set<std::string> ConsumingMembersOf(const registry::v1::Grant& grant,
                                         const registry::EditableDocument& document,
                                         const registry::RegistrySnapshot& registry);

}  // namespace ndx::console

// What a code means on a day: codes change their meaning when agencies are merged and provinces
// joined.
//
// Thread-safety: thread-safe function. Errors: kInvalidArgument for what is neither an agency code,
// nor a province code, nor a dossier code, and for a day that is none; the message does not repeat
// the code.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "ndx/console/v1/access_service.pb.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

absl::StatusOr<v1::ExplainCodeResponse> ExplainCode(const registry::RegistrySnapshot& registry,
                                                    const v1::ExplainCodeRequest& request,
                                                    absl::CivilDay today);

}  // namespace ndx::console

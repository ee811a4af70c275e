// The adapters that this project comes with, by kind: the one list of them. ndx-adapter and ndxd
// both build adapters here.
//
//   NDX_ASSIGN_OR_RETURN(auto land, host::MakeAdapter("land", "/etc/ndx/land.yaml", clock));
//
// Thread-safety: thread-safe functions.
// Ownership: the clock must outlive the adapter.
// Errors: kNotFound for an unknown kind (the text names the known ones), kInvalidArgument with file
// and place when the configuration is wrong. A database that is down is no error.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/clock.h"

namespace ndx::host {

std::vector<std::string> AdapterKinds();

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeAdapter(absl::string_view kind,
                                                          const std::string& config_file,
                                                          const core::Clock& clock);

}  // namespace ndx::host

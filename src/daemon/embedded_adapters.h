// Adapters that run inside the node, by kind: the embedded default.
//
// Thread-safety: thread-safe.
// Errors: kInvalidArgument for an unknown kind (the text lists those there are) or a configuration
// that is wrong.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/clock.h"

namespace ndx::daemon {

absl::StatusOr<std::shared_ptr<sdk::Adapter>> MakeEmbeddedAdapter(const std::string& kind,
                                                                  const std::string& config_file,
                                                                  const core::Clock& clock);

}  // namespace ndx::daemon

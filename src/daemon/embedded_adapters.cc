#include "embedded_adapters.h"

#include "absl/strings/str_cat.h"

namespace ndx::daemon {

absl::StatusOr<std::shared_ptr<sdk::Adapter>> MakeEmbeddedAdapter(const std::string& kind,
                                                                  const std::string& config_file,
                                                                  const core::Clock& clock) {
  (void)config_file, (void)clock;
  return absl::InvalidArgumentError(absl::StrCat("no adapter of kind ", kind));
}

}  // namespace ndx::daemon

#include "ndx/registry/service_config.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace ndx::registry {
namespace {

// Four attempts reach over a node's restart. Retries are throttled only after five hundred failures
// (half of maxTokens, which gRPC bounds at 1000; an answer makes up for a tenth of one): all that a
// client has under way at a node that is killed fail at once.
constexpr char kRetryPolicy[] =
    R"("retryPolicy":{"maxAttempts":4,"initialBackoff":"0.1s","maxBackoff":"2s",)"
    R"("backoffMultiplier":3,"retryableStatusCodes":["UNAVAILABLE"]})";

bool MayBeAskedAgain(const MethodEntry& method) {
  return !method.changes() || method.rules.idempotent();
}

// Names of services and methods are identifiers of a contract: nothing in them needs an escape.
std::string ConfigOf(const MethodEntry& method) {
  std::string config = absl::StrFormat(
      R"({"name":[{"service":"%s","method":"%s"}],"timeout":"%.3fs")", method.service->name,
      method.descriptor->name(), absl::ToDoubleSeconds(method.default_deadline));
  if (MayBeAskedAgain(method)) absl::StrAppend(&config, ",", kRetryPolicy);
  return config + "}";
}

}  // namespace

std::string ServiceConfigFor(const RegistrySnapshot& registry, absl::string_view consumer) {
  std::vector<std::string> methods;
  for (const auto& method : registry.methods()) {
    if (!method->service->of_node && registry.GrantsOf(consumer, *method).empty()) continue;
    methods.push_back(ConfigOf(*method));
  }
  return absl::StrCat(R"({"loadBalancingConfig":[{"round_robin":{}}],)",
                      R"("retryThrottling":{"maxTokens":1000,"tokenRatio":0.1},"methodConfig":[)",
                      absl::StrJoin(methods, ","), "]}");
}

}  // namespace ndx::registry

#include "ndx/core/refusal.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "ndx/core/status_macros.h"

namespace ndx::core {
namespace {

constexpr absl::string_view kPrefix = "ERROR_REASON_";

using Catalogue = absl::flat_hash_map<int, options::v1::ReasonRules>;

// Built once from the descriptor, immutable afterwards.
const Catalogue& GetCatalogue() {
  static const Catalogue* const kCatalogue = [] {
    auto* catalogue = new Catalogue();
    const auto* descriptor = exchange::v1::ErrorReason_descriptor();
    for (int i = 0; i < descriptor->value_count(); ++i) {
      const auto* value = descriptor->value(i);
      if (value->options().HasExtension(options::v1::reason)) {
        (*catalogue)[value->number()] = value->options().GetExtension(options::v1::reason);
      }
    }
    return catalogue;
  }();
  return *kCatalogue;
}

}  // namespace

const options::v1::ReasonRules& RulesOf(exchange::v1::ErrorReason reason) {
  const auto found = GetCatalogue().find(reason);
  NDX_CHECK(found != GetCatalogue().end());
  return found->second;
}

std::string ReasonName(exchange::v1::ErrorReason reason) {
  return std::string(absl::StripPrefix(exchange::v1::ErrorReason_Name(reason), kPrefix));
}

exchange::v1::ErrorReason ReasonFromName(absl::string_view name) {
  exchange::v1::ErrorReason reason = exchange::v1::ERROR_REASON_UNSPECIFIED;
  exchange::v1::ErrorReason_Parse(absl::StrCat(kPrefix, name), &reason);
  return reason;
}

absl::string_view FaultName(options::v1::Fault fault) {
  switch (fault) {
    case options::v1::FAULT_CONSUMER:
      return "consumer";
    case options::v1::FAULT_BUS:
      return "bus";
    case options::v1::FAULT_PROVIDER:
      return "provider";
    case options::v1::FAULT_NETWORK:
      return "network";
    default:
      return "unknown";
  }
}

std::string TextOf(const Refusal& refusal, Language language) {
  const auto& rules = RulesOf(refusal.reason);
  const absl::string_view text = language == Language::kVietnamese ? rules.vi() : rules.en();
  std::string filled;
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find('{', at);
    const size_t close = open == absl::string_view::npos ? open : text.find('}', open);
    if (close == absl::string_view::npos) break;
    const auto value =
        refusal.parameters.find(std::string(text.substr(open + 1, close - open - 1)));
    absl::StrAppend(&filled, text.substr(at, open - at),
                    value == refusal.parameters.end() ? "?" : value->second);
    at = close + 1;
  }
  absl::StrAppend(&filled, text.substr(at));
  return filled;
}

}  // namespace ndx::core

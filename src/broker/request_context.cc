#include "ndx/broker/request_context.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/limits.h"
#include "ndx/core/system_id.h"
#include "ndx/crypto/jws.h"

namespace ndx::broker {
namespace {

// A consumer's signature: a detached JWS takes some 320 bytes. Where a system has no signing keys
// registered, whatever it sends within this is kept as it is.
constexpr size_t kSignatureBytesMax = 1024;
static_assert(kSignatureBytesMax <= crypto::kJwsBytesMax);

struct TextKey {
  absl::string_view key;
  size_t bytes_max;
  std::string RequestContext::*field;
};

constexpr TextKey kTextKeys[] = {
    {"ndx-provider", core::SystemId::kTextLengthMax, &RequestContext::provider},
    {"ndx-purpose", core::kPurposeBytesMax, &RequestContext::purpose},
    {"ndx-dossier", core::kDossierBytesMax, &RequestContext::dossier},
    {"ndx-procedure", core::kProcedureBytesMax, &RequestContext::procedure},
    {"ndx-officer", core::kOfficerBytesMax, &RequestContext::officer},
    {"ndx-officer-token", crypto::kJwsBytesMax, &RequestContext::officer_token},
    {"ndx-signature-bin", kSignatureBytesMax, &RequestContext::signature},
    {"ndx-relay-assertion-bin", crypto::kJwsBytesMax, &RequestContext::relay_assertion},
};

core::Refusal Invalid(absl::string_view key, std::string rule) {
  core::Refusal refusal{.reason = exchange::v1::ERROR_REASON_METADATA_INVALID,
                        .parameters = {{"key", std::string(key)}, {"rule", rule}}};
  refusal.violations.push_back({std::string(key), rule, rule});
  return refusal;
}

}  // namespace

std::variant<RequestContext, core::Refusal> ReadRequestContext(
    const transport::Metadata& metadata) {
  RequestContext context;
  for (const TextKey& text : kTextKeys) {
    const auto values = metadata.FindAll(text.key);
    if (values.empty()) continue;
    if (values.size() > 1) return Invalid(text.key, "một lần / once");
    if (values[0].size() > text.bytes_max) {
      return Invalid(text.key, absl::StrCat("≤ ", text.bytes_max, " byte"));
    }
    context.*text.field = std::string(values[0]);
  }
  const auto ids = metadata.FindAll("ndx-exchange-id");
  if (ids.size() > 1) return Invalid("ndx-exchange-id", "một lần / once");
  if (ids.size() == 1) {
    auto id = core::ExchangeId::Parse(ids[0]);
    if (!id.ok()) return Invalid("ndx-exchange-id", "UUIDv7");
    context.exchange_id = *id;
  }
  if (const std::string* text = metadata.Find("traceparent"); text != nullptr) {
    auto trace = telemetry::TraceContext::Parse(*text);
    if (trace.ok()) context.traceparent = *trace;
  }
  return context;
}

}  // namespace ndx::broker

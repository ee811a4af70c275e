// Why an exchange is refused or fails, as every layer says it; the broker alone turns it into a
// wire error.
//
// Thread-safety: value type. The catalogue functions are thread-safe.
// Source of codes and texts: proto/ndx/exchange/v1/error_reason.proto, the one table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/exchange/v1/error_reason.pb.h"
#include "ndx/options/v1/options.pb.h"

namespace ndx::core {

struct FieldViolation {
  std::string field;           // path in the request message, or the metadata key
  std::string description_vi;  // what is wrong and what to do, without the value
  std::string description_en;
};

struct Refusal {
  exchange::v1::ErrorReason reason = exchange::v1::ERROR_REASON_UNSPECIFIED;
  // Values for the {placeholders} of the texts. They come from the node, never from the request.
  std::map<std::string, std::string> parameters;
  std::vector<FieldViolation> violations;
  std::optional<absl::Duration> retry_after;
  // The gRPC status code where the protocol prescribes another than the reason's own; 0 otherwise.
  int grpc_code = 0;
  // The name of the quota, where reason is QUOTA_USED.
  std::string quota_subject;
};

enum class Language { kVietnamese, kEnglish };

// Rules of a reason, from its enum value's options. NDX_CHECKs that the reason is in the table.
const options::v1::ReasonRules& RulesOf(exchange::v1::ErrorReason reason);

// Name without prefix, as in ErrorInfo.reason: "NO_GRANT".
std::string ReasonName(exchange::v1::ErrorReason reason);

// The reason of such a name; ERROR_REASON_UNSPECIFIED when there is none.
exchange::v1::ErrorReason ReasonFromName(absl::string_view name);

// The name used in ErrorInfo.metadata["fault"]: consumer, bus, provider or network.
absl::string_view FaultName(options::v1::Fault fault);

// The text with its placeholders filled in. A placeholder without a value is shown as "?".
std::string TextOf(const Refusal& refusal, Language language);

}  // namespace ndx::core

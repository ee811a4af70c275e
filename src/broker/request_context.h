// What the caller states in metadata: on what ground, under which id, in which trace.
//
// Thread-safety: value type; the function is thread-safe.
// Limits: core/limits.h (kPurposeBytesMax …); each value is one printable line without control
// characters.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/telemetry/trace_context.h"
#include "ndx/transport/metadata.h"

namespace ndx::broker {

struct RequestContext {
  std::string provider;                                // ndx-provider
  std::string purpose;                                 // ndx-purpose, mục đích khai thác
  std::string dossier;                                 // ndx-dossier, mã hồ sơ
  std::string procedure;                               // ndx-procedure, mã TTHC
  std::string officer;                                 // ndx-officer, mã cán bộ xử lý
  std::string officer_token;                           // ndx-officer-token
  std::string signature;                               // ndx-signature-bin
  std::string relay_assertion;                         // ndx-relay-assertion-bin, a peer's
  std::optional<core::ExchangeId> exchange_id;         // ndx-exchange-id
  std::optional<telemetry::TraceContext> traceparent;  // a malformed one is dropped, as W3C says
};

// Reads the metadata, or says METADATA_INVALID naming the key. A key given twice is refused: nobody
// may guess which counts.
std::variant<RequestContext, core::Refusal> ReadRequestContext(const transport::Metadata& metadata);

}  // namespace ndx::broker

// Texts from outside that name things: exchange ids, system ids and their URIs, trace contexts.
// What parses must come back as the same value from its own text.
#include <cstddef>
#include <cstdint>

#include "fuzz_check.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/system_id.h"
#include "ndx/telemetry/trace_context.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto id = ndx::core::ExchangeId::Parse(text); id.ok()) {
    FUZZ_CHECK(*ndx::core::ExchangeId::Parse(id->ToString()) == *id);
    FUZZ_CHECK(*ndx::core::ExchangeId::FromBytes(id->bytes()) == *id);
  }
  if (const auto system = ndx::core::SystemId::Parse(text); system.ok()) {
    FUZZ_CHECK(system->text() == text);
    FUZZ_CHECK(text.size() <= ndx::core::SystemId::kTextLengthMax);
    FUZZ_CHECK(*ndx::core::SystemId::ParseUri(system->uri()) == *system);
  }
  if (const auto system = ndx::core::SystemId::ParseUri(text); system.ok()) {
    FUZZ_CHECK(*ndx::core::SystemId::Parse(system->text()) == *system);
  }
  if (const auto trace = ndx::telemetry::TraceContext::Parse(text); trace.ok()) {
    FUZZ_CHECK(*ndx::telemetry::TraceContext::Parse(trace->ToString()) == *trace);
  }
  return 0;
}

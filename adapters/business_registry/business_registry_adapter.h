// The adapter of the national business registry (Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp).
//
// Thread-safety: the adapter is thread-safe.
// Ownership: the clock must outlive it.
// Errors: kInvalidArgument when the configuration does not fit. A database that is down is no error
// here; calls then fail with UNAVAILABLE until it is back.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/adapter_files.h"
#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/clock.h"

namespace ndx::business_registry {

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeBusinessRegistryAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files);

}  // namespace ndx::business_registry

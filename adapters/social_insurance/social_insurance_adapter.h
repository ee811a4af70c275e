// The adapter of the national insurance database (Cơ sở dữ liệu quốc gia về bảo hiểm).
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

namespace ndx::social_insurance {

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeSocialInsuranceAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files);

}  // namespace ndx::social_insurance

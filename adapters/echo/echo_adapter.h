// Answers what it was asked (ndx.loadgen.v1.EchoService): shows that a connection, a certificate, a
// grant and a journal are in order before a database is there, and what an exchange costs without
// one.
//
// Thread-safety: thread-safe. Ownership: the clock must outlive the adapter.
#pragma once

#include <memory>

#include "ndx/adapters/sdk/adapter.h"
#include "ndx/core/clock.h"

namespace ndx::echo {

std::unique_ptr<sdk::Adapter> MakeEchoAdapter(const core::Clock& clock);

}  // namespace ndx::echo

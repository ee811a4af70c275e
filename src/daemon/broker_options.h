// What the settings of a node say to its broker.
//
// Thread-safety: thread-safe functions.
#pragma once

#include "ndx/broker/broker.h"
#include "ndx/settings/v1/node_settings.pb.h"

namespace ndx::daemon {

// All but how providers are reached.
broker::BrokerOptions BrokerOptionsOf(const settings::v1::NodeSettings& settings);

}  // namespace ndx::daemon

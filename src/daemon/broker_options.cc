#include "ndx/daemon/broker_options.h"

#include <set>

#include "duration_setting.h"

namespace ndx::daemon {
namespace {

static_assert(static_cast<int>(broker::Limit::kInFlight) + 1 == settings::v1::NODE_LIMIT_IN_FLIGHT);
static_assert(static_cast<int>(broker::Limit::kProviderCalls) + 1 ==
              settings::v1::NODE_LIMIT_PROVIDER_CALLS);

std::set<broker::Limit> LimitsInShadow(const settings::v1::ExchangeSettings& settings) {
  std::set<broker::Limit> limits;
  for (const int limit : settings.shadow_limits()) {
    limits.insert(static_cast<broker::Limit>(limit - 1));
  }
  return limits;
}

}  // namespace

broker::BrokerOptions BrokerOptionsOf(const settings::v1::NodeSettings& settings) {
  const settings::v1::ExchangeSettings& exchange = settings.exchange();
  return {.node = settings.node().system(),
          .contact = settings.node().contact(),
          .admission = {.in_flight_max = exchange.in_flight(),
                        .in_flight_per_consumer_max = exchange.in_flight_per_consumer(),
                        .memory_bytes_max = exchange.memory_bytes(),
                        .memory_bytes_per_consumer_max =
                            exchange.memory_bytes() / 100 * exchange.memory_per_consumer_percent()},
          .capacity = {.record_time_target = DurationOf(exchange.record_time_target())},
          .limits_in_shadow = LimitsInShadow(exchange)};
}

}  // namespace ndx::daemon

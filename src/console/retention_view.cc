#include "ndx/console/retention_view.h"

#include <map>
#include <string>

#include "ndx/console/exchange_view.h"

namespace ndx::console {
namespace {

google::protobuf::Duration SecondsOf(absl::Duration duration) {
  google::protobuf::Duration out;
  out.set_seconds(absl::ToInt64Seconds(duration));
  return out;
}

v1::MethodRetention MethodOf(const std::string& method, const journal::AppliedRetention& applied) {
  v1::MethodRetention out;
  out.set_method(method);
  out.set_keep_days(applied.keep_days);
  out.set_exception(applied.exception);
  return out;
}

}  // namespace

v1::RetentionStatus RetentionStatusOf(const journal::PayloadRetention& retention) {
  const journal::RetentionStatus status = retention.status();
  const journal::RetentionRules& rules = retention.rules();
  v1::RetentionStatus out;
  out.set_security_level(rules.security_level().value_or(0));
  out.set_ends(!rules.Retentions().empty());
  if (status.counted_by != absl::InfinitePast()) {
    *out.mutable_counted_by() = ToTimestamp(status.counted_by);
  }
  *out.mutable_clock_ahead() = SecondsOf(status.clock_ahead);
  out.set_clock_held(status.clock_held);
  if (status.lag > absl::ZeroDuration()) *out.mutable_lag() = SecondsOf(status.lag);
  out.set_kept_back(status.kept_back);
  if (status.oldest_kept != absl::InfiniteFuture()) {
    *out.mutable_oldest_kept() = ToTimestamp(status.oldest_kept);
  }
  out.set_exchanges_pruned(status.exchanges_pruned);
  out.set_bytes_pruned(status.bytes_pruned);
  out.set_segment_bytes_freed(status.segment_bytes_freed);
  out.set_trouble(std::string(status.trouble.message()));
  return out;
}

void AddMethods(const registry::RegistrySnapshot& registry, const journal::RetentionRules& rules,
                const journal::PruneForecast& forecast, v1::GetRetentionResponse& response) {
  std::map<std::string, v1::MethodRetention> methods;
  for (const auto& method : registry.methods()) {
    methods[method->path] = MethodOf(method->path, rules.For(method->path));
  }
  for (const journal::DuePayloads& due : forecast.due) {
    v1::MethodRetention& method =
        methods.try_emplace(due.method, MethodOf(due.method, rules.For(due.method))).first->second;
    method.set_due_exchanges(due.exchanges);
    method.set_due_bytes(due.bytes);
  }
  for (auto& [path, method] : methods) *response.add_methods() = std::move(method);
  *response.add_methods() = MethodOf("", rules.For(""));
}

v1::PruneRecord PruneRecordOf(const journal::PruneRecord& record) {
  v1::PruneRecord out;
  out.set_leaf_index(record.leaf_index);
  *out.mutable_time() = ToTimestamp(record.time);
  for (const journal::PruneRecord::Group& group : record.groups) {
    out.set_exchanges(out.exchanges() + group.exchanges);
    out.set_bytes(out.bytes() + group.bytes);
    out.add_keep_days(group.keep_days);
  }
  return out;
}

}  // namespace ndx::console

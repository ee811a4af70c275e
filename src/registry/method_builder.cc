// Methods of a registry: the part of SnapshotBuilder that completes the contract's rules.
//
// The contract (the options in the provider's descriptors) comes first. The registry completes what
// it leaves open and may make it stricter; a laxer setting is refused, because the provider never
// agreed to it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/limits.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

using options::v1::MethodRules;

// Of methods that may be sent again and have no `retry` of their own; the same as RetrySettings'
// defaults.
constexpr uint32_t kAttempts = 3;
constexpr absl::Duration kBackoff = absl::Milliseconds(50);
constexpr absl::Duration kBackoffMax = absl::Seconds(2);

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

std::unique_ptr<MethodEntry> SnapshotBuilder::BuildMethod(
    const google::protobuf::MethodDescriptor& descriptor, const v1::MethodSettings* settings,
    const std::string& path) {
  auto method = std::make_unique<MethodEntry>();
  method->path = absl::StrCat("/", descriptor.service()->full_name(), "/", descriptor.name());
  method->descriptor = &descriptor;
  method->input = descriptor.input_type();
  method->output = descriptor.output_type();
  method->client_streaming = descriptor.client_streaming();
  method->server_streaming = descriptor.server_streaming();
  if (method->path.size() > core::kMethodBytesMax) {
    Fault(path, method->name(), absl::StrCat("is over ", core::kMethodBytesMax, " bytes"));
  }
  auto checks = CheckPlan::Compile(*method->input);
  if (checks.ok()) {
    method->checks = *std::move(checks);
    if (settings != nullptr) SetChecks(*settings, path, *method);
  } else {
    Fault(path, method->name(), checks.status().message());
  }
  method->rules = descriptor.options().GetExtension(options::v1::method);
  if (settings != nullptr) CompleteRules(*settings, path, *method);

  MethodRules& rules = method->rules;
  if (rules.effect() == options::v1::EFFECT_UNSPECIFIED) {
    rules.set_effect(options::v1::EFFECT_CHANGE);
  }
  if (rules.replay() == options::v1::REPLAY_POLICY_UNSPECIFIED) {
    rules.set_replay(options::v1::REPLAY_POLICY_NEVER);
  }
  // Asking again does no harm: that is what a read is.
  if (rules.effect() == options::v1::EFFECT_READ) rules.set_idempotent(true);
  if (rules.message_bytes_max() == 0) {
    rules.set_message_bytes_max(static_cast<uint32_t>(core::kMessageBytesDefault));
  }
  if (rules.message_bytes_max() > core::kMessageBytesMax) {
    Fault(path, method->name(),
          absl::StrCat("allows messages of ", rules.message_bytes_max(), " bytes; at most ",
                       core::kMessageBytesMax, " are carried"));
  }
  SetDeadlines(settings, path, *method);
  SetRetry(settings, path, *method);
  return method;
}

void SnapshotBuilder::CompleteRules(const v1::MethodSettings& settings, const std::string& path,
                                    MethodEntry& method) {
  MethodRules& rules = method.rules;
  if (settings.effect() != options::v1::EFFECT_UNSPECIFIED) {
    if (rules.effect() == options::v1::EFFECT_CHANGE &&
        settings.effect() == options::v1::EFFECT_READ) {
      Fault(path + ".effect", "READ", "contradicts the contract, which says CHANGE");
    }
    rules.set_effect(settings.effect());
  }
  if (settings.has_idempotent()) {
    const bool stated_change =
        method.descriptor->options().GetExtension(options::v1::method).effect() ==
        options::v1::EFFECT_CHANGE;
    if (settings.idempotent() && stated_change && !rules.idempotent()) {
      Fault(path + ".idempotent", "true",
            "contradicts the contract, whose change is not idempotent: it might take effect twice");
    }
    rules.set_idempotent(settings.idempotent());
  }
  if (settings.has_write_ahead()) {
    if (rules.write_ahead() && !settings.write_ahead()) {
      Fault(path + ".write_ahead", "false", "contradicts the contract, which says true");
    }
    rules.set_write_ahead(settings.write_ahead());
  }
  if (settings.replay() != options::v1::REPLAY_POLICY_UNSPECIFIED) {
    if (settings.replay() < rules.replay()) {
      Fault(path + ".replay", options::v1::ReplayPolicy_Name(settings.replay()),
            absl::StrCat("is laxer than the contract, which says ",
                         options::v1::ReplayPolicy_Name(rules.replay())));
    }
    rules.set_replay(settings.replay());
  }
  if (settings.has_message_bytes_max()) rules.set_message_bytes_max(settings.message_bytes_max());
}

// In their order: a field may be taken out of what was said of all.
void SnapshotBuilder::SetChecks(const v1::MethodSettings& settings, const std::string& path,
                                MethodEntry& method) {
  for (int i = 0; i < settings.checks_size(); ++i) {
    const v1::CheckSetting& check = settings.checks(i);
    const absl::Status set =
        method.checks.SetWarn(check.field(), check.severity() == v1::CHECK_SEVERITY_WARN);
    if (!set.ok())
      Fault(absl::StrCat(path, ".checks[", i, "].field"), check.field(), set.message());
  }
}

void SnapshotBuilder::SetDeadlines(const v1::MethodSettings* settings, const std::string& path,
                                   MethodEntry& method) {
  const bool own_default = settings != nullptr && settings->has_default_deadline();
  method.deadline_max = settings != nullptr && settings->has_deadline_max()
                            ? FromProto(settings->deadline_max())
                            : source_.deadline_max;
  method.default_deadline = source_.default_deadline;
  if (method.rules.has_default_deadline()) {
    method.default_deadline = FromProto(method.rules.default_deadline());
    if (method.default_deadline <= absl::ZeroDuration()) {
      Fault(path, method.name(), "has a default deadline that is not positive");
    }
  }
  if (own_default) method.default_deadline = FromProto(settings->default_deadline());
  if (own_default && method.default_deadline > method.deadline_max) {
    Fault(
        path + ".default_deadline", absl::FormatDuration(method.default_deadline),
        absl::StrCat("is over the longest deadline, ", absl::FormatDuration(method.deadline_max)));
  }
  method.default_deadline = std::min(method.default_deadline, method.deadline_max);
}

void SnapshotBuilder::SetRetry(const v1::MethodSettings* settings, const std::string& path,
                               MethodEntry& method) {
  const bool own = settings != nullptr && settings->has_retry();
  if (!method.rules.idempotent()) {
    if (own && settings->retry().attempts() > 1) {
      Fault(path + ".retry", "", "is for idempotent methods only");
    }
    return;
  }
  method.retry = {.attempts = kAttempts, .backoff = kBackoff, .backoff_max = kBackoffMax};
  if (!own) return;
  method.retry = {.attempts = settings->retry().attempts(),
                  .backoff = FromProto(settings->retry().backoff()),
                  .backoff_max = FromProto(settings->retry().backoff_max())};
  if (method.retry.backoff_max < method.retry.backoff) {
    Fault(path + ".retry.backoff_max", absl::FormatDuration(method.retry.backoff_max),
          "is shorter than backoff");
  }
}

}  // namespace ndx::registry

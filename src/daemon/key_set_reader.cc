#include "ndx/daemon/key_set_reader.h"

#include <pthread.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::daemon {

KeySetReader::~KeySetReader() {
  {
    const core::MutexLock lock(mutex_);
    ending_ = true;
  }
  changed_.NotifyAll();
  if (options_.stop) options_.stop();
  if (thread_.joinable()) thread_.join();
}

absl::Status KeySetReader::ReadNow() {
  NDX_ASSIGN_OR_RETURN(const std::string text, options_.read());
  NDX_ASSIGN_OR_RETURN(auto keys, security::JsonWebKeySet::Parse(text));
  size_ = keys.size();
  tokens_.SetKeys(std::make_shared<const security::JsonWebKeySet>(std::move(keys)));
  read_nanos_ = clock_.MonotonicNanos();
  trouble_.clear();
  return absl::OkStatus();
}

void KeySetReader::ReadOrKeep() {
  const absl::Status status = ReadNow();
  if (status.ok()) return;
  const std::string trouble(status.message());
  if (trouble != trouble_ && !absl::IsCancelled(status)) {
    log_.Write(telemetry::LogEvent::kConfigurationRefused,
               {{"path", "operator_api.oidc"}, {"error", status}});
  }
  trouble_ = trouble;
  const absl::Duration age = absl::Nanoseconds(clock_.MonotonicNanos() - read_nanos_);
  if (size_ == 0 || age < options_.age_max) return;
  size_ = 0;
  tokens_.SetKeys(nullptr);
}

void KeySetReader::Start() {
  thread_ = std::thread([this] { Run(); });
}

void KeySetReader::Run() {
  (void)pthread_setname_np(pthread_self(), "ndx-keys");
  bool due = size_ == 0;
  while (true) {
    if (due) ReadOrKeep();
    const core::MutexLock lock(mutex_);
    if (!ending_) changed_.WaitFor(mutex_, options_.interval);
    if (ending_) return;
    due = true;
  }
}

}  // namespace ndx::daemon

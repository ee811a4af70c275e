// The one switch that stops whatever the node sends of itself (dừng gửi lại và chuyển phát):
// retries, deliveries of kept requests, replays. What callers ask for right now goes on. For all,
// for a service, or for a provider.
//
// The orders stand in a file: the YAML of proto/ndx/settings/v1/stop_orders.proto under a first
// line that says so, replaced whole. One that is there and cannot be read is an error: a node that
// forgot what it was told to stop would send it.
//
// Thread-safety: thread-safe. Stopped() is for every attempt: one look at an atomic while nothing
// is stopped, else one short lock; it never waits for the disk. Stop() and Resume() block on the
// disk, one at a time. Effect: at once for whatever asks before it sends. Ownership: listeners are
// called on the thread of the order and must outlive the switch or be taken off by it.
// Errors: those of the disk, naming the file; Open() kInvalidArgument for a file that is no such
// list; Stop() kAlreadyExists, Resume() kNotFound, kResourceExhausted past kStopOrdersMax.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"

namespace ndx::dispatch {

// Orders in force at one time.
inline constexpr size_t kStopOrdersMax = 1'000;

// What an order is about: everything, or what goes to a service or to a provider.
struct StopScope {
  std::string service;   // package.Service
  std::string provider;  // VN:GOV:<member>:<system>

  bool everything() const { return service.empty() && provider.empty(); }
  friend bool operator==(const StopScope& a, const StopScope& b) {
    return a.service == b.service && a.provider == b.provider;
  }
};

struct StopOrder {
  StopScope scope;
  absl::Time since;
  std::string operator_name;
  std::string reason;
  uint64_t leaf_index = 0;
};

class StopSwitch {
 public:
  // Reads the orders; there are none where there is no file. The file's directory must exist.
  static absl::StatusOr<std::unique_ptr<StopSwitch>> Open(std::string path);
  StopSwitch(const StopSwitch&) = delete;
  StopSwitch& operator=(const StopSwitch&) = delete;

  // May the node send nothing of its own to this provider of this service?
  bool Stopped(absl::string_view service, absl::string_view provider) const;
  // The same for the service of a method, /package.Service/Method.
  bool StoppedMethod(absl::string_view method, absl::string_view provider) const;

  // All, the earliest first.
  std::vector<StopOrder> Orders() const;

  // In the file when OK, and in force.
  absl::Status Stop(StopOrder order);
  absl::Status Resume(const StopScope& scope);

  // Called after every change, on the thread that made it. Before anybody orders anything.
  void AddListener(std::function<void()> listener);

 private:
  explicit StopSwitch(std::string path) : path_(std::move(path)) {}

  absl::Status Keep(std::vector<StopOrder> orders) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void Put(std::vector<StopOrder> orders);

  const std::string path_;
  core::Mutex writing_;  // held over the disk; nobody who sends takes it
  mutable core::Mutex mutex_;
  std::vector<StopOrder> orders_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> listeners_ ABSL_GUARDED_BY(writing_);
  std::atomic<bool> any_{false};
};

}  // namespace ndx::dispatch

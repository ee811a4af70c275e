// A node that does what the test says.
//
// Thread-safety: thread-safe; set members before the call under test.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "ndx/console/node_control.h"

namespace ndx::tests {

class FakeNodeControl final : public console::NodeControl {
 public:
  std::function<absl::StatusOr<console::v1::ReplayExchangeResponse>(
      const console::ExchangeReference&, bool dry_run, const console::OperatorAct&)>
      replay;
  std::function<absl::StatusOr<console::v1::Resolution>(const console::ExchangeReference&,
                                                        const console::OperatorAct&)>
      resolve;
  // Where set, instead of resolve: keeps the callback.
  std::function<void(ResolveCallback)> resolve_later;
  std::function<absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>>(
      const console::OperatorAct&)>
      reload;
  // What was put in force last.
  std::shared_ptr<const registry::RegistrySnapshot> put;
  console::v1::GetStatusResponse status;
  std::atomic<bool> serving{true};

  void ReplayExchange(console::ExchangeReference exchange, bool dry_run, console::OperatorAct act,
                      ReplayCallback done) override {
    done(replay(exchange, dry_run, act));
  }
  void ResolveExchange(console::ExchangeReference exchange, console::OperatorAct act,
                       ResolveCallback done) override {
    if (resolve_later) return resolve_later(std::move(done));
    done(resolve(exchange, act));
  }
  absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> ReloadRegistry(
      console::OperatorAct act) override {
    return reload(act);
  }
  void PutRegistry(std::shared_ptr<const registry::RegistrySnapshot> snapshot) override {
    put = std::move(snapshot);
  }
  console::v1::GetStatusResponse Status() const override { return status; }
  bool Serving(absl::string_view service) const override {
    return serving && service != "probe.v1.CatalogueService";
  }
};

}  // namespace ndx::tests

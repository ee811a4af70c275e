// What the operator API may do with the node: the wiring of console::NodeControl.
//
// Thread-safety: as NodeControl. Ownership: belongs to the node, whose parts it uses.
#pragma once

#include "ndx/console/node_control.h"
#include "ndx/daemon/node.h"
#include "ndx/replay/replayer.h"
#include "ndx/replay/resolver.h"

namespace ndx::daemon {

// Stands for an operator's name where a signal asked.
inline constexpr char kSignalled[] = "SIGHUP";

class ConsoleControl final : public console::NodeControl {
 public:
  explicit ConsoleControl(Node& node);

  void ReplayExchange(console::ExchangeReference exchange, bool dry_run, console::OperatorAct act,
                      ReplayCallback done) override;
  void ResolveExchange(console::ExchangeReference exchange, console::OperatorAct act,
                       ResolveCallback done) override;
  absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> ReloadRegistry(
      console::OperatorAct act) override;
  void PutRegistry(std::shared_ptr<const registry::RegistrySnapshot> snapshot) override;
  console::v1::GetStatusResponse Status() const override;
  bool Serving(absl::string_view service) const override;

  // Reads registry and revocation lists anew; a change is a leaf with this operator's name.
  absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> Reload(
      const std::string& operator_name, const std::string& action, const std::string& reason);

 private:
  Node& node_;
  replay::Replayer replayer_;
  replay::Resolver resolver_;
};

}  // namespace ndx::daemon

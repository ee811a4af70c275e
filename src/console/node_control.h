// What the operator API asks of the rest of the node. The daemon implements it by wiring broker,
// replay, dispatch and registry together; tests with a fake.
//
// Thread-safety: implementations are thread-safe; the console calls from its worker threads and its
// event loop. Ownership: outlives the console.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/core/exchange_id.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

// Who asks, what for and why, as it stands in leaves (operator_name, operator_action,
// operator_reason).
struct OperatorAct {
  std::string operator_name;
  std::string action;  // name of the operator API's method
  std::string reason;
  // Leaf that already records the request, which the leaf of its outcome continues.
  std::optional<uint64_t> leaf_index;
};

// One exchange of the journal: several consumers may have used the same id.
struct ExchangeReference {
  std::string consumer;
  core::ExchangeId exchange_id;
};

class NodeControl {
 public:
  virtual ~NodeControl() = default;

  // Executes an exchange of the journal again, authorised anew, or with dry_run says what would be
  // sent. The console has checked the operator's role and written the REPLAY_REQUESTED leaf (for a
  // dry run OPERATOR_READ) named in act.leaf_index; the implementation writes what follows and the
  // new exchange's own leaves. done is called once, from any thread, possibly within the call.
  // Errors: RefusalStatus() of REPLAY_NOT_ALLOWED, PAYLOAD_NOT_KEPT, or of any exchange's reason.
  // An exchange that was sent and failed is not an error: its status is in the response.
  using ReplayCallback = absl::AnyInvocable<void(absl::StatusOr<v1::ReplayExchangeResponse>)>;
  virtual void ReplayExchange(ExchangeReference exchange, bool dry_run, OperatorAct act,
                              ReplayCallback done) = 0;

  // Asks the provider of an exchange in doubt what became of it (AdapterService.GetExchangeStatus)
  // and, when it has become known, writes the RESOLVED leaf with the operator's name before done is
  // called. The console has checked the role and that the exchange is in doubt.
  using ResolveCallback = absl::AnyInvocable<void(absl::StatusOr<v1::Resolution>)>;
  virtual void ResolveExchange(ExchangeReference exchange, OperatorAct act,
                               ResolveCallback done) = 0;

  // Reads the registry's files and puts them in force, with a REGISTRY_CHANGED leaf that names the
  // operator when the version changed. May block. On error the old registry stays in force.
  virtual absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> ReloadRegistry(
      OperatorAct act) = 0;

  // Puts a registry in force that the node keeps itself, whose change has been recorded and kept.
  virtual void PutRegistry(std::shared_ptr<const registry::RegistrySnapshot> snapshot) = 0;

  // The state of the node: system, version, started, in_flight, in_flight_max, providers,
  // conditions, addresses and certificate_not_after. The console fills in the rest. Must not block.
  virtual v1::GetStatusResponse Status() const = 0;

  // Whether exchanges are taken: for the node as a whole when service is empty, else for a
  // registered service, of which at least one provider then counts as up. Must not block.
  virtual bool Serving(absl::string_view service) const = 0;
};

}  // namespace ndx::console

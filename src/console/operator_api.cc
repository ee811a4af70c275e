#include "ndx/console/operator_api.h"

#include <algorithm>
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "ndx/console/operator_call.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_rights.h"

namespace ndx::console {
namespace {

constexpr char kHealth[] = "grpc.health.v1.Health";

}  // namespace

OperatorApi::OperatorApi(const OperatorNode& node, OperatorDirectory directory,
                         transport::EventLoop& timers, std::shared_ptr<WorkerPool> workers)
    : node_(node),
      directory_(std::move(directory)),
      workers_(std::move(workers)),
      health_([this](absl::string_view service) { return HealthOf(service); }),
      service_names_(ReflectionService::ServiceNames()) {
  OperatorMethods& methods = AddService("ndx.console.v1.OperatorService");
  AddJournalMethods(node_, verification_, methods);
  AddAnchorMethod(node_, methods);
  AddTailMethod(node_, timers, *workers_, methods);
  AddExchangeMethods(node_, workers_, methods);
  AddRegistryMethods(node_, methods);
  AddStatusMethod(node_, verification_, doubts_, methods);
  AddExportMethods(node_, exports_, AddService("ndx.console.v1.JournalExportService"));
  AddKeyMethods(node_, AddService("ndx.console.v1.JournalKeyService"));
  AddBackupMethod(node_, AddService("ndx.console.v1.JournalBackupService"));
  AddKeeperMethods(node_, AddService("ndx.console.v1.PayloadKeeperService"));
  AddSubjectReportMethod(node_, exports_, AddService("ndx.console.v1.SubjectReportService"));
  AddAccessMethods(node_, AddService("ndx.console.v1.AccessService"));
  AddAccessRequestMethods(node_, AddService("ndx.console.v1.AccessRequestService"));
  AddRegistryChangeMethods(node_, AddService("ndx.console.v1.RegistryChangeService"));
  AddCertificateMethods(node_, AddService("ndx.console.v1.CertificateService"));
  AddMailboxMethods(node_, AddService("ndx.console.v1.MailboxService"));
  AddPeerMethods(node_, AddService("ndx.console.v1.PeerService"));
  AddRetentionMethods(node_, AddService("ndx.console.v1.JournalRetentionService"));
  AddReplayTaskMethods(node_, AddService("ndx.console.v1.ReplayTaskService"));
  // Links health.proto in, so that reflection can describe it.
  (void)grpc::health::v1::HealthCheckRequest::descriptor();
  service_names_.emplace_back(kHealth);
  reflection_.emplace([this] { return node_.registry.Current(); }, service_names_);
}

OperatorMethods& OperatorApi::AddService(std::string name) {
  service_names_.push_back(name);
  return services_.emplace_back(std::move(name));
}

const OperatorMethod* OperatorApi::Find(const std::string& path) const {
  for (const OperatorMethods& service : services_) {
    if (const OperatorMethod* const method = service.Find(path)) return method;
  }
  return nullptr;
}

std::unique_ptr<transport::ServerCallObserver> OperatorApi::OnCall(transport::ServerCall& call) {
  const std::string& path = call.head().path;
  if (HealthService::Owns(path)) return health_.OnCall(call);
  OperatorIdentity who;
  if (ReflectionService::Owns(path)) {
    const absl::Status admitted =
        Admit(*call.peer(), settings::v1::OPERATOR_ROLE_VIEWER, "reflection", who);
    return admitted.ok() ? reflection_->OnCall(call) : Refuse(call, admitted);
  }
  const OperatorMethod* const method = Find(path);
  if (method == nullptr) {
    return Refuse(call, absl::UnimplementedError("the operator API has no such method"));
  }
  const absl::Status admitted = Admit(*call.peer(), method->role, method->name, who);
  if (!admitted.ok()) return Refuse(call, admitted);
  return std::make_unique<OperatorCall>(call, std::move(who), *method, *workers_);
}

absl::Status OperatorApi::Admit(const transport::PeerIdentity& peer, OperatorRole role,
                                absl::string_view method, OperatorIdentity& who) const {
  const auto found = directory_.Find(peer);
  absl::Status status =
      found.has_value() ? RequireRole(*found, role, method) : UnknownOperator(peer);
  if (!status.ok()) {
    node_.log.Write(telemetry::LogEvent::kOperatorRefused,
                    {{"uid", peer.unix_peer.uid}, {"action", method}, {"role", RoleName(role)}});
    return status;
  }
  who = *found;
  return absl::OkStatus();
}

std::optional<bool> OperatorApi::HealthOf(absl::string_view service) const {
  const bool of_node = service.empty() || std::find(service_names_.begin(), service_names_.end(),
                                                    service) != service_names_.end();
  if (of_node) return node_.control.Serving("");
  if (node_.registry.Current()->FindService(service) == nullptr) return std::nullopt;
  return node_.control.Serving(service);
}

std::unique_ptr<transport::ServerCallObserver> OperatorApi::Refuse(
    transport::ServerCall& call, const absl::Status& status) const {
  return std::make_unique<RefusedCall>(call, status);
}

}  // namespace ndx::console

#include "ndx/console/operator_api.h"

#include <algorithm>
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "ndx/console/operator_call.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_rights.h"

namespace ndx::console {
namespace {

constexpr char kService[] = "ndx.console.v1.OperatorService";
constexpr char kExportService[] = "ndx.console.v1.JournalExportService";
constexpr char kKeyService[] = "ndx.console.v1.JournalKeyService";
constexpr char kBackupService[] = "ndx.console.v1.JournalBackupService";
constexpr char kKeeperService[] = "ndx.console.v1.PayloadKeeperService";
constexpr char kReportService[] = "ndx.console.v1.SubjectReportService";
constexpr char kRetentionService[] = "ndx.console.v1.JournalRetentionService";
constexpr char kHealth[] = "grpc.health.v1.Health";

std::vector<std::string> OwnServices() {
  // Links health.proto in, so that reflection can describe it.
  (void)grpc::health::v1::HealthCheckRequest::descriptor();
  std::vector<std::string> names = ReflectionService::ServiceNames();
  names.emplace_back(kService);
  names.emplace_back(kExportService);
  names.emplace_back(kKeyService);
  names.emplace_back(kBackupService);
  names.emplace_back(kKeeperService);
  names.emplace_back(kReportService);
  names.emplace_back(kRetentionService);
  names.emplace_back(kHealth);
  return names;
}

}  // namespace

OperatorApi::OperatorApi(const OperatorNode& node, OperatorDirectory directory,
                         transport::EventLoop& timers, std::shared_ptr<WorkerPool> workers)
    : node_(node),
      directory_(std::move(directory)),
      workers_(std::move(workers)),
      methods_(kService),
      export_methods_(kExportService),
      key_methods_(kKeyService),
      backup_methods_(kBackupService),
      keeper_methods_(kKeeperService),
      report_methods_(kReportService),
      retention_methods_(kRetentionService),
      health_([this](absl::string_view service) { return HealthOf(service); }),
      reflection_([this] { return node_.registry.Current(); }, OwnServices()) {
  AddJournalMethods(node_, verification_, methods_);
  AddAnchorMethod(node_, methods_);
  AddTailMethod(node_, timers, *workers_, methods_);
  AddExchangeMethods(node_, workers_, methods_);
  AddRegistryMethods(node_, methods_);
  AddStatusMethod(node_, verification_, doubts_, methods_);
  AddExportMethods(node_, exports_, export_methods_);
  AddKeyMethods(node_, key_methods_);
  AddBackupMethod(node_, backup_methods_);
  AddKeeperMethods(node_, keeper_methods_);
  AddSubjectReportMethod(node_, exports_, report_methods_);
  AddRetentionMethods(node_, retention_methods_);
}

std::unique_ptr<transport::ServerCallObserver> OperatorApi::OnCall(transport::ServerCall& call) {
  const std::string& path = call.head().path;
  if (HealthService::Owns(path)) return health_.OnCall(call);
  OperatorIdentity who;
  if (ReflectionService::Owns(path)) {
    const absl::Status admitted =
        Admit(*call.peer(), settings::v1::OPERATOR_ROLE_VIEWER, "reflection", who);
    return admitted.ok() ? reflection_.OnCall(call) : Refuse(call, admitted);
  }
  const OperatorMethod* method = methods_.Find(path);
  if (method == nullptr) method = export_methods_.Find(path);
  if (method == nullptr) method = key_methods_.Find(path);
  if (method == nullptr) method = backup_methods_.Find(path);
  if (method == nullptr) method = keeper_methods_.Find(path);
  if (method == nullptr) method = report_methods_.Find(path);
  if (method == nullptr) method = retention_methods_.Find(path);
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
  const std::vector<std::string> own = OwnServices();
  const bool of_node = service.empty() || std::find(own.begin(), own.end(), service) != own.end();
  if (of_node) return node_.control.Serving("");
  if (node_.registry.Current()->FindService(service) == nullptr) return std::nullopt;
  return node_.control.Serving(service);
}

std::unique_ptr<transport::ServerCallObserver> OperatorApi::Refuse(
    transport::ServerCall& call, const absl::Status& status) const {
  return std::make_unique<RefusedCall>(call, status);
}

}  // namespace ndx::console

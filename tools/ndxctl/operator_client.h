// The operator API of a node as ndxctl calls it: generated stubs over the UNIX socket.
//
// Thread-safety: as grpc stubs, thread-safe. Errors: grpc::Status as it came; UNAVAILABLE when the
// socket is not there or does not answer.
#pragma once

#include <memory>
#include <string>
#include <tuple>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "grpcpp/support/sync_stream.h"
#include "ndx/console/v1/access_request_service.grpc.pb.h"
#include "ndx/console/v1/access_service.grpc.pb.h"
#include "ndx/console/v1/certificate_service.grpc.pb.h"
#include "ndx/console/v1/journal_backup_service.grpc.pb.h"
#include "ndx/console/v1/journal_export_service.grpc.pb.h"
#include "ndx/console/v1/journal_key_service.grpc.pb.h"
#include "ndx/console/v1/journal_retention_service.grpc.pb.h"
#include "ndx/console/v1/mailbox_service.grpc.pb.h"
#include "ndx/console/v1/operator_service.grpc.pb.h"
#include "ndx/console/v1/payload_keeper_service.grpc.pb.h"
#include "ndx/console/v1/peer_service.grpc.pb.h"
#include "ndx/console/v1/registry_change_service.grpc.pb.h"
#include "ndx/console/v1/replay_task_service.grpc.pb.h"
#include "ndx/console/v1/subject_report_service.grpc.pb.h"
#include "ndx/core/clock.h"

namespace ndx::tools::ndxctl {

namespace api = ndx::console::v1;

class OperatorClient {
 public:
  // timeout: of unary calls. Streams run until they end.
  OperatorClient(const std::string& socket, absl::Duration timeout, const core::Clock& clock);

  // OperatorClient client(…);
  // grpc::Status status = client.Call(&Stub::GetStatus, request, response);
  using Stub = api::OperatorService::Stub;
  using AccessRequestStub = api::AccessRequestService::Stub;
  using AccessStub = api::AccessService::Stub;
  using CertificateStub = api::CertificateService::Stub;
  using KeeperStub = api::PayloadKeeperService::Stub;
  using KeyStub = api::JournalKeyService::Stub;
  using MailboxStub = api::MailboxService::Stub;
  using PeerStub = api::PeerService::Stub;
  using RegistryStub = api::RegistryChangeService::Stub;
  using ReplayStub = api::ReplayTaskService::Stub;
  using RetentionStub = api::JournalRetentionService::Stub;
  template <typename Service, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Service::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    SetDeadline(context);
    return (std::get<std::unique_ptr<Service>>(stubs_).get()->*method)(&context, request,
                                                                       &response);
  }

  Stub& stub() { return *std::get<std::unique_ptr<Stub>>(stubs_); }
  api::JournalExportService::Stub& export_stub() {
    return *std::get<std::unique_ptr<api::JournalExportService::Stub>>(stubs_);
  }
  api::JournalBackupService::Stub& backup_stub() {
    return *std::get<std::unique_ptr<api::JournalBackupService::Stub>>(stubs_);
  }
  api::SubjectReportService::Stub& report_stub() {
    return *std::get<std::unique_ptr<api::SubjectReportService::Stub>>(stubs_);
  }

  // Where the node takes exchanges: its first address, this machine's own where it listens on every
  // interface; the usual port of this machine where it cannot be asked.
  std::string ExchangeAddress();

 private:
  void SetDeadline(grpc::ClientContext& context) const;

  const absl::Duration timeout_;
  const core::Clock& clock_;
  // One for each service of the operator API.
  std::tuple<std::unique_ptr<AccessRequestStub>, std::unique_ptr<AccessStub>,
             std::unique_ptr<CertificateStub>, std::unique_ptr<Stub>,
             std::unique_ptr<api::JournalBackupService::Stub>,
             std::unique_ptr<api::JournalExportService::Stub>, std::unique_ptr<KeyStub>,
             std::unique_ptr<RetentionStub>, std::unique_ptr<KeeperStub>,
             std::unique_ptr<RegistryStub>, std::unique_ptr<ReplayStub>,
             std::unique_ptr<api::SubjectReportService::Stub>, std::unique_ptr<MailboxStub>,
             std::unique_ptr<PeerStub>>
      stubs_;
};

}  // namespace ndx::tools::ndxctl

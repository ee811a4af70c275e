// The operator API of a node as ndxctl calls it: generated stubs over the UNIX socket.
//
// Thread-safety: as grpc stubs, thread-safe. Errors: grpc::Status as it came; UNAVAILABLE when the
// socket is not there or does not answer.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"
#include "grpcpp/support/sync_stream.h"
#include "ndx/console/v1/journal_export_service.grpc.pb.h"
#include "ndx/console/v1/journal_key_service.grpc.pb.h"
#include "ndx/console/v1/operator_service.grpc.pb.h"
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
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    SetDeadline(context);
    return (stub_.get()->*method)(&context, request, &response);
  }

  using KeyStub = api::JournalKeyService::Stub;
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (KeyStub::*method)(grpc::ClientContext*, const Request&,
                                                    Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    SetDeadline(context);
    return (key_stub_.get()->*method)(&context, request, &response);
  }

  Stub& stub() { return *stub_; }
  api::JournalExportService::Stub& export_stub() { return *export_stub_; }

 private:
  void SetDeadline(grpc::ClientContext& context) const;

  const absl::Duration timeout_;
  const core::Clock& clock_;
  std::unique_ptr<Stub> stub_;
  std::unique_ptr<api::JournalExportService::Stub> export_stub_;
  std::unique_ptr<KeyStub> key_stub_;
};

}  // namespace ndx::tools::ndxctl

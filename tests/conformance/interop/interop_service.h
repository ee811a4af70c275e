// grpc.testing.TestService as the public interop test descriptions ask of a server, as far as unary
// calls and server streams go; methods with a client stream stay unimplemented, since the bus does
// not carry them.
//
// Beyond those descriptions: request metadata x-test-details-bin comes back as the details of the
// error that response_status asks for, and every call is in the ledger.
//
// Thread-safety: thread-safe. The ledger must outlive the service.
#pragma once

#include <grpcpp/grpcpp.h>

#include "absl/synchronization/notification.h"
#include "call_ledger.h"
#include "grpc/testing/test.grpc.pb.h"

namespace ndx::tests {

class InteropService final : public grpc::testing::TestService::Service {
 public:
  explicit InteropService(CallLedger& ledger) : ledger_(ledger) {}

  // Ends pauses between the messages of running streams.
  void Stop() { stopped_.Notify(); }

  grpc::Status EmptyCall(grpc::ServerContext* context, const grpc::testing::Empty* request,
                         grpc::testing::Empty* response) override;
  grpc::Status UnaryCall(grpc::ServerContext* context, const grpc::testing::SimpleRequest* request,
                         grpc::testing::SimpleResponse* response) override;
  grpc::Status CacheableUnaryCall(grpc::ServerContext* context,
                                  const grpc::testing::SimpleRequest* request,
                                  grpc::testing::SimpleResponse* response) override;
  grpc::Status StreamingOutputCall(
      grpc::ServerContext* context, const grpc::testing::StreamingOutputCallRequest* request,
      grpc::ServerWriter<grpc::testing::StreamingOutputCallResponse>* writer) override;

 private:
  grpc::Status Stream(const grpc::ServerContext& context,
                      const grpc::testing::StreamingOutputCallRequest& request,
                      grpc::ServerWriter<grpc::testing::StreamingOutputCallResponse>& writer);

  CallLedger& ledger_;
  absl::Notification stopped_;
};

}  // namespace ndx::tests

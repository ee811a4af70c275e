#include "interop_service.h"

#include <string>

#include "absl/time/time.h"

namespace ndx::tests {
namespace {

using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;

constexpr char kEchoInitial[] = "x-grpc-test-echo-initial";
constexpr char kEchoTrailing[] = "x-grpc-test-echo-trailing-bin";
constexpr char kEchoDetails[] = "x-test-details-bin";
// How often a pause between two messages looks whether the call is still wanted.
constexpr absl::Duration kPauseStep = absl::Milliseconds(20);
constexpr int kPayloadBytesMax = 256 << 20;

std::string MetadataValue(const grpc::ServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

void EchoMetadata(grpc::ServerContext& context) {
  const std::string initial = MetadataValue(context, kEchoInitial);
  if (!initial.empty()) context.AddInitialMetadata(kEchoInitial, initial);
  const std::string trailing = MetadataValue(context, kEchoTrailing);
  if (!trailing.empty()) context.AddTrailingMetadata(kEchoTrailing, trailing);
}

grpc::Status EchoedStatus(const grpc::ServerContext& context,
                          const grpc::testing::EchoStatus& echo) {
  return grpc::Status(static_cast<grpc::StatusCode>(echo.code()), echo.message(),
                      MetadataValue(context, kEchoDetails));
}

grpc::Status FillPayload(int size, grpc::testing::Payload& payload) {
  if (size < 0 || size > kPayloadBytesMax) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "response size out of range");
  }
  payload.set_body(std::string(static_cast<size_t>(size), '\0'));
  return grpc::Status::OK;
}

}  // namespace

grpc::Status InteropService::EmptyCall(grpc::ServerContext* context,
                                       const grpc::testing::Empty* /*request*/,
                                       grpc::testing::Empty* /*response*/) {
  constexpr char kMethod[] = "/grpc.testing.TestService/EmptyCall";
  ledger_.Begin(kMethod, *context);
  EchoMetadata(*context);
  ledger_.End(kMethod, *context, grpc::Status::OK);
  return grpc::Status::OK;
}

grpc::Status InteropService::UnaryCall(grpc::ServerContext* context, const SimpleRequest* request,
                                       SimpleResponse* response) {
  constexpr char kMethod[] = "/grpc.testing.TestService/UnaryCall";
  ledger_.Begin(kMethod, *context);
  EchoMetadata(*context);
  const grpc::Status status =
      request->has_response_status()
          ? EchoedStatus(*context, request->response_status())
          : FillPayload(request->response_size(), *response->mutable_payload());
  ledger_.End(kMethod, *context, status);
  return status;
}

grpc::Status InteropService::CacheableUnaryCall(grpc::ServerContext* context,
                                                const SimpleRequest* request,
                                                SimpleResponse* response) {
  context->AddInitialMetadata("cache-control", "max-age=60, public");
  return UnaryCall(context, request, response);
}

grpc::Status InteropService::StreamingOutputCall(
    grpc::ServerContext* context, const StreamingOutputCallRequest* request,
    grpc::ServerWriter<StreamingOutputCallResponse>* writer) {
  constexpr char kMethod[] = "/grpc.testing.TestService/StreamingOutputCall";
  ledger_.Begin(kMethod, *context);
  EchoMetadata(*context);
  const grpc::Status status = Stream(*context, *request, *writer);
  ledger_.End(kMethod, *context, status);
  return status;
}

grpc::Status InteropService::Stream(const grpc::ServerContext& context,
                                    const StreamingOutputCallRequest& request,
                                    grpc::ServerWriter<StreamingOutputCallResponse>& writer) {
  for (const auto& parameters : request.response_parameters()) {
    absl::Duration pause = absl::Microseconds(parameters.interval_us());
    while (pause > absl::ZeroDuration() && !context.IsCancelled()) {
      const absl::Duration step = std::min(pause, kPauseStep);
      if (stopped_.WaitForNotificationWithTimeout(step)) break;
      pause -= step;
    }
    StreamingOutputCallResponse response;
    const grpc::Status filled = FillPayload(parameters.size(), *response.mutable_payload());
    if (!filled.ok()) return filled;
    if (context.IsCancelled() || !writer.Write(response)) {
      return grpc::Status(grpc::StatusCode::CANCELLED, "the caller is gone");
    }
  }
  return request.has_response_status() ? EchoedStatus(context, request.response_status())
                                       : grpc::Status::OK;
}

}  // namespace ndx::tests

#include "ndx/console/health_service.h"

#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "ndx/transport/grpc_status.h"

namespace ndx::console {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using transport::CancelCause;
using transport::GrpcStatus;

// A request is the name of a service; what a message can become in memory is many times its bytes.
constexpr size_t kRequestBytesMax = 4096;

constexpr absl::string_view kCheck = "/grpc.health.v1.Health/Check";
constexpr absl::string_view kWatch = "/grpc.health.v1.Health/Watch";

HealthCheckResponse::ServingStatus StatusOf(std::optional<bool> serving) {
  if (!serving.has_value()) return HealthCheckResponse::SERVICE_UNKNOWN;
  return *serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void SendStatus(HealthCheckResponse::ServingStatus status, transport::ServerCall& call) {
  HealthCheckResponse response;
  response.set_status(status);
  call.SendMessage(transport::MakeMessage(response.SerializeAsString()));
}

GrpcStatus Malformed() {
  return transport::MakeGrpcStatus(absl::StatusCode::kInvalidArgument,
                                   "the request is no grpc.health.v1.HealthCheckRequest");
}

class CheckCall final : public transport::ServerCallObserver {
 public:
  CheckCall(transport::ServerCall& call, const HealthService::State& state)
      : call_(call), state_(state) {
    call.SetMessageBytesMax(kRequestBytesMax);
    call.ExpectOneMessage();
  }

  void OnMessage(transport::Message message) override { request_ = std::move(message); }

  void OnRequestEnd() override {
    HealthCheckRequest request;
    if (!request.ParseFromString(*request_)) return call_.Finish(Malformed());
    const std::optional<bool> serving = state_(request.service());
    if (!serving.has_value()) {
      return call_.Finish(transport::MakeGrpcStatus(absl::StatusCode::kNotFound,
                                                    "no service of that name is registered"));
    }
    SendStatus(StatusOf(serving), call_);
    call_.Finish({});
  }

  void OnRequestMalformed(absl::Status status) override {
    call_.Finish(transport::ToGrpcStatus(status));
  }
  void OnCancelled(CancelCause) override { call_.Finish({}); }

 private:
  transport::ServerCall& call_;
  const HealthService::State& state_;
  transport::Message request_;
};

class WatchCall final : public transport::ServerCallObserver {
 public:
  WatchCall(transport::ServerCall& call, const HealthService::State& state)
      : call_(call), state_(state) {
    call.SetMessageBytesMax(kRequestBytesMax);
    call.ExpectOneMessage();
  }
  ~WatchCall() override { call_.loop().Cancel(timer_); }

  void OnMessage(transport::Message message) override { request_ = std::move(message); }

  void OnRequestEnd() override {
    HealthCheckRequest request;
    if (!request.ParseFromString(*request_)) return call_.Finish(Malformed());
    service_ = request.service();
    Look();
  }

  void OnRequestMalformed(absl::Status status) override {
    call_.Finish(transport::ToGrpcStatus(status));
  }

  void OnCancelled(CancelCause) override {
    call_.loop().Cancel(timer_);
    call_.Finish({});
  }

 private:
  // Sends only what changed, so a caller who never reads costs one message a change.
  void Look() {
    const auto status = StatusOf(state_(service_));
    if (status != last_ && call_.pending_send_bytes() == 0) {
      last_ = status;
      SendStatus(status, call_);
    }
    timer_ = call_.loop().RunAfter(kHealthInterval, [this] { Look(); });
  }

  transport::ServerCall& call_;
  const HealthService::State& state_;
  transport::Message request_;
  std::string service_;
  std::optional<HealthCheckResponse::ServingStatus> last_;
  transport::EventLoop::TimerId timer_;
};

}  // namespace

bool HealthService::Owns(absl::string_view path) { return path == kCheck || path == kWatch; }

std::unique_ptr<transport::ServerCallObserver> HealthService::OnCall(
    transport::ServerCall& call) const {
  if (call.head().path == kWatch) return std::make_unique<WatchCall>(call, state_);
  return std::make_unique<CheckCall>(call, state_);
}

}  // namespace ndx::console

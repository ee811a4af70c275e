#include "hosted_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/crypto/certificate.h"

namespace ndx::host {
namespace {

using transport::CancelCause;
using transport::Message;
using transport::PeerKind;

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kCheckHealth[] = "/ndx.adapter.v1.AdapterService/CheckHealth";

class HostedCall;

// Where the adapter's answer lands; outlives the call when the caller gives up first.
class HostedReply final : public sdk::AdapterReply,
                          public std::enable_shared_from_this<HostedReply> {
 public:
  HostedReply(transport::EventLoop& loop, HostedCall* call) : loop_(loop), call_(call) {}

  // On the loop: the call is no more.
  void Detach() { call_ = nullptr; }

 private:
  void DeliverMessage(sdk::MessageBytes message) override;
  void DeliverFinish(absl::Status status) override;

  transport::EventLoop& loop_;
  HostedCall* call_;  // only on the loop
};

class HostedCall final : public transport::ServerCallObserver {
 public:
  HostedCall(HostedService& service, transport::ServerCall& call)
      : service_(service), call_(call), reply_(std::make_shared<HostedReply>(call.loop(), this)) {
    call_.ExpectOneMessage();
  }
  ~HostedCall() override {
    call_.loop().Cancel(deadline_timer_);
    reply_->Detach();
    reply_->Cancel();
  }

  void OnMessage(Message message) override {
    call_.ReleaseReceived(message->size() + transport::kMessagePrefixBytes);
    request_ = std::move(message);
  }

  void OnRequestEnd() override {
    const absl::Status admitted = service_.Admit(*call_.peer());
    if (!admitted.ok()) return Finish(admitted);
    const transport::RequestHead& head = call_.head();
    if (head.deadline_nanos.has_value()) {
      deadline_timer_ = call_.loop().RunAt(*head.deadline_nanos, [this] {
        reply_->Cancel();
        Finish(absl::DeadlineExceededError("the deadline passed before the adapter was done"));
      });
    }
    if (head.path == kHealthCheck) return BeginHealthCheck();
    service_.Begin(CallFor(head), reply_);
  }

  void OnRequestMalformed(absl::Status status) override { Finish(status); }

  void OnCancelled(CancelCause) override {
    reply_->Cancel();
    Finish(absl::CancelledError("the caller has gone"));
  }

  void OnSendable() override { reply_->SetSendable(true); }

  // From the adapter, on the loop.
  void TakeMessage(Message message) {
    if (finished_) return;
    if (health_check_) return TakeHealth(*message);
    call_.SendMessage(std::move(message));
    if (call_.pending_send_bytes() <= kUnsentBytesMax) reply_->SetSendable(true);
  }

  void TakeFinish(const absl::Status& status, const std::string& signature) {
    if (health_check_ && !status.ok()) return FinishHealth(/*serving=*/false);
    Finish(status, signature);
  }

 private:
  sdk::AdapterCall CallFor(const transport::RequestHead& head) {
    sdk::AdapterCall call;
    call.method = head.path;
    call.request = std::move(request_);
    call.deadline_nanos = head.deadline_nanos.value_or(sdk::kNoDeadline);
    for (const auto& entry : head.metadata.entries()) {
      call.metadata.emplace_back(entry.key, entry.value);
    }
    call.exchange_id = std::string(call.Metadata(sdk::kExchangeIdKey));
    call.idempotency_key = std::string(call.Metadata(sdk::kIdempotencyKey));
    if (call.idempotency_key.empty()) call.idempotency_key = call.exchange_id;
    return call;
  }

  // grpc.health.v1 is answered from what the adapter says about its database.
  void BeginHealthCheck() {
    grpc::health::v1::HealthCheckRequest asked;
    if (!asked.ParseFromString(*request_)) {
      return Finish(absl::InvalidArgumentError("the request is no HealthCheckRequest"));
    }
    const auto& services = service_.adapter().descriptor().services;
    if (!asked.service().empty() &&
        std::find(services.begin(), services.end(), asked.service()) == services.end()) {
      return Finish(absl::NotFoundError("this adapter does not serve that service"));
    }
    health_check_ = true;
    if (service_.draining()) return FinishHealth(/*serving=*/false);
    sdk::AdapterCall call;
    call.method = kCheckHealth;
    call.request = std::make_shared<const std::string>();
    call.deadline_nanos = call_.head().deadline_nanos.value_or(sdk::kNoDeadline);
    service_.adapter().Begin(std::move(call), reply_);
  }

  void TakeHealth(const std::string& bytes) {
    adapter::v1::CheckHealthResponse health;
    FinishHealth(health.ParseFromString(bytes) && health.serving());
  }

  void FinishHealth(bool serving) {
    if (finished_) return;
    grpc::health::v1::HealthCheckResponse answer;
    answer.set_status(serving ? grpc::health::v1::HealthCheckResponse::SERVING
                              : grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    call_.SendMessage(transport::MakeMessage(answer.SerializeAsString()));
    Finish(absl::OkStatus());
  }

  void Finish(const absl::Status& status, const std::string& signature = "") {
    if (std::exchange(finished_, true)) return;
    call_.loop().Cancel(deadline_timer_);
    transport::GrpcStatus wire = transport::ToGrpcStatus(status);
    wire.details_bin = sdk::StatusDetails(status);
    transport::Metadata trailers;
    if (!signature.empty()) trailers.Add(std::string(sdk::kSignatureKey), signature);
    call_.Finish(std::move(wire), std::move(trailers));
  }

  HostedService& service_;
  transport::ServerCall& call_;
  const std::shared_ptr<HostedReply> reply_;
  Message request_;
  transport::EventLoop::TimerId deadline_timer_;
  bool health_check_ = false;
  bool finished_ = false;
};

void HostedReply::DeliverMessage(sdk::MessageBytes message) {
  // The next message waits until this one has arrived on the loop and there is room behind it.
  SetSendable(false);
  loop_.Post([self = shared_from_this(), message = std::move(message)]() mutable {
    if (self->call_ != nullptr) self->call_->TakeMessage(std::move(message));
  });
}

void HostedReply::DeliverFinish(absl::Status status) {
  loop_.Post([self = shared_from_this(), status = std::move(status)] {
    if (self->call_ != nullptr) self->call_->TakeFinish(status, self->signature());
  });
}

}  // namespace

HostedService::HostedService(sdk::Adapter& adapter, std::set<std::string> callers,
                             std::shared_ptr<const sdk::AnswerSigner> signer)
    : adapter_(adapter), callers_(std::move(callers)), signer_(std::move(signer)) {
  for (const auto& file : adapter_.descriptor().descriptors.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        if (!method.server_streaming()) continue;
        streaming_.insert(
            absl::StrCat("/", file.package(), ".", service.name(), "/", method.name()));
      }
    }
  }
}

void HostedService::Begin(sdk::AdapterCall call, std::shared_ptr<sdk::AdapterReply> reply) {
  using Kind = crypto::BodyDigest::Kind;
  if (signer_ != nullptr) {
    reply->SignWith(signer_, call,
                    streaming_.contains(call.method) ? Kind::kStream : Kind::kMessage);
  }
  adapter_.Begin(std::move(call), std::move(reply));
}

std::unique_ptr<transport::ServerCallObserver> HostedService::OnCall(transport::ServerCall& call) {
  return std::make_unique<HostedCall>(*this, call);
}

absl::Status HostedService::Admit(const transport::PeerIdentity& peer) const {
  if (peer.kind != PeerKind::kTls) return absl::OkStatus();
  if (peer.certificate_time != transport::CertificateTime::kValid) {
    return absl::UnauthenticatedError("the certificate has expired or is not valid yet");
  }
  const auto certificate = crypto::Certificate::FromDer(peer.leaf_der);
  if (!certificate.ok()) return absl::UnauthenticatedError("the certificate cannot be read");
  for (const std::string& uri : certificate->uri_names()) {
    if (callers_.count(uri) > 0) return absl::OkStatus();
  }
  return absl::PermissionDeniedError("this system may not call the adapter; go through the bus");
}

}  // namespace ndx::host

#include "ndx/tests/unit/tools/ndxctl/probe_node.h"

#include "absl/strings/str_cat.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/exchange/v1/exchange_service.pb.h"

namespace ndx::tests {
namespace {

class ProbeCall final : public transport::ServerCallObserver {
 public:
  explicit ProbeCall(transport::ServerCall& call) : call_(call) { call.ExpectOneMessage(); }

  void OnMessage(transport::Message message) override { request_ = std::move(message); }

  void OnRequestEnd() override {
    const std::string name = call_.head().path.substr(call_.head().path.rfind('/') + 1);
    transport::Metadata trailers;
    trailers.Add("ndx-exchange-id", ProbeNode::kExchangeId);
    if (name == "Silent") return;
    if (name == "Register") {
      return call_.Finish(console::ToWireStatus(console::RefusalStatus(
                              {.reason = exchange::v1::ERROR_REASON_NO_GRANT,
                               .parameters = {{"system", "s"}, {"method", "m"}, {"owner", "o"}}})),
                          std::move(trailers));
    }
    if (name == "GetReceipt") {
      exchange::v1::GetReceiptResponse response;
      response.mutable_receipt()->set_tlog_proof("fetched receipt");
      call_.SendMessage(transport::MakeMessage(response.SerializeAsString()));
      return call_.Finish({});
    }
    if (name == "Watch") {
      for (int i = 0; i < 3; ++i) call_.SendMessage(request_);
    }
    if (name == "Verify") call_.SendMessage(transport::MakeMessage("\x08\x01"));
    if (name == "LookUp") call_.SendMessage(transport::MakeMessage("\x18\x03"));
    if (name != "LookUp") trailers.Add("ndx-receipt-bin", "a receipt\n\xff");
    call_.Finish({}, std::move(trailers));
  }

  void OnRequestMalformed(absl::Status status) override {
    call_.Finish(transport::ToGrpcStatus(status));
  }
  void OnCancelled(transport::CancelCause) override { call_.Finish({}); }

 private:
  transport::ServerCall& call_;
  transport::Message request_;
};

}  // namespace

ProbeNode::ProbeNode() {
  loops_.Start();
  transport::ServerOptions options;
  options.listen.push_back({.address = "127.0.0.1:0", .tls = pki_.Server()});
  server_ = std::make_unique<transport::Server>(loops_, random_, std::move(options), *this, *this);
  const auto ports = server_->Start();
  NDX_CHECK(ports.ok());
  // By number: c-ares, which grpc++ resolves names with, leaks a few bytes for each name.
  address_ = absl::StrCat("127.0.0.1:", ports->at(0));
}

ProbeNode::~ProbeNode() {
  server_->Stop();
  loops_.Stop();
}

std::map<std::string, std::string> ProbeNode::seen() const {
  core::MutexLock lock(mutex_);
  return seen_;
}

std::unique_ptr<transport::ServerCallObserver> ProbeNode::OnCall(transport::ServerCall& call) {
  if (call.head().path.find("GetReceipt") == std::string::npos) {
    core::MutexLock lock(mutex_);
    seen_.clear();
    for (const auto& entry : call.head().metadata.entries()) seen_[entry.key] = entry.value;
  }
  return std::make_unique<ProbeCall>(call);
}

}  // namespace ndx::tests

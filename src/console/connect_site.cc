#include "ndx/console/connect_site.h"

#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "ndx/console/connect_reply.h"
#include "ndx/console/operator_rights.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

constexpr absl::string_view kPaths = "/ndx.console.v1.";
// A caller that would wait longer is not waited for by a timer.
constexpr absl::Duration kTimeoutMax = absl::Hours(1);

const google::protobuf::MethodDescriptor* ContractOf(absl::string_view path) {
  absl::ConsumePrefix(&path, "/");
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrReplaceAll(path, {{"/", "."}}));
}

}  // namespace

void ConnectSite::Serve(const http::HttpRequest& request, http::HttpRespond respond) {
  if (!absl::StartsWith(request.path, kPaths))
    return parts_.others.Serve(request, std::move(respond));
  const core::MutexLock lock(mutex_);
  if (closed_) {
    return respond(ConnectError(absl::UnavailableError("the node is stopping; ask again later")));
  }
  if (IsConnectStream(request)) {
    const absl::Status status = Admit(request).status();
    return respond(ConnectStreamError(
        request, status.ok() ? absl::InvalidArgumentError(
                                   "this method does not stream: use application/json or "
                                   "application/proto")
                             : status));
  }
  auto read = ReadConnectRequest(request, parts_.message_bytes_max);
  if (auto* const refused = std::get_if<http::HttpResponse>(&read)) return respond(*refused);
  auto call = Admit(request);
  if (!call.ok()) return respond(ConnectError(call.status()));
  Start(*std::move(call), std::get<ConnectRequest>(std::move(read)), std::move(respond));
}

void ConnectSite::Close() {
  const core::MutexLock lock(mutex_);
  closed_ = true;
}

absl::StatusOr<ConnectSite::Call> ConnectSite::Admit(const http::HttpRequest& request) const {
  if (!request.peer.tls) {
    return absl::UnimplementedError(
        "operators are served over TLS only: set operator_api.http_tls, or use the socket / chỉ "
        "phục vụ người vận hành qua TLS: đặt operator_api.http_tls, hoặc dùng socket");
  }
  Call call{.method = parts_.api.Find(request.path), .contract = ContractOf(request.path)};
  if (call.method == nullptr || call.contract == nullptr) {
    return absl::UnimplementedError("the operator API has no such method");
  }
  auto who = sign_in_.Of(request);
  if (!who.ok()) {
    if (parts_.observer != nullptr) parts_.observer->OnRefused(request.peer.address, "sign_in");
    return who.status();
  }
  call.who = *std::move(who);
  if (absl::Status status = RequireRole(call.who, call.method->role, call.method->name);
      !status.ok()) {
    parts_.log.Write(telemetry::LogEvent::kOperatorRefused,
                     {{"operator", call.who.name},
                      {"action", call.method->name},
                      {"role", RoleName(call.method->role)}});
    return status;
  }
  if (call.contract->server_streaming()) {
    return absl::UnimplementedError(
        "this method streams its answers: call it on the node's UNIX socket (ndxctl) / phương thức "
        "này trả lời theo luồng: hãy gọi qua socket của nút (ndxctl)");
  }
  return call;
}

void ConnectSite::Start(Call call, ConnectRequest request, http::HttpRespond respond) const {
  const auto timeout = request.timeout;
  auto reply = std::make_shared<ConnectReply>(std::move(respond), request.codec,
                                              *call.contract->output_type());
  auto run = [call = std::move(call), request = std::move(request), reply] {
    if (reply->cancelled()) return;
    const auto message = MessageOf(request, *call.contract->input_type());
    if (!message.ok()) return reply->Finish(message.status());
    call.method->run(call.who, *message, reply);
  };
  if (!parts_.workers.Submit(std::move(run))) {
    reply->Finish(
        absl::ResourceExhaustedError("too many operators' calls wait; ask again in a few seconds"));
    return;
  }
  if (!timeout.has_value() || *timeout > kTimeoutMax) return;
  parts_.timers.Post(
      [&timers = parts_.timers, timeout = *timeout, waiting = std::weak_ptr<ConnectReply>(reply)] {
        timers.RunAfter(timeout, [waiting] {
          if (const auto late = waiting.lock()) late->Expire();
        });
      });
}

}  // namespace ndx::console

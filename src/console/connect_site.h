// The operator API on the operators' HTTP port: unary calls of the Connect protocol, for the
// methods that the UNIX socket serves, by the same code on the same workers with the same rights.
// What stands under other paths is another site's.
//
//   known? ─▶ TLS? ─▶ Connect? ─▶ who? (sign_in.h) ─▶ may it? ─▶ worker ─▶ ConnectReply
//
// Without TLS nothing is served here: a token on a plain line is anybody's.
//
// Thread-safety: as WaitingHttpSite, and Close() from any thread; answers come from the workers.
// Ownership: api, workers and timers are there until Close(); everything else given outlives it.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "ndx/console/connect_protocol.h"
#include "ndx/console/operator_api.h"
#include "ndx/console/sign_in.h"
#include "ndx/console/worker_pool.h"
#include "ndx/core/mutex.h"
#include "ndx/http/http_server.h"
#include "ndx/http/http_site.h"
#include "ndx/telemetry/log.h"
#include "ndx/transport/event_loop.h"

namespace ndx::console {

class ConnectSite final : public http::WaitingHttpSite {
 public:
  struct Parts {
    const OperatorApi& api;
    WorkerPool& workers;
    transport::EventLoop& timers;  // whose timers end calls that take too long
    telemetry::Log& log;
    // Told of those who do not sign in, as "sign_in"; may be null.
    http::HttpServerObserver* observer;
    http::WaitingHttpSite& others;
    // Of a request, unpacked.
    size_t message_bytes_max;
  };
  ConnectSite(const Parts& parts, SignIn sign_in) : parts_(parts), sign_in_(std::move(sign_in)) {}

  void Serve(const http::HttpRequest& request, http::HttpRespond respond) override;

  // From now on calls are answered that the node is stopping; other paths as before.
  void Close();

 private:
  // A call that may be made.
  struct Call {
    OperatorIdentity who;
    const OperatorMethod* method = nullptr;
    const google::protobuf::MethodDescriptor* contract = nullptr;
  };
  absl::StatusOr<Call> Admit(const http::HttpRequest& request) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Start(Call call, ConnectRequest request, http::HttpRespond respond) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const SignIn sign_in_;
  // Held while a call is taken in.
  mutable core::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ndx::console

// What a provider saw, one JSON line for each call: the other side of every conformance test. A
// test compares it with what the clients were told and with the journal.
//
// {"method": "/grpc.testing.TestService/UnaryCall", "event": "begin", "timeout_ms": 998,
//  "metadata": [["ndx-exchange-id", "0199…"], …]}   values of -bin keys are base64
// {"method": …, "event": "end", "cancelled": false, "code": 0}
//
// Thread-safety: thread-safe. Errors: a file that cannot be written ends the program, since a test
// must not go on blind.
#pragma once

#include <cstdio>
#include <string>

#include "absl/strings/string_view.h"
#include "ndx/core/mutex.h"

namespace grpc {
class ServerContext;
class Status;
}  // namespace grpc

namespace ndx::tests {

class CallLedger {
 public:
  // An empty path keeps nothing.
  explicit CallLedger(const std::string& path);
  ~CallLedger();
  CallLedger(const CallLedger&) = delete;
  CallLedger& operator=(const CallLedger&) = delete;

  void Begin(absl::string_view method, const grpc::ServerContext& context);
  void End(absl::string_view method, const grpc::ServerContext& context,
           const grpc::Status& status);

 private:
  void Write(const std::string& line);

  core::Mutex mutex_;
  std::FILE* file_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::tests

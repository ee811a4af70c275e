// The data plane of a node as a client sees it, over mutual TLS: answers probe.v1.PeopleService as
// the test needs it and gives exchange id and receipt in the trailers.
//
//   Verify   one VerifyResponse with matches set, trailers with id and receipt
//   Watch    the request's bytes three times
//   Register refused: NO_GRANT with both texts
//   LookUp   id, but no receipt in the trailers
//   Silent   no answer
//   ndx.exchange.v1.ExchangeService/GetReceipt: "fetched receipt"
//
// Thread-safety: thread-compatible; seen() is thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ndx/core/mutex.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/tests/support/test_pki.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/server.h"

namespace ndx::tests {

class ProbeNode final : public transport::ServerService, public transport::ServerObserver {
 public:
  static constexpr char kExchangeId[] = "01930a5d-ac96-774b-bcce-b302099a8057";

  ProbeNode();
  ~ProbeNode() override;

  const TestPki& pki() const { return pki_; }
  // 127.0.0.1:port.
  const std::string& address() const { return address_; }
  // Metadata of the newest call but GetReceipt.
  std::map<std::string, std::string> seen() const;

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

 private:
  core::SystemClock clock_;
  core::SystemRandom random_;
  TestPki pki_;
  transport::EventLoopGroup loops_{clock_, 1, "probe-node"};
  std::unique_ptr<transport::Server> server_;
  std::string address_;
  mutable core::Mutex mutex_;
  std::map<std::string, std::string> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::tests

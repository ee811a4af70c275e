// One call of a national service through the node's data plane, as any consumer makes it: gRPC over
// mutual TLS, bytes in and bytes out.
//
// Thread-safety: thread-compatible; blocks. Errors: the call's own grpc::Status.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "ndx/core/clock.h"
#include "ndx/tools/ndxctl/caller_credentials.h"

namespace ndx::tools::ndxctl {

// A channel to the node. server_name: what the node's certificate must carry; where empty, the host
// of the address.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address,
                                           const CallerCredentials& credentials,
                                           const std::string& server_name);

struct ExchangeCall {
  std::string method;  // /package.Service/Method
  std::string request;
  std::multimap<std::string, std::string> metadata;
  absl::Duration timeout = absl::Seconds(30);
};

struct ExchangeOutcome {
  grpc::Status status;
  std::string exchange_id;
  std::string receipt;    // text; empty when the trailers held none
  std::string signature;  // of the node over what it delivered, likewise
};

// on_answer is called for each message, as it arrives.
ExchangeOutcome CallExchange(const std::shared_ptr<grpc::Channel>& channel,
                             const ExchangeCall& call, const core::Clock& clock,
                             absl::FunctionRef<void(const std::string&)> on_answer);

}  // namespace ndx::tools::ndxctl

// What a client reads out of an error's details.
//
// Thread-safety: thread-safe function.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ndx/transport/grpc_status.h"

namespace ndx::tests {

struct ReadError {
  int code = 0;
  std::string message;
  // Of each ErrorInfo, in order.
  std::vector<std::string> domains;
  std::vector<std::string> reasons;
  std::map<std::string, std::string> metadata;  // of the last one
  std::string request_id;                       // of the last RequestInfo
  std::map<std::string, std::string> texts;     // by locale
  std::map<std::string, std::string> violations;
  std::string quota_subject;
  int64_t retry_nanos = -1;
  size_t details = 0;
  size_t unknown = 0;  // details of other types

  // Of this bus; empty when it says nothing.
  std::string reason() const { return domains.empty() ? "" : reasons.back(); }
  std::string fault() const {
    const auto found = metadata.find("fault");
    return found == metadata.end() ? "" : found->second;
  }
};

// Aborts when the details are no google.rpc.Status.
ReadError ReadErrorOf(const transport::GrpcStatus& status);

}  // namespace ndx::tests

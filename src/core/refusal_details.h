// A refusal as google.rpc.Status, the form in which it leaves the node: ErrorInfo (domain "ndx",
// the reason, metadata with the fault, the node's system and the refusal's parameters, of which the
// text's {node} is called "contact"), LocalizedMessage in Vietnamese and English, and where they
// help BadRequest, QuotaFailure and RetryInfo.
//
// Thread-safety: thread-safe (pure function).
#pragma once

#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"
#include "ndx/core/refusal.h"

namespace ndx::core {

// Violations of one refusal that are named: keeps trailers under their limit whatever a rule finds.
inline constexpr int kViolationsMax = 16;

// The domain of ErrorInfo.
inline constexpr char kErrorDomain[] = "ndx";

// Code and details; the message is left to the caller. `node` is the node's name, for whoever has
// to ask; empty where the caller knows it.
google::rpc::Status RefusalDetails(const Refusal& refusal, absl::string_view node);

}  // namespace ndx::core

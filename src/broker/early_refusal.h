// Turns calls away at the door while the node is overloaded, for a fraction of what the stages
// cost: what every caller is told is rendered once, and who asks for what is known from the calls
// before.
//
// A call that is let in, or of which nothing is known, goes through the stages. So does every call
// that has something else wrong with it as far as can be seen here, and as many as may have a leaf
// of their own (refusal_counter.h); the others are counted, in the metrics and in the journal, and
// have no line in the log.
//
// Thread-safety: belongs to its event loop. Ownership: what it is made from must outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "ndx/broker/capacity.h"
#include "ndx/broker/error_answer.h"
#include "ndx/broker/exchange.h"
#include "ndx/broker/exchange_meter.h"
#include "ndx/broker/limit_watch.h"
#include "ndx/broker/refusal_counter.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/transport/server_call.h"

namespace ndx::broker {

class EarlyRefusal {
 public:
  struct Parts {
    const core::Clock& clock;
    core::Random& random;
    Capacity& capacity;
    const LimitWatch& watch;
    RefusalCounter& refusals;
    ExchangeMetrics& metrics;
  };

  // node: the contact that refusals name.
  EarlyRefusal(const Parts& parts, std::string node) : parts_(parts), node_(std::move(node)) {}

  // An exchange whose consumer and method have been found: calls of the same connection with the
  // same path need no stages for that, for a second.
  void Remember(const Exchange& x);

  enum class Verdict {
    kRefused,  // answered; nothing else is to be done
    kLetIn,    // its part of the capacity has been taken
    kUnknown,  // for the stages to decide
  };
  // Of every call, before anything else: how long it waited is what tells of overload.
  Verdict Decide(transport::ServerCall& call);

 private:
  // What is known of calls with one path on one connection.
  struct Known {
    std::string path;
    std::string consumer;
    uint32_t consumer_share;
    std::string service;
    uint32_t service_share;
    telemetry::Counter* refused;
    telemetry::Histogram* duration;
  };

  const Known* Find(const transport::ServerCall& call, int64_t now_nanos);
  const RefusalTemplate& TemplateFor(absl::Duration retry_after);

  static constexpr size_t kConnectionsMax = 4096;
  static constexpr size_t kTemplatesMax = 64;
  static constexpr int64_t kForgetNanos = 1'000'000'000;

  const Parts parts_;
  const std::string node_;
  absl::flat_hash_map<uint64_t, std::vector<Known>> connections_;  // by connection_id
  int64_t remembered_since_nanos_ = 0;
  absl::flat_hash_map<absl::Duration, RefusalTemplate> templates_;  // by hint
};

}  // namespace ndx::broker

// What one run has counted, and how it is told.
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ndx/tools/loadgen/latency_histogram.h"

namespace ndx::tools::loadgen {

struct LoadFigures {
  // Requests that were to be sent between the end of the warm-up and the end of the run.
  uint64_t requests = 0;
  // How they ended: the peer's gRPC status by name ("OK"), or what broke the call off ("connection
  // lost").
  std::map<std::string, uint64_t> by_status;
  // Status OK, but the answer was not what had been sent, or a trailer that was asked for is
  // missing.
  uint64_t wrong_answers = 0;
  // Of an open loop: due, and not sent before the run ended, because every call that the run may
  // have under way was.
  uint64_t unsent = 0;
  double seconds = 0;
  // From the intended moment of sending to the end of the call: answers with status OK, those still
  // waiting to be sent at the end, with the time they had waited until then; and all others.
  LatencyHistogram answered;
  LatencyHistogram failed;
  // Requests that did not end as they should, those of the warm-up included, and the first of them
  // in words.
  uint64_t faults = 0;
  std::string first_fault;
  // Processor time of this program while it measured.
  double cpu_us = 0;

  double PerSecond() const;
};

// What the run was, for the report.
struct LoadShape {
  std::string target;
  bool tls = false;
  std::string payload;
  uint32_t concurrency = 0;
  uint32_t connections = 0;
  double rate = 0;  // 0: closed loop
};

// One JSON object, without a line end. README.md has its fields.
std::string JsonReport(const LoadShape& shape, const LoadFigures& figures);

// One line for people.
std::string ReportLine(const LoadShape& shape, const LoadFigures& figures);

}  // namespace ndx::tools::loadgen

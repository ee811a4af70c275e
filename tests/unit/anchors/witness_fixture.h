// A witness of the node's journal in a temporary directory, that can be killed and started again.
//
// Thread-safety: thread-compatible.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ndx/anchors/witness.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/recorded_log.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::anchors {

class WitnessFixture {
 public:
  explicit WitnessFixture(std::vector<journal::NoteVerifier> verifiers)
      : logs(std::move(verifiers)) {}

  static journal::CosignatureSigner Signer(const std::string& name = "witness", char seed = 'w') {
    auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, seed)).value();
    return journal::CosignatureSigner::Create(name, std::move(key)).value();
  }

  absl::StatusOr<std::unique_ptr<Witness>> TryOpen() {
    metrics = std::make_unique<telemetry::MetricRegistry>();
    return Witness::Open({.directory = dir.File("witness"), .logs = logs, .faults = &faults},
                         Signer(), clock, log, *metrics);
  }
  void Open() {
    witness.reset();
    witness = TryOpen().value();
  }

  std::vector<journal::NoteVerifier> logs;
  tests::TempDir dir;
  tests::FakeClock clock;
  tests::RecordedLog log;
  tests::TestFileFaults faults;
  std::unique_ptr<telemetry::MetricRegistry> metrics;
  std::unique_ptr<Witness> witness;
};

}  // namespace ndx::anchors

#include "ndx/daemon/key_set_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <variant>

#include "ndx/core/mutex.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/recorded_log.h"
#include "ndx/tests/support/token_issuer.h"

namespace ndx::daemon {
namespace {

// A source of keys that says what it is told, and counts how often it was asked.
class KeySource {
 public:
  explicit KeySource(absl::StatusOr<std::string> text) : text_(std::move(text)) {}

  absl::StatusOr<std::string> Read() {
    const core::MutexLock lock(mutex_);
    ++readings_;
    changed_.NotifyAll();
    return text_;
  }
  void Say(absl::StatusOr<std::string> text) {
    const core::MutexLock lock(mutex_);
    text_ = std::move(text);
  }
  // Until that which is said now has been read and dealt with.
  void AwaitTwoReadings() {
    const core::MutexLock lock(mutex_);
    const int until = readings_ + 2;
    while (readings_ < until) changed_.Wait(mutex_);
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  absl::StatusOr<std::string> text_ ABSL_GUARDED_BY(mutex_);
  int readings_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_CASE("keys are read again, kept through trouble that is logged once, and given up when old") {
  const tests::TokenIssuer issuer;
  tests::FakeClock clock;
  tests::RecordedLog log;
  KeySource source(issuer.Jwks());
  security::SignInTokens tokens({.issuer = tests::kTokenIssuer, .audience = tests::kTokenAudience});
  KeySetReader reader({.interval = absl::Milliseconds(1),
                       .age_max = absl::Hours(24),
                       .read = [&source] { return source.Read(); }},
                      clock, log, tokens);
  const auto counts = [&] {
    const std::string token = issuer.Sign("ec", "ES256", clock.Now(), "lan-1");
    return std::holds_alternative<security::SignInClaims>(tokens.Verify(token, clock.Now()));
  };
  CHECK_FALSE(counts());
  REQUIRE(reader.ReadNow().ok());
  CHECK(counts());
  CHECK(reader.size() == 3);
  source.Say(absl::UnavailableError("nobody there"));
  reader.Start();
  source.AwaitTwoReadings();
  source.AwaitTwoReadings();
  CHECK(counts());
  CHECK(log.CountOf(telemetry::LogEvent::kConfigurationRefused) == 1);
  clock.Advance(absl::Hours(24));
  source.AwaitTwoReadings();
  CHECK_FALSE(counts());
  CHECK(reader.size() == 0);
  source.Say(issuer.Jwks());
  source.AwaitTwoReadings();
  CHECK(counts());
  source.Say("{}");
  source.AwaitTwoReadings();
  CHECK(counts());
  CHECK(log.CountOf(telemetry::LogEvent::kConfigurationRefused) == 2);
}

TEST_CASE("what is no set of keys is refused at the first reading") {
  tests::FakeClock clock;
  tests::RecordedLog log;
  security::SignInTokens tokens({});
  KeySetReader reader({.read = [] { return std::string("{}"); }}, clock, log, tokens);
  CHECK(absl::IsInvalidArgument(reader.ReadNow()));
  CHECK(reader.size() == 0);
}

}  // namespace
}  // namespace ndx::daemon

#include "ndx/daemon/ocsp_watch.h"

#include <catch2/catch.hpp>
#include <thread>

#include "ndx/core/system_clock.h"
#include "ndx/crypto/certificate.h"
#include "ndx/tests/support/certificate_authority.h"
#include "ndx/tests/support/fake_poster.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::daemon {
namespace {

TEST_CASE("who is noticed is asked about, by a thread that ends; failures are counted and said") {
  tests::CertificateAuthority authority;
  const core::SystemClock clock;
  tests::RecordedLog log;
  telemetry::MetricRegistry metrics;
  tests::FakePoster poster;
  poster.Serve("http://good.vn/", [&](const http::HttpPost& post) {
    return http::HttpResponse{.content_type = "application/ocsp-response",
                              .body = authority.AnswerOcsp(post.body)};
  });
  const auto good = authority.Issue("", "authorityInfoAccess=OCSP;URI:http://good.vn/\n");
  const auto silent = authority.Issue("", "authorityInfoAccess=OCSP;URI:http://silent.vn/\n");
  const auto issuer = crypto::Certificate::Load(authority.ca_file()).value();
  security::OcspStatuses statuses({.required = true}, clock);
  {
    const OcspWatch watch({statuses, poster, clock, log, metrics});
    statuses.Notice(good.der(), issuer.der());
    statuses.Notice(silent.der(), issuer.der());
    const auto counted = [&](const std::string& line) {
      return metrics.Exposition().find(line) != std::string::npos;
    };
    while (!counted("ndx_ocsp_questions_total{outcome=\"answered\"} 1") ||
           !counted("ndx_ocsp_questions_total{outcome=\"failed\"} 1")) {
      std::this_thread::yield();
    }
  }
  using State = security::OcspStatuses::Word::State;
  CHECK(statuses.WordOn(good).state == State::kPasses);
  CHECK(statuses.WordOn(silent).state == State::kUnknown);
  CHECK(log.CountOf(telemetry::LogEvent::kOcspFailed) == 1);
  CHECK(log.Contains("http://silent.vn/"));
}

}  // namespace
}  // namespace ndx::daemon

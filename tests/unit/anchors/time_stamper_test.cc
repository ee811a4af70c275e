#include "ndx/anchors/time_stamper.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_poster.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/time_stamp_authority.h"

namespace ndx::anchors {
namespace {

constexpr char kTimeStamperUrl[] = "http://tsa.example.vn/";

struct TimeStamperScene {
  absl::StatusOr<TimeStampAnswer> Ask(const std::string& note) {
    return AskTimeStamp({.name = "tsa", .url = kTimeStamperUrl, .trust = trust}, note, poster,
                        random, clock, absl::Minutes(10));
  }
  void Serve(std::function<std::string(const std::string&)> answer, int status = 200) {
    poster.Serve(kTimeStamperUrl, [answer = std::move(answer), status](const http::HttpPost& post) {
      return http::HttpResponse{.status = status, .body = answer(post.body)};
    });
  }

  tests::TimeStampAuthority authority;
  crypto::TimeStampTrust trust = crypto::TimeStampTrust::FromPem(authority.ca_pem()).value();
  tests::FakePoster poster;
  tests::FakeRandom random{3};
  // The authority's clock is the machine's.
  core::SystemClock clock;
};

TEST_CASE("a checkpoint is time-stamped over its bytes") {
  TimeStamperScene scene;
  scene.Serve([&](const std::string& query) { return scene.authority.Answer(query); });
  const auto answer = scene.Ask("note");
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(crypto::VerifyTimeStampAnswer(answer->der, crypto::Sha256Of({"note"}), std::nullopt,
                                      scene.trust)
            .ok());
  CHECK(scene.poster.posts[0].content_type == crypto::kTimeStampRequestType);
  CHECK(scene.poster.posts[0].accept == crypto::kTimeStampAnswerType);
}

TEST_CASE("an answer to another question, or of another time, is no time-stamp") {
  TimeStamperScene scene;
  CHECK(scene.Ask("note").status().code() == absl::StatusCode::kUnavailable);
  std::string first;
  scene.Serve([&](const std::string& query) {
    if (first.empty()) first = query;
    return scene.authority.Answer(first);
  });
  REQUIRE(scene.Ask("note").ok());
  // The same imprint with the nonce of the request before: a replayed answer.
  CHECK(scene.Ask("note").status().code() == absl::StatusCode::kPermissionDenied);
  scene.Serve([&](const std::string& query) { return scene.authority.Answer(query); }, 500);
  CHECK(scene.Ask("note").status().code() == absl::StatusCode::kUnavailable);
  scene.Serve([](const std::string&) { return "<html>"; });
  CHECK(scene.Ask("note").status().code() == absl::StatusCode::kInvalidArgument);
  scene.Serve([&](const std::string& query) { return scene.authority.Answer(query); });
  const tests::FakeClock wrong(scene.clock.Now() + absl::Minutes(11));
  CHECK(AskTimeStamp({.name = "tsa", .url = kTimeStamperUrl, .trust = scene.trust}, "note",
                     scene.poster, scene.random, wrong, absl::Minutes(10))
            .status()
            .code() == absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace ndx::anchors

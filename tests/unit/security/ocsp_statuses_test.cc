#include "ndx/security/ocsp_statuses.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/certificate_authority.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_poster.h"

namespace ndx::security {
namespace {

using State = OcspStatuses::Word::State;
using tests::CertificateAuthority;

constexpr char kResponder[] = "http://ocsp.example.vn/";

// An authority, its responder, and a certificate that has come through a handshake.
struct OcspScene {
  explicit OcspScene(bool required = false, const std::string& responder = kResponder,
                     const std::string& extensions = "")
      : leaf(authority.Issue("URI:ndx://VN/GOV/H55/a", extensions)),
        issuer(crypto::Certificate::Load(authority.ca_file()).value()),
        statuses({.responder = responder, .required = required, .recheck = absl::Minutes(5)},
                 clock) {}

  void Serve(const std::string& url = kResponder) {
    poster.Serve(url, [this](const http::HttpPost& post) {
      CHECK(post.content_type == "application/ocsp-request");
      return http::HttpResponse{.content_type = "application/ocsp-response",
                                .body = authority.AnswerOcsp(post.body)};
    });
  }
  State Word() const { return statuses.WordOn(leaf).state; }

  CertificateAuthority authority;
  // openssl's responder answers of now.
  tests::FakeClock clock{core::SystemClock().Now()};
  const crypto::Certificate leaf;
  const crypto::Certificate issuer;
  tests::FakePoster poster;
  OcspStatuses statuses;
};

TEST_CASE("a certificate is asked about from its handshake on, again and again, and not before") {
  OcspScene scene;
  scene.Serve();
  CHECK(scene.statuses.AskDue(scene.poster).answered == 0);
  scene.statuses.Notice(scene.leaf.der(), scene.issuer.der());
  scene.statuses.Notice(scene.leaf.der(), scene.issuer.der());
  CHECK(scene.statuses.AskDue(scene.poster).answered == 1);
  CHECK(scene.statuses.AskDue(scene.poster).answered == 0);
  CHECK(scene.Word() == State::kPasses);

  scene.authority.Revoke(scene.leaf);
  CHECK(scene.Word() == State::kPasses);
  scene.clock.Advance(absl::Minutes(5));
  CHECK(scene.statuses.AskDue(scene.poster).answered == 1);
  CHECK(scene.Word() == State::kRevoked);
  CHECK(scene.statuses.WordOn(scene.leaf).since <= scene.clock.Now());
  // It stays so when nobody answers any more.
  scene.poster.Serve(kResponder, nullptr);
  scene.clock.Advance(absl::Hours(48));
  CHECK(scene.statuses.AskDue(scene.poster).faults.size() == 1);
  CHECK(scene.Word() == State::kRevoked);
}

TEST_CASE("without a word that counts: passes, or is unknown where a word is required") {
  for (const bool required : {false, true}) {
    CAPTURE(required);
    const State without = required ? State::kUnknown : State::kPasses;
    OcspScene scene(required);
    CHECK(scene.Word() == without);
    CHECK(scene.statuses.WordOn(scene.leaf).since == absl::InfinitePast());
    scene.statuses.Notice(scene.leaf.der(), scene.issuer.der());
    CHECK(scene.Word() == without);
    const auto round = scene.statuses.AskDue(scene.poster);
    REQUIRE(round.faults.size() == 1);
    CHECK_THAT(std::string(round.faults[0].message()), Catch::StartsWith(kResponder));
    CHECK(scene.Word() == without);
    // Asked again after a while, not at once.
    scene.Serve();
    CHECK(scene.statuses.AskDue(scene.poster).answered == 0);
    scene.clock.Advance(kOcspRetry);
    CHECK(scene.statuses.AskDue(scene.poster).answered == 1);
    CHECK(scene.Word() == State::kPasses);
    // The answer's own time is over, and no other came.
    scene.poster.Serve(kResponder, nullptr);
    scene.clock.Advance(absl::Hours(25));
    CHECK(scene.statuses.AskDue(scene.poster).faults.size() == 1);
    CHECK(scene.Word() == without);
  }
}

TEST_CASE("an answer that does not do is no answer") {
  OcspScene scene(/*required=*/true);
  CertificateAuthority stranger("stranger");
  scene.statuses.Notice(scene.leaf.der(), scene.issuer.der());
  const http::HttpResponse answers[] = {
      {.status = 500, .content_type = "text/plain", .body = "sorry"},
      {.content_type = "text/html", .body = "<html>"},
      {.content_type = "application/ocsp-response",
       .body = scene.authority.AnswerOcsp(crypto::OcspRequest(scene.leaf, scene.issuer),
                                          stranger.ca_file(), stranger.File("ca.key"))}};
  for (const http::HttpResponse& answer : answers) {
    scene.poster.Serve(kResponder, [&](const http::HttpPost&) { return answer; });
    CHECK(scene.statuses.AskDue(scene.poster).faults.size() == 1);
    CHECK(scene.Word() == State::kUnknown);
    scene.clock.Advance(kOcspRetry);
  }
}

TEST_CASE("where the settings name no responder, whom the certificate names is asked") {
  OcspScene named(true, "", "authorityInfoAccess=OCSP;URI:http://own.example.vn/ocsp\n");
  named.Serve("http://own.example.vn/ocsp");
  named.statuses.Notice(named.leaf.der(), named.issuer.der());
  CHECK(named.statuses.AskDue(named.poster).answered == 1);
  CHECK(named.Word() == State::kPasses);

  OcspScene nameless(true, "");
  nameless.statuses.Notice(nameless.leaf.der(), nameless.issuer.der());
  CHECK(nameless.statuses.AskDue(nameless.poster).faults.at(0).code() ==
        absl::StatusCode::kNotFound);
  CHECK(nameless.poster.posts.empty());
  CHECK(nameless.Word() == State::kUnknown);

  // The settings' is asked instead of it.
  OcspScene set(true, kResponder, "authorityInfoAccess=OCSP;URI:http://own.example.vn/ocsp\n");
  set.Serve();
  set.statuses.Notice(set.leaf.der(), set.issuer.der());
  CHECK(set.statuses.AskDue(set.poster).answered == 1);
}

TEST_CASE("what is no certificate is not noticed, and an end is an end") {
  OcspScene scene;
  scene.statuses.Notice("", "");
  scene.statuses.Notice(scene.leaf.der(), "no certificate");
  CHECK(scene.statuses.AskDue(scene.poster).faults.empty());
  scene.statuses.Notice(scene.leaf.der(), scene.issuer.der());
  scene.statuses.AwaitNotice(absl::InfiniteDuration());
  scene.statuses.End();
  CHECK(scene.statuses.ended());
  scene.statuses.AwaitNotice(absl::InfiniteDuration());
}

}  // namespace
}  // namespace ndx::security

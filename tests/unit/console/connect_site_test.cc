#include "ndx/console/connect_site.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/console/operator_server.h"
#include "ndx/tests/support/notification.h"
#include "ndx/tests/support/test_certificates.h"
#include "ndx/tests/support/token_issuer.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using Catch::Contains;
using tests::ConsoleFixture;
using tests::TokenIssuer;

constexpr char kGetStatus[] = "/ndx.console.v1.OperatorService/GetStatus";
constexpr char kPropose[] = "/ndx.console.v1.RegistryChangeService/ProposeChange";
constexpr char kApprove[] = "/ndx.console.v1.RegistryChangeService/ApproveProposal";
// Well within the test certificates' life.
constexpr absl::Duration kToCertificates = absl::Hours(24'000);

class OtherPages final : public http::HttpSite {
 public:
  http::HttpResponse Answer(const http::HttpRequest& request) override {
    return {.body = "page " + request.path};
  }
};

class CountedRefusals final : public http::HttpServerObserver {
 public:
  void OnRefused(absl::string_view, absl::string_view cause) override {
    causes.emplace_back(cause);
  }
  std::vector<std::string> causes;
};

// The operator API as the HTTP port has it: lan by certificate or token lan-1, minh by token
// minh-1.
class ConnectScene {
 public:
  ConnectScene() {
    fixture.clock().Advance(kToCertificates);
    tokens.SetKeys(std::make_shared<const security::JsonWebKeySet>(
        security::JsonWebKeySet::Parse(issuer().Jwks()).value()));
    settings::v1::OperatorSettings settings;
    auto& lan = *settings.add_operators();
    lan.set_user("lan");
    lan.add_roles(settings::v1::OPERATOR_ROLE_POLICY_EDITOR);
    lan.add_roles(settings::v1::OPERATOR_ROLE_APPROVER);
    lan.add_roles(settings::v1::OPERATOR_ROLE_REPLAYER);
    lan.add_certificates_spki_sha256(tests::OneStopSpki());
    lan.add_token_users("lan-1");
    auto& minh = *settings.add_operators();
    minh.set_user("minh");
    minh.add_roles(settings::v1::OPERATOR_ROLE_APPROVER);
    minh.add_token_users("minh-1");
    const auto no_user = [](const std::string&) -> std::optional<uid_t> { return std::nullopt; };
    auto directory = OperatorDirectory::Build(settings, no_user);
    REQUIRE(directory.ok());
    server = OperatorServer::Start({}, fixture.node(), *std::move(directory), random).value();
    site = server->Site(
        pages,
        {.tokens = &tokens, .revocations = [this] { return revocations; }, .observer = &refused});
  }

  static const TokenIssuer& issuer() {
    static const TokenIssuer made;
    return made;
  }
  std::string Token(const std::string& subject) {
    return issuer().Sign("ec", "ES256", fixture.clock().Now(), subject);
  }

  struct Asked {
    std::string token;
    std::string certificate;
    std::string body = "{}";
    std::vector<std::pair<std::string, std::string>> headers;
    bool tls = true;
  };
  http::HttpResponse Ask(const std::string& path, const Asked& asked) {
    http::HttpRequest request{.method = "POST", .path = path, .body = asked.body};
    request.headers = {{"content-type", "application/json"}, {"connect-protocol-version", "1"}};
    if (!asked.token.empty()) {
      request.headers.emplace_back("authorization", "Bearer " + asked.token);
    }
    for (const auto& header : asked.headers) request.headers.push_back(header);
    request.peer = {
        .address = "192.0.2.1:4711", .tls = asked.tls, .certificate_der = asked.certificate};
    return Serve(request);
  }
  http::HttpResponse Serve(const http::HttpRequest& request) {
    http::HttpResponse response;
    tests::Notification answered;
    site->Serve(request, [&](http::HttpResponse given) {
      response = std::move(given);
      answered.Notify();
    });
    answered.WaitForNotification();
    return response;
  }

  ConsoleFixture fixture;
  OtherPages pages;
  CountedRefusals refused;
  security::SignInTokens tokens{{.issuer = tests::kTokenIssuer, .audience = tests::kTokenAudience}};
  std::shared_ptr<const security::Revocations> revocations;
  core::SystemRandom random;
  std::shared_ptr<http::WaitingHttpSite> site;
  std::unique_ptr<OperatorServer> server;  // goes first
};

// A change that gives somebody more, as JSON of ProposeChangeRequest.
std::string Widening() {
  return R"({"reason":"QD 12","files":[{"name":"/g.yaml","text":"grants:\n- name: more\n)"
         R"(  consumer: \"VN:GOV:H55:mot-cua\"\n  methods: [\"probe.v1.PeopleService/LookUp\"]\n)"
         R"(  purposes: [tthc]\n  legal_basis: QD 12\n"}]})";
}

std::string FieldOf(const std::string& json, const std::string& name) {
  const std::string before = absl::StrCat("\"", name, "\":\"");
  const size_t at = json.find(before);
  REQUIRE(at != std::string::npos);
  const size_t begin = at + before.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

TEST_CASE("operators sign in by certificate and by token, and are served as on the socket") {
  ConnectScene scene;
  const auto by_token = scene.Ask(kGetStatus, {.token = scene.Token("minh-1")});
  CHECK(by_token.status == 200);
  CHECK_THAT(by_token.body, Contains(R"("operatorName":"minh")"));
  const auto by_key = scene.Ask(kGetStatus, {.certificate = tests::OneStopCertificate()});
  CHECK(by_key.status == 200);
  CHECK_THAT(by_key.body, Contains(R"("operatorName":"lan")"));
  const auto by_both = scene.Ask(
      kGetStatus, {.token = scene.Token("lan-1"), .certificate = tests::OneStopCertificate()});
  CHECK_THAT(by_both.body, Contains(R"("operatorName":"lan")"));
  CHECK(scene.refused.causes.empty());
}

TEST_CASE("whoever does not sign in is told how, or why not") {
  ConnectScene scene;
  const std::string certificate = tests::OneStopCertificate();
  struct Case {
    const char* name;
    ConnectScene::Asked asked;
    const char* said;
  };
  const Case cases[] = {
      {"nobody", {}, "SIGN_IN_REQUIRED"},
      {"a token of somebody who is not listed",
       {.token = scene.Token("hoa-1")},
       "OPERATOR_UNKNOWN"},
      {"a token that is none", {.token = "abc"}, "SIGN_IN_REFUSED"},
      {"another scheme", {.headers = {{"authorization", "Basic bGFuOng="}}}, "SIGN_IN_REFUSED"},
      {"two tokens",
       {.token = scene.Token("lan-1"), .headers = {{"authorization", "Bearer x"}}},
       "more than one Authorization"},
      {"a certificate that is not listed",
       {.certificate = tests::InsurerCertificate()},
       "OPERATOR_UNKNOWN"},
      {"certificate and token of two operators",
       {.token = scene.Token("minh-1"), .certificate = certificate},
       "of two operators"},
      {"a listed certificate and a token that does not count",
       {.token = "a.b.c", .certificate = certificate},
       "SIGN_IN_REFUSED"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const auto response = scene.Ask(kGetStatus, c.asked);
    CHECK((response.status == 401 || response.status == 403));
    CHECK_THAT(response.body, Contains(c.said));
  }
  CHECK(scene.refused.causes == std::vector<std::string>(std::size(cases), "sign_in"));
  CHECK(scene.fixture.journal().size() == 0);
}

TEST_CASE("a certificate counts between its dates") {
  ConnectScene scene;
  const ConnectScene::Asked asked{.certificate = tests::OneStopCertificate()};
  scene.fixture.clock().Jump(-kToCertificates);
  const auto early = scene.Ask(kGetStatus, asked);
  CHECK(early.status == 401);
  CHECK_THAT(early.body, Contains("CERTIFICATE_NOT_YET_VALID"));
  scene.fixture.clock().Jump(kToCertificates + absl::Hours(24 * 366 * 101));
  const auto late = scene.Ask(kGetStatus, asked);
  CHECK(late.status == 401);
  CHECK_THAT(late.body, Contains("CERTIFICATE_EXPIRED"));
}

TEST_CASE("rights are those of the operator's roles, and refusals are logged") {
  ConnectScene scene;
  const auto response = scene.Ask(kPropose, {.token = scene.Token("minh-1"), .body = Widening()});
  CHECK(response.status == 403);
  CHECK_THAT(response.body, Contains("OPERATOR_ROLE_MISSING") && Contains("policy_editor"));
  CHECK(scene.fixture.log().CountOf(telemetry::LogEvent::kOperatorRefused) == 1);
}

TEST_CASE("whoever proposes does not approve, under no name") {
  ConnectScene scene;
  // The same machine's certificate, which nobody lists, beside the tokens of both names.
  const std::string shared = tests::InsurerCertificate();
  const auto proposed = scene.Ask(
      kPropose, {.token = scene.Token("lan-1"), .certificate = shared, .body = Widening()});
  INFO(proposed.body);
  REQUIRE(proposed.status == 200);
  const std::string approval =
      absl::StrCat(R"({"number":")", FieldOf(proposed.body, "proposal"), R"(","planSha256":")",
                   FieldOf(proposed.body, "planSha256"), R"("})");
  const auto own = scene.Ask(kApprove, {.token = scene.Token("lan-1"), .body = approval});
  CHECK(own.status == 403);
  CHECK_THAT(own.body, Contains("PROPOSAL_SAME_PERSON"));
  const auto second = scene.Ask(
      kApprove, {.token = scene.Token("minh-1"), .certificate = shared, .body = approval});
  CHECK(second.status == 403);
  CHECK_THAT(second.body, Contains("PROPOSAL_SAME_PERSON") && Contains("minh (= lan)"));
}

TEST_CASE("a second person approves") {
  ConnectScene scene;
  const auto proposed = scene.Ask(kPropose, {.token = scene.Token("lan-1"), .body = Widening()});
  REQUIRE(proposed.status == 200);
  const auto approved = scene.Ask(
      kApprove,
      {.token = scene.Token("minh-1"),
       .body = absl::StrCat(R"({"number":")", FieldOf(proposed.body, "proposal"),
                            R"(","planSha256":")", FieldOf(proposed.body, "planSha256"), R"("})")});
  INFO(approved.body);
  CHECK(approved.status == 200);
  CHECK(scene.fixture.journal().Leaf(scene.fixture.journal().size() - 1)->leaf.operator_name() ==
        "minh");
}

TEST_CASE("nothing is served without TLS, nor what there is not, nor streams") {
  ConnectScene scene;
  const std::string token = scene.Token("lan-1");
  const auto plain = scene.Ask(kGetStatus, {.token = token, .tls = false});
  CHECK(plain.status == 501);
  CHECK_THAT(plain.body, Contains("operator_api.http_tls"));
  CHECK(scene.Ask("/ndx.console.v1.OperatorService/Nothing", {.token = token}).status == 501);
  CHECK(scene.Ask("/ndx.console.v1.OperatorService", {.token = token}).status == 501);
  const auto stream = scene.Ask("/ndx.console.v1.OperatorService/TailExchanges", {.token = token});
  CHECK(stream.status == 501);
  CHECK_THAT(stream.body, Contains("socket"));
  const auto garbage = scene.Ask(kGetStatus, {.token = token, .body = "{\"x\":1}"});
  CHECK(garbage.status == 400);
  http::HttpRequest page{.method = "GET", .path = "/metrics"};
  CHECK(scene.Serve(page).body == "page /metrics");
}

TEST_CASE("a call that takes longer than its caller waits is ended") {
  ConnectScene scene;
  scene.fixture.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_IN_DOUBT, 1));
  // Nobody ever answers.
  std::vector<NodeControl::ResolveCallback> kept;
  scene.fixture.control().resolve_later = [&](NodeControl::ResolveCallback done) {
    kept.push_back(std::move(done));
  };
  const auto late =
      scene.Ask("/ndx.console.v1.OperatorService/ResolveExchange",
                {.token = scene.Token("lan-1"),
                 .body = absl::StrCat(R"({"exchangeId":")", tests::ExchangeIdText(1), R"("})"),
                 .headers = {{"connect-timeout-ms", "0"}}});
  CHECK(late.status == 504);
  CHECK_THAT(late.body, Contains("deadline_exceeded"));
}

TEST_CASE("a stopped node says so, and serves the other pages on") {
  ConnectScene scene;
  const std::string token = scene.Token("lan-1");
  scene.server->Stop();
  const auto response = scene.Ask(kGetStatus, {.token = token});
  CHECK(response.status == 503);
  CHECK(scene.Serve({.method = "GET", .path = "/livez"}).body == "page /livez");
}

}  // namespace
}  // namespace ndx::console

#include "ndx/http/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "ndx/http/http_server.h"
#include "ndx/tests/support/test_pki.h"

namespace ndx::http {
namespace {

// Says what it was asked, or so many bytes, or has a header of so many.
class ClientEchoSite final : public HttpSite {
 public:
  HttpResponse Answer(const HttpRequest& request) override {
    if (request.path == "/bytes") return {.body = std::string(std::stoul(request.query), 'x')};
    if (request.path == "/header") {
      return {.headers = {{"x-long", std::string(std::stoul(request.query), 'x')}}};
    }
    HttpResponse response{.status = 409, .content_type = "text/x.test"};
    for (const auto& [name, value] : request.headers) {
      if (name == "content-type" || name == "accept") response.body += value + " ";
    }
    response.body += request.method + " " + request.path + " " + request.body;
    return response;
  }
};

class Served {
 public:
  explicit Served(std::optional<HttpServerTls> tls = std::nullopt)
      : server_(HttpServer::Start({.tls = std::move(tls)}, site_).value()) {}
  std::string Url(absl::string_view path, absl::string_view scheme = "http",
                  absl::string_view host = "127.0.0.1") const {
    return absl::StrCat(scheme, "://", host, ":", server_->port(), path);
  }

 private:
  ClientEchoSite site_;
  std::unique_ptr<HttpServer> server_;
};

// A port that takes connections and never answers.
class SilentPort {
 public:
  SilentPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(listen(socket_, 8) == 0);
    socklen_t size = sizeof(address);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentPort() { close(socket_); }
  int AcceptAndKeep() { return accept(socket_, nullptr, nullptr); }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/"); }

 private:
  int socket_;
  uint16_t port_ = 0;
};

TEST_CASE("a request arrives whole, and an answer of any status is an answer") {
  const Served served;
  HttpClient client({});
  for (int i = 0; i < 2; ++i) {
    const auto response = client.Post({.url = served.Url("/p"),
                                       .content_type = "text/plain",
                                       .accept = "text/x.test",
                                       .body = "body"});
    REQUIRE(response.ok());
    CHECK(response->status == 409);
    CHECK(response->content_type == "text/x.test");
    CHECK(response->body.find("POST /p body") != std::string::npos);
    CHECK(response->body.find("text/plain") != std::string::npos);
  }
}

TEST_CASE("an answer may have as many bytes as the limit, and not one more") {
  const Served served;
  HttpClient client({.body_bytes_max = 1000});
  CHECK(client.Post({.url = served.Url("/bytes?1000")})->body.size() == 1000);
  CHECK(client.Post({.url = served.Url("/bytes?1001")}).status().code() ==
        absl::StatusCode::kResourceExhausted);
}

TEST_CASE("an answer's headers have a limit of their own") {
  const Served served;
  HttpClient client({.header_bytes_max = 2000});
  const auto answer = client.Post({.url = served.Url("/header?1000")});
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(std::count(answer->headers.begin(), answer->headers.end(),
                   std::pair<std::string, std::string>("x-long", std::string(1000, 'x'))) == 1);
  CHECK(client.Post({.url = served.Url("/header?2000")}).status().code() ==
        absl::StatusCode::kResourceExhausted);
}

TEST_CASE("a GET has no body and says what it takes") {
  const Served served;
  HttpClient client({});
  const auto answer = client.Get(served.Url("/keys"), "application/json");
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(answer->status == 409);
  CHECK(answer->body.find("GET /keys") != std::string::npos);
  client.Stop();
  CHECK(client.Get(served.Url("/keys"), "application/json").status().code() ==
        absl::StatusCode::kCancelled);
}

TEST_CASE("TLS checks the chain and the name") {
  const tests::TestPki pki;
  const Served served(HttpServerTls{.certificate_file = pki.Server().certificate_chain,
                                    .key_file = pki.Server().private_key});
  HttpClient trusting({.ca_file = pki.Server().peer_ca});
  const auto response = trusting.Post({.url = served.Url("/p", "https", "localhost"), .body = "b"});
  INFO(response.status());
  REQUIRE(response.ok());
  CHECK(response->body.find("POST /p b") != std::string::npos);
  CHECK(trusting.Post({.url = served.Url("/p", "https")}).ok());  // by address
  CHECK(trusting.Post({.url = served.Url("/p", "https", "127.0.0.2")}).status().code() ==
        absl::StatusCode::kUnavailable);
  HttpClient stranger({});
  CHECK(stranger.Post({.url = served.Url("/p", "https")}).status().code() ==
        absl::StatusCode::kUnavailable);
  HttpClient plain({});
  CHECK_FALSE(plain.Post({.url = served.Url("/p", "http")}).ok());
  const Served expired(HttpServerTls{.certificate_file = pki.ExpiredServer().certificate_chain,
                                     .key_file = pki.ExpiredServer().private_key});
  CHECK_FALSE(trusting.Post({.url = expired.Url("/p", "https")}).ok());
}

TEST_CASE(
    "another certificate is shown to new connections; one that cannot be used changes nothing") {
  const tests::TestPki pki;
  ClientEchoSite site;
  const HttpServerTls good{.certificate_file = pki.Server().certificate_chain,
                           .key_file = pki.Server().private_key};
  const HttpServerTls expired{.certificate_file = pki.ExpiredServer().certificate_chain,
                              .key_file = pki.ExpiredServer().private_key};
  const auto server = HttpServer::Start({.tls = good}, site);
  REQUIRE(server.ok());
  HttpClient client({.ca_file = pki.Server().peer_ca});
  const auto asks = [&] {
    return client.Post({.url = absl::StrCat("https://localhost:", (*server)->port(), "/p")}).ok();
  };
  CHECK(asks());
  REQUIRE((*server)->UpdateTls(expired).ok());
  CHECK_FALSE(asks());
  REQUIRE((*server)->UpdateTls(good).ok());
  CHECK(asks());
  CHECK(absl::IsInvalidArgument((*server)->UpdateTls(
      {.certificate_file = good.certificate_file, .key_file = expired.key_file})));
  CHECK(asks());
  const auto plain = HttpServer::Start({}, site);
  CHECK(absl::IsFailedPrecondition((*plain)->UpdateTls(good)));
}

TEST_CASE("a certificate that cannot be used ends the start with its name") {
  ClientEchoSite site;
  const auto server = HttpServer::Start(
      {.tls = HttpServerTls{.certificate_file = "missing.crt", .key_file = "missing.key"}}, site);
  REQUIRE_FALSE(server.ok());
  CHECK(std::string(server.status().message()).find("missing.crt") != std::string::npos);
}

TEST_CASE("who does not answer is given up after the time allowed") {
  SilentPort port;
  HttpClient client({.timeout = absl::Milliseconds(50)});
  const auto response = client.Post({.url = port.url()});
  INFO(response.status());
  CHECK(response.status().code() == absl::StatusCode::kDeadlineExceeded);
}

TEST_CASE("nobody there is unavailable, and a bad address is the caller's fault") {
  std::string url;
  { url = SilentPort().url(); }
  HttpClient client({});
  CHECK(client.Post({.url = url}).status().code() == absl::StatusCode::kUnavailable);
  CHECK(client.Post({.url = "nowhere"}).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a stop ends the call under way and every later one") {
  SilentPort port;
  HttpClient client({.timeout = absl::Seconds(60)});
  absl::Status status;
  std::thread caller([&] { status = client.Post({.url = port.url()}).status(); });
  const int connection = port.AcceptAndKeep();
  client.Stop();
  caller.join();
  close(connection);
  CHECK(status.code() == absl::StatusCode::kCancelled);
  CHECK(client.Post({.url = port.url()}).status().code() == absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ndx::http

#include "ndx/http/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "ndx/core/mutex.h"
#include "ndx/tests/support/test_pki.h"

namespace ndx::http {
namespace {

using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

// Says what it was asked.
class ServerEchoSite final : public HttpSite {
 public:
  HttpResponse Answer(const HttpRequest& request) override {
    std::string said = request.method + " " + request.path + " " + request.query + " " +
                       std::to_string(request.body.size());
    for (const auto& [name, value] : request.headers) {
      if (name == "x-note") said += " " + value;
    }
    if (request.path == "/large") said.assign(size_t{8} << 20, 'x');
    return {.status = 200, .body = said, .headers = {{"X-Site", "echo"}}};
  }
};

// A client that says what it likes, byte by byte.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    const timeval limit{.tv_sec = 20, .tv_usec = 0};  // a failing test ends, and says so
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~RawClient() { close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(const std::string& bytes) {
    // The server may have closed already; what it answered is what the test looks at.
    (void)send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  std::string ReceiveUntil(const std::string& end) {
    std::string got;
    char buffer[4096];
    while (end.empty() || got.find(end) == std::string::npos) {
      const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
      if (size <= 0) break;
      got.append(buffer, static_cast<size_t>(size));
    }
    return got;
  }
  std::string ReceiveAll() { return ReceiveUntil(""); }

 private:
  int socket_;
};

// What the server says of peers that it refuses; read once the server has stopped.
class RefusedPeers final : public HttpServerObserver {
 public:
  void OnRefused(absl::string_view address, absl::string_view cause) override {
    CHECK_THAT(std::string(address), StartsWith("127.0.0.1:"));
    causes.emplace_back(cause);
  }
  std::vector<std::string> causes;
};

std::string Ask(uint16_t port, const std::string& bytes) {
  RawClient client(port);
  client.Send(bytes);
  return client.ReceiveAll();
}

std::unique_ptr<HttpServer> Serve(HttpSite& site, HttpServerOptions options = {}) {
  auto server = HttpServer::Start(options, site);
  REQUIRE(server.ok());
  REQUIRE((*server)->port() != 0);
  return *std::move(server);
}

TEST_CASE("a request reaches the site whole and the answer comes back whole") {
  ServerEchoSite site;
  const auto server = Serve(site);
  const std::string answer = Ask(server->port(),
                                 "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nX-Note: hello\r\n"
                                 "Connection: close\r\nContent-Length: 3\r\n\r\nabc");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_THAT(answer, Contains("X-Site: echo\r\n") && Contains("Cache-Control: no-store\r\n"));
  CHECK_THAT(answer, EndsWith("\r\n\r\nPOST /a/b c=d 3 hello"));
}

TEST_CASE("HEAD has the length and not the body") {
  ServerEchoSite site;
  const auto server = Serve(site);
  const std::string answer =
      Ask(server->port(), "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK_THAT(answer, Contains("Content-Length: 10\r\n") && EndsWith("\r\n\r\n"));
}

TEST_CASE("a connection serves as many requests as it may, and the last answer says so") {
  ServerEchoSite site;
  const auto server = Serve(site, {.requests_per_connection_max = 2});
  RawClient client(server->port());
  client.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string first = client.ReceiveUntil("GET /1  0");
  CHECK(first.find("Connection: close") == std::string::npos);
  client.Send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string second = client.ReceiveAll();
  CHECK_THAT(second, Contains("Connection: close\r\n") && EndsWith("GET /2  0"));
}

TEST_CASE("headers and bodies are taken up to their limits and refused one past them") {
  ServerEchoSite site;
  const std::string headers = "Connection: close\r\nX-Note: ";
  const auto server = Serve(site, {.header_bytes_max = 256, .body_bytes_max = 4});
  const auto with_note = [&](size_t bytes) {
    return Ask(server->port(),
               "GET / HTTP/1.1\r\n" + headers + std::string(bytes, 'n') + "\r\n\r\n");
  };
  const size_t fits = 256 - headers.size() - 4;
  CHECK_THAT(with_note(fits), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(with_note(fits + 1), StartsWith("HTTP/1.1 431"));
  const std::string post = "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: ";
  CHECK_THAT(Ask(server->port(), post + "4\r\n\r\nabcd"), StartsWith("HTTP/1.1 200"));
  CHECK_THAT(Ask(server->port(), post + "5\r\n\r\nabcde"), StartsWith("HTTP/1.1 413"));
}

TEST_CASE("what is no HTTP is answered 400 and closed") {
  ServerEchoSite site;
  const auto server = Serve(site);
  CHECK_THAT(Ask(server->port(), "hello\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  CHECK_THAT(Ask(server->port(), "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
             StartsWith("HTTP/1.1 400"));
}

TEST_CASE("a peer that sends half a request and stops is closed after the time it has") {
  ServerEchoSite site;
  const auto server = Serve(site, {.request_timeout = absl::Milliseconds(50)});
  CHECK(Ask(server->port(), "GET / HTTP/1.1\r\nHo").empty());
  CHECK(Ask(server->port(), "").empty());
}

TEST_CASE("one connection past the limit is closed at once, and the others are served on") {
  ServerEchoSite site;
  const auto server = Serve(site, {.connections_max = 2});
  RawClient first(server->port());
  RawClient second(server->port());
  first.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(first.ReceiveUntil("GET /1"), Contains("200 OK"));
  second.Send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(second.ReceiveUntil("GET /2"), Contains("200 OK"));
  CHECK(Ask(server->port(), "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n").empty());
  first.Send("GET /4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK_THAT(first.ReceiveAll(), EndsWith("GET /4  0"));
}

TEST_CASE("a peer that does not take its answer is closed after the time it has") {
  ServerEchoSite site;
  const auto server = Serve(site, {.answer_timeout = absl::Milliseconds(50)});
  RawClient client(server->port());
  client.Send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  server->Stop();  // returns only when the connection is gone
  CHECK(client.ReceiveAll().size() < size_t{8} << 20);
}

TEST_CASE("the observer is told of every peer that is refused, and of no other") {
  ServerEchoSite site;
  RefusedPeers refused;
  const auto server = Serve(site, {.header_bytes_max = 256,
                                   .body_bytes_max = 4,
                                   .connections_max = 1,
                                   .request_timeout = absl::Milliseconds(50),
                                   .observer = &refused});
  Ask(server->port(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  Ask(server->port(), "GET / HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n");
  Ask(server->port(), "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde");
  Ask(server->port(), "hello\r\n\r\n");
  Ask(server->port(), "GET / HTTP/1.1\r\nHo");
  {
    RawClient first(server->port());
    first.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    first.ReceiveUntil("GET /");
    Ask(server->port(), "GET / HTTP/1.1\r\n\r\n");
    CHECK(first.ReceiveAll().empty());  // idle for too long, which is no fault
  }
  server->Stop();
  CHECK(refused.causes == std::vector<std::string>{"headers_too_large", "body_too_large",
                                                   "malformed", "too_slow",
                                                   "too_many_connections"});
}

TEST_CASE("stopping closes idle connections and lets nobody in") {
  ServerEchoSite site;
  const auto server = Serve(site);
  RawClient idle(server->port());
  idle.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(idle.ReceiveUntil("GET /1"), Contains("200 OK"));
  server->Stop();
  server->Stop();
  CHECK(idle.ReceiveAll().empty());
}

TEST_CASE("only loopback is served, the port must be free, and limits must be above zero") {
  ServerEchoSite site;
  CHECK(HttpServer::Start({.address = "0.0.0.0"}, site).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(HttpServer::Start({.address = "localhost"}, site).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(HttpServer::Start({.connections_max = 0}, site).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(HttpServer::Start({.address = "::1"}, site).ok());
  const auto server = Serve(site);
  CHECK(HttpServer::Start({.port = server->port()}, site).status().code() ==
        absl::StatusCode::kUnavailable);
}

// Answers when told to.
class PatientSite final : public WaitingHttpSite {
 public:
  void Serve(const HttpRequest& request, HttpRespond respond) override {
    const core::MutexLock lock(mutex_);
    peer_ = request.peer;
    waiting_.push_back(std::move(respond));
    changed_.NotifyAll();
  }
  // The next request's way back.
  HttpRespond Take() {
    const core::MutexLock lock(mutex_);
    while (waiting_.empty()) changed_.Wait(mutex_);
    HttpRespond respond = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    return respond;
  }
  HttpPeer peer() {
    const core::MutexLock lock(mutex_);
    return peer_;
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  std::vector<HttpRespond> waiting_ ABSL_GUARDED_BY(mutex_);
  HttpPeer peer_ ABSL_GUARDED_BY(mutex_);
};

TEST_CASE("an answer may come later and from another thread, while others are served") {
  PatientSite site;
  const auto server = HttpServer::Start({}, site);
  REQUIRE(server.ok());
  RawClient first((*server)->port());
  RawClient second((*server)->port());
  first.Send("GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  HttpRespond to_first = site.Take();
  second.Send("GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  HttpRespond to_second = site.Take();
  to_second({.status = 499, .body = "second"});
  CHECK_THAT(second.ReceiveAll(), StartsWith("HTTP/1.1 499 ") && EndsWith("second"));
  to_first({.body = "first"});
  CHECK_THAT(first.ReceiveAll(), EndsWith("first"));
  CHECK_FALSE(site.peer().tls);
  CHECK(site.peer().certificate_der.empty());
  CHECK_THAT(site.peer().address, StartsWith("127.0.0.1:"));
}

TEST_CASE("a server that stops does not wait for answers, and they may come after it has gone") {
  PatientSite site;
  auto server = HttpServer::Start({}, site);
  REQUIRE(server.ok());
  RawClient client((*server)->port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpRespond late = site.Take();
  (*server)->Stop();
  CHECK(client.ReceiveAll().empty());
  server->reset();
  late({.body = "too late"});
}

// What curl says of a request with this client certificate, and its exit code.
std::pair<int, std::string> CurlWith(const tests::TestPki& pki, uint16_t port,
                                     const std::string& certificate) {
  const std::string shown = certificate.empty() ? ""
                                                : " --cert " + pki.File(certificate + ".pem") +
                                                      " --key " + pki.File(certificate + ".key");
  const std::string command = "curl -s --max-time 20 --cacert " + pki.File("ca.pem") + shown +
                              " https://localhost:" + std::to_string(port) + "/who";
  FILE* const out = popen(command.c_str(), "r");
  REQUIRE(out != nullptr);
  char buffer[4096];
  const size_t size = fread(buffer, 1, sizeof(buffer), out);
  return {pclose(out), std::string(buffer, size)};
}

// Says how long the client's certificate is.
class WhoSite final : public HttpSite {
 public:
  HttpResponse Answer(const HttpRequest& request) override {
    return {.body = request.peer.certificate_der.empty() ? "nobody" : "somebody"};
  }
};

TEST_CASE("clients show a certificate or none; one of another authority ends the handshake") {
  const tests::TestPki pki;
  WhoSite site;
  const HttpServerTls tls{.certificate_file = pki.Server().certificate_chain,
                          .key_file = pki.Server().private_key,
                          .client_ca_file = pki.File("ca.pem")};
  const auto server = HttpServer::Start({.tls = tls}, site);
  INFO(server.status());
  REQUIRE(server.ok());
  using Said = std::pair<int, std::string>;
  CHECK(CurlWith(pki, (*server)->port(), "") == Said(0, "nobody"));
  CHECK(CurlWith(pki, (*server)->port(), "client") == Said(0, "somebody"));
  // Whose dates are over is the site's to say.
  CHECK(CurlWith(pki, (*server)->port(), "expired") == Said(0, "somebody"));
  CHECK(CurlWith(pki, (*server)->port(), "future") == Said(0, "somebody"));
  CHECK(CurlWith(pki, (*server)->port(), "foreign").first != 0);
  HttpServerTls missing = tls;
  missing.client_ca_file = pki.File("nothing.pem");
  CHECK_THAT(std::string(HttpServer::Start({.tls = missing}, site).status().message()),
             Contains("nothing.pem"));
}

}  // namespace
}  // namespace ndx::http

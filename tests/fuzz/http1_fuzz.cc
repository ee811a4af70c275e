// HTTP/1.1 both ways: a request to the server of pages and witnesses, and an answer to the client
// of witnesses and time-stamp authorities. The server answers or closes and goes on; the client
// returns an answer within its limits or an error. And addresses as settings write them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "fuzz_check.h"
#include "ndx/http/http_client.h"
#include "ndx/http/http_server.h"
#include "ndx/http/url.h"

namespace {

constexpr size_t kBodyBytesMax = 2048;

class Mirror final : public ndx::http::HttpSite {
 public:
  ndx::http::HttpResponse Answer(const ndx::http::HttpRequest& request) override {
    FUZZ_CHECK(request.body.size() <= kBodyBytesMax);
    return {.body = request.body};
  }
};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

struct Target {
  Target() {
    ndx::http::HttpServerOptions options;
    options.body_bytes_max = kBodyBytesMax;
    options.header_bytes_max = 1024;
    server = *ndx::http::HttpServer::Start(options, site);
    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    FUZZ_CHECK(bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    FUZZ_CHECK(listen(listening, 8) == 0);
    socklen_t length = sizeof(address);
    getsockname(listening, reinterpret_cast<sockaddr*>(&address), &length);
    url = absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port), "/x");
  }

  Mirror site;
  std::unique_ptr<ndx::http::HttpServer> server;
  int listening = -1;
  std::string url;
  ndx::http::HttpClient client{{.header_bytes_max = 1024, .body_bytes_max = kBodyBytesMax}};
};

// Ends with a reset, so that no port waits for stray segments.
void CloseAtOnce(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

void AskServer(Target& target, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target.server->port());
  FUZZ_CHECK(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  shutdown(fd, SHUT_WR);
  char answer[4096];
  while (recv(fd, answer, sizeof(answer), 0) > 0) {
  }
  CloseAtOnce(fd);
}

void AnswerClient(Target& target, const std::string& bytes) {
  std::thread server([&] {
    const int fd = accept(target.listening, nullptr, nullptr);
    char request[4096];
    recv(fd, request, sizeof(request), 0);
    send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (recv(fd, request, sizeof(request), 0) > 0) {
    }
    close(fd);
  });
  const auto answer = target.client.Post({.url = target.url, .content_type = "t/t", .body = "b"});
  FUZZ_CHECK(!answer.ok() || answer->body.size() <= kBodyBytesMax);
  server.join();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const target = new Target;  // for the life of the process
  constexpr size_t kInputBytesMax = 8 << 10;
  const std::string bytes(reinterpret_cast<const char*>(data), std::min(size, kInputBytesMax));
  if (const auto url = ndx::http::ParseUrl(bytes); url.ok()) {
    FUZZ_CHECK(!url->host.empty() && !url->path.empty() && url->path.front() == '/');
    const std::string again =
        absl::StrCat(url->tls ? "https" : "http", "://", url->authority(), url->path);
    FUZZ_CHECK(ndx::http::ParseUrl(again).ok());
  }
  AskServer(*target, bytes);
  AnswerClient(*target, bytes);
  return 0;
}

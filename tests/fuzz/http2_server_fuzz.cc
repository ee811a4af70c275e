// A server's connection fed with bytes: the preface and SETTINGS, then whatever the input says. A
// real server on a UNIX socket, on a clock that stands still. When the connection is over nothing
// of it may be left, and the server serves the next one.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "fuzz_check.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/server.h"

namespace {

using ndx::transport::CancelCause;
using ndx::transport::Message;

// Echoes a unary request; leaves every other call until its caller is gone.
class Echo final : public ndx::transport::ServerCallObserver {
 public:
  explicit Echo(ndx::transport::ServerCall& call) : call_(call) { call.ExpectOneMessage(); }

  void OnMessage(Message message) override {
    call_.ReleaseReceived(message->size());
    call_.SendMessage(std::move(message));
  }
  void OnRequestEnd() override { call_.Finish({}); }
  void OnRequestMalformed(absl::Status status) override {
    call_.Finish(ndx::transport::ToGrpcStatus(status));
  }
  void OnCancelled(CancelCause) override { call_.Finish({}); }

 private:
  ndx::transport::ServerCall& call_;
};

class EchoService final : public ndx::transport::ServerService {
 public:
  std::unique_ptr<ndx::transport::ServerCallObserver> OnCall(
      ndx::transport::ServerCall& call) override {
    return std::make_unique<Echo>(call);
  }
};

struct Target {
  Target() {
    loops.Start();
    ndx::transport::ServerOptions options;
    options.listen = {{.address = "unix:" + path}};
    options.limits.message_bytes_max = 1 << 16;
    server = std::make_unique<ndx::transport::Server>(loops, random, options, service, observer);
    FUZZ_CHECK(server->Start().ok());
  }

  int Connect() const {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    FUZZ_CHECK(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    return fd;
  }

  const ndx::tests::TempDir dir;
  const std::string path = dir.File("socket");
  ndx::tests::FakeClock clock;
  ndx::tests::FakeRandom random;
  ndx::transport::EventLoopGroup loops{clock, 1, "server"};
  EchoService service;
  ndx::transport::ServerObserver observer;
  std::unique_ptr<ndx::transport::Server> server;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const target = new Target;      // for the life of the process
  constexpr size_t kInputBytesMax = 64 << 10;  // what a socket takes without being read
  std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9);
  bytes.append(reinterpret_cast<const char*>(data), std::min(size, kInputBytesMax));
  const int fd = target->Connect();
  send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);  // it may be cut off before the end
  shutdown(fd, SHUT_WR);
  char answer[4096];
  while (recv(fd, answer, sizeof(answer), 0) > 0) {
  }
  close(fd);
  for (int round = 0; round < 2; ++round) target->loops.loop(0).RunAndWait([] {});
  FUZZ_CHECK(target->server->connections() == 0);
  FUZZ_CHECK(target->server->calls() == 0);
  FUZZ_CHECK(target->server->buffered_bytes() == 0);
  return 0;
}

// A channel whose server answers a call with the input's bytes. The call ends, once, and what is
// delivered of the answer keeps the limits.
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
#include "ndx/tests/support/notification.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/transport/channel.h"
#include "ndx/transport/event_loop_group.h"

namespace {

constexpr size_t kMessageBytesMax = 1 << 16;

struct Ended final : ndx::transport::ClientCallObserver {
  void OnMessage(ndx::transport::Message message) override {
    FUZZ_CHECK(ends == 0);
    FUZZ_CHECK(message->size() <= kMessageBytesMax);
  }
  void OnEnd(ndx::transport::CallEnd) override {
    ++ends;
    done.Notify();
  }
  int ends = 0;
  ndx::tests::Notification done;
};

// Reads what the channel sends until the head of its call has come; false at the end.
bool AwaitCall(int fd) {
  constexpr size_t kPrefaceBytes = 24, kFrameHeadBytes = 9;
  constexpr char kHeaders = 1;
  std::string seen;
  char piece[4096];
  for (size_t at = kPrefaceBytes;;) {
    while (seen.size() < at + kFrameHeadBytes) {
      const ssize_t got = recv(fd, piece, sizeof(piece), 0);
      if (got <= 0) return false;
      seen.append(piece, static_cast<size_t>(got));
    }
    if (seen[at + 3] == kHeaders) return true;
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(seen[at + i]); };
    at += kFrameHeadBytes + (size_t{byte(0)} << 16 | size_t{byte(1)} << 8 | byte(2));
  }
}

struct Target {
  Target() {
    loops.Start();
    listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    FUZZ_CHECK(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    FUZZ_CHECK(listen(listening, 8) == 0);
  }

  const ndx::tests::TempDir dir;
  const std::string path = dir.File("socket");
  int listening = -1;
  ndx::tests::FakeClock clock;
  ndx::tests::FakeRandom random;
  ndx::transport::EventLoopGroup loops{clock, 1, "client"};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const target = new Target;  // for the life of the process
  constexpr size_t kInputBytesMax = 64 << 10;
  ndx::transport::EventLoop& loop = target->loops.loop(0);
  ndx::transport::ChannelOptions options;
  options.address = "unix:" + target->path;
  options.limits.message_bytes_max = kMessageBytesMax;
  Ended ended;
  std::unique_ptr<ndx::transport::Channel> channel;
  std::unique_ptr<ndx::transport::ClientCall> call;
  loop.RunAndWait([&] {
    channel = *ndx::transport::Channel::Create(loop, target->random, options);
    call = channel->Start({.path = "/t.T/M", .expect_one_message = true}, &ended);
    call->HalfClose();
  });
  const int fd = accept(target->listening, nullptr, nullptr);
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  send(fd, settings.data(), settings.size(), MSG_NOSIGNAL);
  FUZZ_CHECK(AwaitCall(fd));
  send(fd, data, std::min(size, kInputBytesMax), MSG_NOSIGNAL);
  shutdown(fd, SHUT_WR);
  ended.done.WaitForNotification();
  loop.RunAndWait([&] {
    call.reset();
    channel.reset();
  });
  close(fd);
  FUZZ_CHECK(ended.ends == 1);
  return 0;
}

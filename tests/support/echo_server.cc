// A provider of ndx.loadgen.v1.EchoService, or of any unary method whose answer is its request: as
// cheap as src/transport makes it, so that what is measured in front of it is not this.
//
//   echo_server ADDRESS [--tls DIR/NAME] [--loops N] [--delay MS] [--wrong-every N]
//               [--stall-at N --stall MS]
//
// Prints "ready <address>" when it listens, and "served <calls>" when SIGTERM has stopped it.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/transport/server.h"

namespace ndx::tests {
namespace {

struct EchoOptions {
  std::string address;
  std::string tls;
  size_t loops = 1;
  uint32_t delay_ms = 0;     // of every answer
  uint64_t wrong_every = 0;  // every so many answers have a byte changed
  uint64_t stall_at = 0;     // from this call on nothing is answered …
  uint32_t stall_ms = 0;     // … for so long
};

class EchoService final : public transport::ServerService {
 public:
  explicit EchoService(const EchoOptions& options) : options_(options) {}

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override {
    call.ExpectOneMessage();
    return std::make_unique<EchoCall>(*this, call);
  }

  uint64_t served() const { return calls_.load(std::memory_order_relaxed); }

 private:
  class EchoCall final : public transport::ServerCallObserver {
   public:
    EchoCall(EchoService& service, transport::ServerCall& call) : service_(service), call_(call) {}

    void OnMessage(transport::Message message) override {
      call_.ReleaseReceived(message->size());
      message_ = std::move(message);
    }
    void OnRequestEnd() override {
      const uint64_t number = service_.calls_.fetch_add(1, std::memory_order_relaxed) + 1;
      const uint64_t wrong_every = service_.options_.wrong_every;
      if (wrong_every > 0 && number % wrong_every == 0) message_ = Changed(*message_);
      const int64_t at = service_.AnswerAt(number, call_.loop().NowNanos());
      if (at == 0) return Answer();
      timer_ = call_.loop().RunAt(at, [this] { Answer(); });
    }
    void OnRequestMalformed(absl::Status status) override {
      call_.Finish(transport::ToGrpcStatus(status));
    }
    void OnCancelled(transport::CancelCause) override {
      cancelled_ = true;
      call_.loop().Cancel(timer_);
      Answer();
    }

   private:
    void Answer() {
      if (std::exchange(finished_, true)) return;
      if (!cancelled_) call_.SendMessage(std::move(message_));
      call_.Finish({});
    }
    static transport::Message Changed(std::string body) {
      if (body.empty()) return transport::MakeMessage("wrong");
      body.back() = static_cast<char>(~body.back());
      return transport::MakeMessage(std::move(body));
    }

    EchoService& service_;
    transport::ServerCall& call_;
    transport::Message message_;
    transport::EventLoop::TimerId timer_;
    bool cancelled_ = false;
    bool finished_ = false;
  };

  // When the call with this number, counted from 1, is to be answered; 0: now.
  int64_t AnswerAt(uint64_t number, int64_t now_nanos) {
    constexpr int64_t kNanosPerMilli = 1'000'000;
    if (number == options_.stall_at)
      stalled_until_ = now_nanos + options_.stall_ms * kNanosPerMilli;
    int64_t at = stalled_until_.load() > now_nanos ? stalled_until_.load() : 0;
    if (options_.delay_ms > 0) at = std::max(at, now_nanos + options_.delay_ms * kNanosPerMilli);
    return at;
  }

  const EchoOptions options_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<int64_t> stalled_until_{0};
};

transport::ServerOptions ServerOptionsOf(const EchoOptions& options) {
  transport::ServerOptions server;
  transport::ListenAddress listen{.address = options.address};
  if (!options.tls.empty()) {
    const std::string directory = options.tls.substr(0, options.tls.rfind('/') + 1);
    listen.tls = transport::TlsFiles{options.tls + ".crt", options.tls + ".key",
                                     absl::StrCat(directory, "ca.crt")};
  }
  server.listen = {std::move(listen)};
  // Whoever measures through it is no attacker.
  server.limits.concurrent_streams_max = 10'000;
  server.limits.message_bytes_max = core::kMessageBytesMax;
  server.limits.connection_buffer_bytes_max = size_t{1} << 30;
  server.limits.server_buffer_bytes_max = size_t{4} << 30;
  server.limits.pings = server.limits.settings = server.limits.resets =
      server.limits.empty_frames = {.burst = 1'000'000'000, .per_second = 1'000'000'000};
  return server;
}

// Serves until SIGTERM; the exit code.
int Serve(const EchoOptions& options) {
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  core::SystemClock clock;
  core::SystemRandom random;
  transport::ServerObserver observer;
  EchoService service(options);
  transport::EventLoopGroup loops(clock, options.loops, "echo");
  loops.Start();
  transport::Server server(loops, random, ServerOptionsOf(options), service, observer);
  const auto ports = server.Start();
  if (!ports.ok()) {
    std::fprintf(stderr, "echo_server: %s\n", std::string(ports.status().message()).c_str());
    return 1;
  }
  const std::string shown =
      absl::StartsWith(options.address, "unix:")
          ? options.address
          : absl::StrCat(options.address.substr(0, options.address.rfind(':')), ":", (*ports)[0]);
  std::printf("ready %s\n", shown.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  server.Stop();
  std::printf("served %llu\n", static_cast<unsigned long long>(service.served()));
  return 0;
}

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  ndx::tests::EchoOptions options;
  ndx::tools::command_options::Program program{"Answers every unary call with its request"};
  program.AddOption("address", options.address, "unix:PATH or HOST:PORT; port 0: any").Required();
  program.AddOption("--tls", options.tls,
                    "DIR/NAME of a directory that devpki made; plaintext where absent");
  program.AddOption("--loops", options.loops, "Event loops").Range(1, 64);
  program.AddOption("--delay", options.delay_ms, "Milliseconds that every answer is held back");
  program.AddOption("--wrong-every", options.wrong_every, "Every so many answers are wrong");
  program.AddOption("--stall-at", options.stall_at,
                    "Call from which nothing is answered for --stall");
  program.AddOption("--stall", options.stall_ms, "Milliseconds");
  if (const auto ended = program.Read(argc, argv)) return *ended;
  return ndx::tests::Serve(options);
}

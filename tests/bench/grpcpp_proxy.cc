// A pass-through on grpc++ that does nothing but pass through: what the library costs whoever
// builds a broker on it. Unary calls, message bytes untouched, metadata and deadline passed on; one
// completion queue a thread; no retries. No records, no policy, no limits.
//
//   grpcpp_proxy ADDRESS BACKEND THREADS [TLS]
//
// ADDRESS and BACKEND are host:port, the backend plaintext; TLS is DIR/NAME of a directory that
// devpki made. Prints "ready" when it listens; stops on SIGTERM.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ndx::bench {
namespace {

// Calls that each thread is ready to take at any moment.
constexpr int kCallsWaiting = 64;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> Credentials(const std::string& tls) {
  if (tls.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = Read(absl::StrCat(tls.substr(0, tls.rfind('/') + 1), "ca.crt"));
  options.pem_key_cert_pairs.push_back({Read(tls + ".key"), Read(tls + ".crt")});
  return grpc::SslServerCredentials(options);
}

// What one thread serves with.
struct Lane {
  grpc::AsyncGenericService* service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::GenericStub> backend;
};

// One call, from waiting for it to its end; deletes itself then. Each step is one event of the
// lane's queue.
class Call {
 public:
  static void Await(Lane& lane) {
    auto* const call = new Call(lane);
    lane.service->RequestCall(&call->context_, &call->caller_, lane.queue.get(), lane.queue.get(),
                              call);
  }

  void Next(bool ok) {
    switch (step_) {
      case Step::kAwaited:
        if (!ok) return Delete();  // the server stops
        Await(lane_);
        step_ = Step::kRead;
        return caller_.Read(&request_, this);
      case Step::kRead:
        if (!ok) return Finish({grpc::StatusCode::UNIMPLEMENTED, "a call without a message"});
        return PassOn();
      case Step::kAnswered:
        return Answer();
      case Step::kFinished:
        return Delete();
    }
  }

 private:
  enum class Step { kAwaited, kRead, kAnswered, kFinished };

  explicit Call(Lane& lane) : lane_(lane), caller_(&context_) {}
  void Delete() { delete this; }

  static std::string Text(const grpc::string_ref& text) { return {text.data(), text.size()}; }

  void PassOn() {
    for (const auto& [key, value] : context_.client_metadata()) {
      if (key.starts_with(":") || key == "user-agent") continue;
      onward_.AddMetadata(Text(key), Text(value));
    }
    onward_.set_deadline(context_.deadline());
    answered_ =
        lane_.backend->PrepareUnaryCall(&onward_, context_.method(), request_, lane_.queue.get());
    answered_->StartCall();
    step_ = Step::kAnswered;
    answered_->Finish(&answer_, &status_, this);
  }

  void Answer() {
    for (const auto& [key, value] : onward_.GetServerTrailingMetadata()) {
      context_.AddTrailingMetadata(Text(key), Text(value));
    }
    if (!status_.ok()) return Finish(status_);
    step_ = Step::kFinished;
    caller_.WriteAndFinish(answer_, grpc::WriteOptions(), grpc::Status::OK, this);
  }

  void Finish(const grpc::Status& status) {
    step_ = Step::kFinished;
    caller_.Finish(status, this);
  }

  Lane& lane_;
  Step step_ = Step::kAwaited;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter caller_;
  grpc::ByteBuffer request_;
  grpc::ClientContext onward_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> answered_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
};

std::unique_ptr<grpc::GenericStub> StubOf(const std::string& backend) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection a thread
  return std::make_unique<grpc::GenericStub>(
      grpc::CreateCustomChannel(backend, grpc::InsecureChannelCredentials(), arguments));
}

// Takes events until the queue is shut down and empty.
void Serve(Lane& lane) {
  for (int i = 0; i < kCallsWaiting; ++i) Call::Await(lane);
  void* tag = nullptr;
  bool ok = false;
  while (lane.queue->Next(&tag, &ok)) static_cast<Call*>(tag)->Next(ok);
}

int Run(const std::string& address, const std::string& backend, int threads,
        const std::string& tls) {
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, Credentials(tls), &port);
  builder.RegisterAsyncGenericService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  std::vector<std::unique_ptr<Lane>> lanes;
  lanes.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    lanes.push_back(
        std::make_unique<Lane>(Lane{&service, builder.AddCompletionQueue(), StubOf(backend)}));
  }
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fprintf(stderr, "grpcpp_proxy: cannot listen on %s\n", address.c_str());
    return 1;
  }
  std::vector<std::thread> serving;
  serving.reserve(lanes.size());
  for (const auto& lane : lanes) serving.emplace_back([&lane] { Serve(*lane); });
  std::printf("ready\n");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  server->Shutdown(std::chrono::system_clock::time_point::min());
  for (const auto& lane : lanes) lane->queue->Shutdown();
  for (std::thread& thread : serving) thread.join();
  return 0;
}

}  // namespace
}  // namespace ndx::bench

int main(int argc, char** argv) {
  int threads = 0;
  if (argc < 4 || argc > 5 || !absl::SimpleAtoi(argv[3], &threads) || threads < 1) {
    std::fprintf(stderr, "usage: grpcpp_proxy ADDRESS BACKEND THREADS [TLS]\n");
    return 2;
  }
  return ndx::bench::Run(argv[1], argv[2], threads, argc == 5 ? argv[4] : "");
}

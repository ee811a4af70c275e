// grpc++ as the other side: its client calls our server, our channel calls its server.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loopback.h"

namespace ndx::transport {
namespace {

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToText(grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return "cannot dump";
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

struct GrpcAnswer {
  grpc::Status status;
  std::vector<std::string> messages;
};

// A streaming call of grpc++ that sends all messages, then reads all: unary, server streaming and
// bidirectional calls look the same on the wire.
GrpcAnswer CallWithGrpc(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                        const std::vector<std::string>& messages, grpc::ClientContext& context) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool going = wait();
  for (size_t i = 0; going && i < messages.size(); ++i) {
    call->Write(ToBuffer(messages[i]), nullptr);
    going = wait();
  }
  call->WritesDone(nullptr);
  wait();
  GrpcAnswer answer;
  while (true) {
    grpc::ByteBuffer buffer;
    call->Read(&buffer, nullptr);
    if (!wait()) break;
    answer.messages.push_back(ToText(buffer));
  }
  call->Finish(&answer.status, nullptr);
  wait();
  queue.Shutdown();
  while (wait()) {
  }
  return answer;
}

std::shared_ptr<grpc::Channel> GrpcChannel(const Loopback& loopback, Wire wire,
                                           const grpc::ChannelArguments& arguments) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (wire == Wire::kTls) {
    const TlsFiles files = Pki().Client();
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Contents(files.peer_ca);
    options.pem_private_key = Contents(files.private_key);
    options.pem_cert_chain = Contents(files.certificate_chain);
    credentials = grpc::SslCredentials(options);
  }
  return grpc::CreateCustomChannel(loopback.address(), credentials, arguments);
}

grpc::ChannelArguments LargeMessages() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(16 << 20);
  return arguments;
}

TEST_CASE("a grpc++ client is served on every wire") {
  for (const Wire wire : {Wire::kPlaintext, Wire::kUnix, Wire::kTls}) {
    INFO(static_cast<int>(wire));
    Loopback loopback(wire);
    loopback.StartServer();
    const auto channel = GrpcChannel(loopback, wire, LargeMessages());
    for (const size_t size : {size_t{0}, size_t{300}, size_t{65536}, core::kMessageBytesDefault}) {
      grpc::ClientContext context;
      context.AddMetadata("x-a", "1");
      context.AddMetadata("x-b-bin", std::string("\0\xFF", 2));
      const std::string body(size, 'g');
      const auto answer = CallWithGrpc(channel, "/t.T/Echo", {body}, context);
      INFO(size << " " << answer.status.error_message());
      REQUIRE(answer.status.ok());
      CHECK(answer.messages == std::vector<std::string>{body});
      const auto& initial = context.GetServerInitialMetadata();
      CHECK(initial.find("x-a")->second == "1");
      CHECK(initial.find("x-b-bin")->second == grpc::string_ref("\0\xFF", 2));
      CHECK(context.GetServerTrailingMetadata().find("x-trailer")->second == "t");
    }
    grpc::ClientContext streaming;
    const auto streamed = CallWithGrpc(channel, "/t.T/Stream", {"200 50000"}, streaming);
    CHECK(streamed.status.ok());
    CHECK(streamed.messages.size() == 200);
    grpc::ClientContext both_ways;
    const auto echoed = CallWithGrpc(channel, "/t.T/EchoStream", {"a", "", "c"}, both_ways);
    CHECK(echoed.messages == std::vector<std::string>{"a", "", "c"});
  }
}

TEST_CASE("a grpc++ client sees statuses, details, deadlines and limits as it should") {
  Loopback loopback(Wire::kTls);
  loopback.StartServer();
  const auto channel = GrpcChannel(loopback, Wire::kTls, LargeMessages());
  grpc::ClientContext failing;
  const auto failed = CallWithGrpc(channel, "/t.T/Fail", {"m"}, failing);
  CHECK(failed.status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(failed.status.error_message() == "Không tìm thấy 100%");
  CHECK(failed.status.error_details() == std::string("\x08\x05\0\xFF", 4));
  CHECK(failing.GetServerTrailingMetadata().find("ndx-receipt-bin")->second == "\x01\x02");
  grpc::ClientContext unknown;
  CHECK(CallWithGrpc(channel, "/t.T/None", {"m"}, unknown).status.error_code() ==
        grpc::StatusCode::UNIMPLEMENTED);
  grpc::ClientContext large;
  const std::string too_large(core::kMessageBytesDefault + 1, 'x');
  CHECK(CallWithGrpc(channel, "/t.T/Echo", {too_large}, large).status.error_code() ==
        grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext late;
  late.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(150, GPR_TIMESPAN)));
  CHECK(CallWithGrpc(channel, "/t.T/Hold", {"m"}, late).status.error_code() ==
        grpc::StatusCode::DEADLINE_EXCEEDED);
  CHECK(loopback.script.log.Await("cancelled") == "cancelled reset_by_caller");
}

TEST_CASE("a grpc++ client may compress its requests") {
  Loopback loopback(Wire::kPlaintext);
  loopback.StartServer();
  grpc::ChannelArguments arguments;
  arguments.SetCompressionAlgorithm(GRPC_COMPRESS_GZIP);
  const auto channel = GrpcChannel(loopback, Wire::kPlaintext, arguments);
  grpc::ClientContext context;
  const std::string body(50'000, 'z');
  const auto answer = CallWithGrpc(channel, "/t.T/Echo", {body}, context);
  REQUIRE(answer.status.ok());
  CHECK(answer.messages == std::vector<std::string>{body});
  grpc::ChannelArguments deflating;
  deflating.SetCompressionAlgorithm(GRPC_COMPRESS_DEFLATE);
  deflating.SetInt("grpc.use_local_subchannel_pool", 1);
  const auto other = GrpcChannel(loopback, Wire::kPlaintext, deflating);
  grpc::ClientContext refused;
  CHECK(CallWithGrpc(other, "/t.T/Echo", {body}, refused).status.error_code() ==
        grpc::StatusCode::UNIMPLEMENTED);
}

// Echoes every message; "/t.T/Fail" fails with details; "/t.T/Hang" waits until cancelled.
class GrpcEcho final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      explicit Reactor(grpc::GenericCallbackServerContext* c) : context_(c) {
        context_->AddInitialMetadata("x-peer", context_->peer());
        context_->AddTrailingMetadata("x-trailer-bin", std::string("\0\x01", 2));
        for (const auto& [key, value] : context_->client_metadata()) {
          if (key.starts_with("x-sent")) {
            context_->AddInitialMetadata(std::string(key.data(), key.size()),
                                         std::string(value.data(), value.size()));
          }
        }
        if (context_->method() == "/t.T/Fail") {
          Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "không", std::string("\x08\x05", 2)));
        } else if (context_->method() != "/t.T/Hang") {
          StartRead(&buffer_);
        }
      }
      void OnReadDone(bool ok) override {
        if (ok) {
          StartWrite(&buffer_);
        } else {
          Finish(grpc::Status::OK);
        }
      }
      void OnWriteDone(bool ok) override {
        if (ok) StartRead(&buffer_);
      }
      void OnCancel() override {
        if (context_->method() == "/t.T/Hang") Finish(grpc::Status::CANCELLED);
      }
      void OnDone() override { delete this; }

     private:
      grpc::GenericCallbackServerContext* context_;
      grpc::ByteBuffer buffer_;
    };
    return new Reactor(context);  // deletes itself, as grpc++ has it
  }
};

TEST_CASE("our channel calls a grpc++ server, plaintext and TLS") {
  for (const bool tls : {false, true}) {
    INFO(tls);
    GrpcEcho service;
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    if (tls) {
      const TlsFiles files = Pki().Server();
      grpc::SslServerCredentialsOptions options(
          GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
      options.pem_root_certs = Contents(files.peer_ca);
      options.pem_key_cert_pairs.push_back(
          {Contents(files.private_key), Contents(files.certificate_chain)});
      credentials = grpc::SslServerCredentials(options);
    }
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port);
    builder.SetMaxReceiveMessageSize(16 << 20);
    builder.RegisterCallbackGenericService(&service);
    const auto server = builder.BuildAndStart();
    REQUIRE(server != nullptr);

    Loopback loopback(Wire::kPlaintext);  // for its client's loop
    ChannelOptions options;
    options.address = absl::StrCat("127.0.0.1:", port);
    if (tls) {
      options.tls = ChannelTls{
          .files = Pki().Client(), .server_name = "", .server_uri = "ndx://VN/GOV/G01/provider"};
    }
    loopback.NewChannel(options);
    for (const size_t size : {size_t{0}, size_t{300}, size_t{65536}, core::kMessageBytesDefault}) {
      const std::string body(size, 'g');
      CallHead head{.path = "/t.T/Echo",
                    .metadata = {{"x-sent", "1"}, {"x-sent-bin", "\x01\xFF"}},
                    .expect_one_message = true};
      const auto answer = loopback.Call(head, {body});
      INFO(size << " " << answer.end.text);
      REQUIRE(answer.end.status.ok());
      CHECK(answer.messages == std::vector<std::string>{body});
      CHECK(*answer.initial.Find("x-sent-bin") == "\x01\xFF");
      CHECK(*answer.end.trailers.Find("x-trailer-bin") == std::string("\0\x01", 2));
    }
    std::vector<std::string> many;
    for (size_t i = 0; i < 100; ++i) many.push_back(std::string(i * 500, 's'));
    CHECK(loopback.Call("/t.T/Echo", many).messages == many);
    const auto failed = loopback.Call("/t.T/Fail", {"m"});
    CHECK(failed.end.status == GrpcStatus{5, "không", "\x08\x05"});
    CHECK(failed.end.delivery == Delivery::kAnswered);
    const auto hung = loopback.Call(
        CallHead{.path = "/t.T/Hang", .deadline_nanos = loopback.NowNanos() + 150'000'000}, {"m"});
    // Ours, or the server's own, whichever clock was first.
    CHECK(hung.end.status.code == static_cast<int>(absl::StatusCode::kDeadlineExceeded));
    loopback.CloseChannel();
    server->Shutdown();
  }
}

}  // namespace
}  // namespace ndx::transport

#include "ndx/tools/ndxctl/exchange_call.h"

#include <limits>
#include <memory>

#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"

namespace ndx::tools::ndxctl {
namespace {

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string ToText(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

// Waits for the one operation that is under way; false when it failed or the call is over.
bool Wait(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

std::string Trailer(const grpc::ClientContext& context, const char* key) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(key);
  if (found == trailers.end()) return "";
  return {found->second.data(), found->second.size()};
}

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address,
                                           const CallerCredentials& credentials,
                                           const std::string& server_name) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = credentials.ca_pem;
  tls.pem_private_key = credentials.key_pem;
  tls.pem_cert_chain = credentials.certificate_pem;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!server_name.empty()) arguments.SetSslTargetNameOverride(server_name);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(tls), arguments);
}

ExchangeOutcome CallExchange(const std::shared_ptr<grpc::Channel>& channel,
                             const ExchangeCall& call, const core::Clock& clock,
                             absl::FunctionRef<void(const std::string&)> on_answer) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(clock.Now() + call.timeout));
  for (const auto& [key, value] : call.metadata) context.AddMetadata(key, value);
  grpc::CompletionQueue queue;
  // The bidirectional form carries unary calls and server streams alike.
  const auto stream = stub.PrepareCall(&context, call.method, &queue);
  stream->StartCall(nullptr);
  ExchangeOutcome outcome;
  if (Wait(queue)) {
    stream->WriteLast(ToBuffer(call.request), grpc::WriteOptions(), nullptr);
    Wait(queue);  // a failure to write shows in the status
    grpc::ByteBuffer answer;
    stream->Read(&answer, nullptr);
    while (Wait(queue)) {
      on_answer(ToText(answer));
      stream->Read(&answer, nullptr);
    }
  }
  stream->Finish(&outcome.status, nullptr);
  Wait(queue);
  outcome.exchange_id = Trailer(context, "ndx-exchange-id");
  outcome.receipt = Trailer(context, "ndx-receipt-bin");
  outcome.signature = Trailer(context, "ndx-signature-bin");
  queue.Shutdown();
  while (Wait(queue)) {
  }
  return outcome;
}

}  // namespace ndx::tools::ndxctl

#include "ndx/tools/ndxctl/operator_client.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace ndx::tools::ndxctl {

OperatorClient::OperatorClient(const std::string& socket, absl::Duration timeout,
                               const core::Clock& clock)
    : timeout_(timeout), clock_(clock) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());
  // A local socket is plaintext; an HTTP proxy of the environment has no business with it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel = grpc::CreateCustomChannel(absl::StrCat("unix:", socket),
                                                 grpc::InsecureChannelCredentials(), arguments);
  stubs_ = {
      api::AccessRequestService::NewStub(channel), api::AccessService::NewStub(channel),
      api::CertificateService::NewStub(channel),   api::OperatorService::NewStub(channel),
      api::JournalBackupService::NewStub(channel), api::JournalExportService::NewStub(channel),
      api::JournalKeyService::NewStub(channel),    api::JournalRetentionService::NewStub(channel),
      api::PayloadKeeperService::NewStub(channel), api::RegistryChangeService::NewStub(channel),
      api::ReplayTaskService::NewStub(channel),    api::SubjectReportService::NewStub(channel),
      api::MailboxService::NewStub(channel),       api::PeerService::NewStub(channel)};
}

std::string OperatorClient::ExchangeAddress() {
  api::GetStatusResponse status;
  if (!Call(&Stub::GetStatus, {}, status).ok() || status.addresses().empty()) {
    return "localhost:7443";
  }
  return absl::StrReplaceAll(status.addresses(0),
                             {{"0.0.0.0:", "127.0.0.1:"}, {"[::]:", "[::1]:"}});
}

void OperatorClient::SetDeadline(grpc::ClientContext& context) const {
  context.set_deadline(absl::ToChronoTime(clock_.Now() + timeout_));
}

}  // namespace ndx::tools::ndxctl

// The running node as a source of evidence.
#include <set>

#include "ndx/core/status_macros.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/evidence_source.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

class RunningNode final : public EvidenceSource {
 public:
  explicit RunningNode(OperatorClient& client) : client_(client) {}

  absl::Status Leaves(const api::ExportLeavesRequest& request, SeeHead see_head,
                      SeeLeaf see) override {
    grpc::ClientContext context;
    const auto stream = client_.export_stub().ExportLeaves(&context, request);
    return Take<api::ExportLeavesResponse>(context, *stream, see_head, [&](const auto& message) {
      for (const api::ExportedLeaf& leaf : message.leaves()) {
        NDX_RETURN_IF_ERROR(see(leaf.index(), leaf.leaf()));
      }
      return absl::OkStatus();
    });
  }

  absl::Status Exchanges(const api::ExportExchangesRequest& request, SeeHead see_head,
                         SeeExchange see) override {
    grpc::ClientContext context;
    const auto stream = client_.export_stub().ExportExchanges(&context, request);
    return Take<api::ExportExchangesResponse>(context, *stream, see_head, see);
  }

  std::string Descriptors(const std::vector<std::string>& methods) override {
    std::set<std::string> services;
    for (const std::string& method : methods) {
      const size_t slash = method.rfind('/');
      if (slash != std::string::npos && slash > 0) services.insert(method.substr(1, slash - 1));
    }
    google::protobuf::FileDescriptorSet all;
    std::set<std::string> names;
    for (const std::string& service : services) {
      api::GetDescriptorsRequest request;
      request.set_service(service);
      api::GetDescriptorsResponse response;
      if (!client_.Call(&OperatorClient::Stub::GetDescriptors, request, response).ok()) continue;
      for (const auto& file : response.descriptors().file()) {
        if (names.insert(file.name()).second) *all.add_file() = file;
      }
    }
    return all.file_size() == 0 ? std::string() : all.SerializeAsString();
  }

  ExitCode Explain(const absl::Status& status, Terminal& terminal) const override {
    if (!failed_.ok()) return Report(terminal, failed_);
    const bool changed = absl::IsDataLoss(status) || absl::IsPermissionDenied(status);
    return Complain(terminal, std::string(status.message()),
                    changed ? ExitCode::kNotIntact : ExitCode::kFailed);
  }

 private:
  // Reads a stream to its end: the head, then everything else.
  template <typename Message, typename See>
  absl::Status Take(grpc::ClientContext& context, grpc::ClientReaderInterface<Message>& stream,
                    SeeHead see_head, See see) {
    Message message;
    absl::Status taken;
    for (bool first = true; taken.ok() && stream.Read(&message); first = false) {
      taken = first ? see_head({message.checkpoint(), message.vkey()}) : see(message);
    }
    if (!taken.ok()) context.TryCancel();
    while (stream.Read(&message)) {
    }
    const grpc::Status status = stream.Finish();
    if (!taken.ok()) return taken;
    failed_ = status;
    return status.ok() ? absl::OkStatus() : absl::UnavailableError(status.error_message());
  }

  OperatorClient& client_;
  grpc::Status failed_;
};

}  // namespace

std::unique_ptr<EvidenceSource> NodeSource(OperatorClient& client) {
  return std::make_unique<RunningNode>(client);
}

}  // namespace ndx::tools::ndxctl

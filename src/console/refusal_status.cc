#include "ndx/console/refusal_status.h"

#include "absl/strings/cord.h"
#include "ndx/core/refusal_details.h"

namespace ndx::console {
namespace {

constexpr char kDetailsUrl[] = "ndx/google.rpc.Status";

}  // namespace

absl::Status RefusalStatus(const core::Refusal& refusal) {
  google::rpc::Status status = core::RefusalDetails(refusal, /*node=*/"");
  status.set_message(core::TextOf(refusal, core::Language::kEnglish));
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  result.SetPayload(kDetailsUrl, absl::Cord(status.SerializeAsString()));
  return result;
}

transport::GrpcStatus ToWireStatus(const absl::Status& status) {
  transport::GrpcStatus wire = transport::ToGrpcStatus(status);
  if (const auto details = status.GetPayload(kDetailsUrl); details.has_value()) {
    wire.details_bin = std::string(*details);
  }
  return wire;
}

}  // namespace ndx::console

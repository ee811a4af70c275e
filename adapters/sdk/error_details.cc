#include "ndx/adapters/sdk/error_details.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ndx::sdk {
namespace {

constexpr absl::string_view kPayloadType = "type.googleapis.com/google.rpc.Status";

}  // namespace

absl::Status FieldError(absl::string_view field, absl::string_view problem) {
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(field, " ", problem));
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(problem));
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  details.add_details()->PackFrom(bad_request);
  status.SetPayload(kPayloadType, absl::Cord(details.SerializeAsString()));
  return status;
}

std::string StatusDetails(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadType);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace ndx::sdk

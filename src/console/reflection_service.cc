#include "ndx/console/reflection_service.h"

#include <utility>

#include "absl/status/status.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "ndx/console/reflection_index.h"
#include "ndx/transport/grpc_status.h"

namespace ndx::console {
namespace {

constexpr absl::string_view kPathV1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr absl::string_view kPathV1Alpha =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

struct V1 {
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};
struct V1Alpha {
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

template <typename Response>
void SetError(absl::StatusCode code, const char* message, Response& response) {
  response.mutable_error_response()->set_error_code(static_cast<int32_t>(code));
  response.mutable_error_response()->set_error_message(message);
}

template <typename Response>
void SetFile(const google::protobuf::FileDescriptor* file, Response& response) {
  if (file == nullptr) return SetError(absl::StatusCode::kNotFound, "not found", response);
  for (std::string& serialized : ReflectionIndex::Serialized(*file)) {
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(std::move(serialized));
  }
}

template <typename Response>
void SetExtensionNumbers(const ReflectionIndex& index, const std::string& type,
                         Response& response) {
  std::vector<int> numbers;
  if (!index.ExtensionNumbers(type, numbers)) {
    return SetError(absl::StatusCode::kNotFound, "not found", response);
  }
  auto& out = *response.mutable_all_extension_numbers_response();
  out.set_base_type_name(type);
  out.mutable_extension_number()->Add(numbers.begin(), numbers.end());
}

template <typename Version>
typename Version::Response Answer(const ReflectionIndex& index,
                                  const typename Version::Request& request) {
  using Request = typename Version::Request;
  typename Version::Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      SetFile(index.FileByName(request.file_by_filename()), response);
      break;
    case Request::kFileContainingSymbol:
      SetFile(index.FileBySymbol(request.file_containing_symbol()), response);
      break;
    case Request::kFileContainingExtension:
      SetFile(index.FileByExtension(request.file_containing_extension().containing_type(),
                                    request.file_containing_extension().extension_number()),
              response);
      break;
    case Request::kAllExtensionNumbersOfType:
      SetExtensionNumbers(index, request.all_extension_numbers_of_type(), response);
      break;
    case Request::kListServices:
      for (const std::string& name : index.Services()) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    default:
      SetError(absl::StatusCode::kInvalidArgument, "the request asks for nothing", response);
  }
  return response;
}

template <typename Version>
class ReflectionCall final : public transport::ServerCallObserver {
 public:
  ReflectionCall(transport::ServerCall& call, ReflectionIndex index)
      : call_(call), index_(std::move(index)) {}

  void OnMessage(transport::Message message) override {
    typename Version::Request request;
    if (!request.ParseFromString(*message)) {
      return call_.Finish(transport::MakeGrpcStatus(absl::StatusCode::kInvalidArgument,
                                                    "the request is no ServerReflectionRequest"));
    }
    call_.SendMessage(transport::MakeMessage(Answer<Version>(index_, request).SerializeAsString()));
    unreleased_bytes_ += message->size() + transport::kMessagePrefixBytes;
    ReleaseIfRead();
  }

  void OnRequestEnd() override { call_.Finish({}); }
  void OnRequestMalformed(absl::Status status) override {
    call_.Finish(transport::ToGrpcStatus(status));
  }
  void OnCancelled(transport::CancelCause) override { call_.Finish({}); }
  void OnSendable() override { ReleaseIfRead(); }

 private:
  // A caller who asks without reading the answers soon has no window left to ask with.
  void ReleaseIfRead() {
    if (call_.pending_send_bytes() > transport::ServerCall::kSendLowWaterBytes) return;
    call_.ReleaseReceived(std::exchange(unreleased_bytes_, 0));
  }

  transport::ServerCall& call_;
  const ReflectionIndex index_;
  size_t unreleased_bytes_ = 0;
};

}  // namespace

bool ReflectionService::Owns(absl::string_view path) {
  return path == kPathV1 || path == kPathV1Alpha;
}

std::vector<std::string> ReflectionService::ServiceNames() {
  return {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"};
}

std::unique_ptr<transport::ServerCallObserver> ReflectionService::OnCall(
    transport::ServerCall& call) const {
  ReflectionIndex index(current_(), own_services_);
  if (call.head().path == kPathV1) {
    return std::make_unique<ReflectionCall<V1>>(call, std::move(index));
  }
  return std::make_unique<ReflectionCall<V1Alpha>>(call, std::move(index));
}

}  // namespace ndx::console

#include "ndx/adapters/echo/echo_adapter.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "ndx/adapters/sdk/typed_adapter.h"
#include "ndx/loadgen/v1/echo_service.pb.h"

namespace ndx::echo {

absl::string_view DescriptorSet();

namespace {

namespace v1 = loadgen::v1;

class EchoBackend final : public sdk::AdapterBackend {
 public:
  absl::Status Echo(const v1::EchoRequest& request, v1::EchoResponse& answer, sdk::CallContext&) {
    answer.set_number(request.number());
    answer.set_body(request.body());
    return absl::OkStatus();
  }

  // There is none that could be down.
  absl::Status CheckDatabase(sdk::CallContext&) override { return absl::OkStatus(); }
};

}  // namespace

std::unique_ptr<sdk::Adapter> MakeEchoAdapter(const core::Clock& clock) {
  const auto& service = *v1::EchoRequest::descriptor()->file()->FindServiceByName("EchoService");
  sdk::AdapterDescriptor descriptor = sdk::DescribeAdapter(
      "echo", service, "Kiểm tra đường truyền (không có cơ sở dữ liệu)", DescriptorSet());
  auto backend = std::make_unique<EchoBackend>();
  sdk::MethodTable methods(service);
  methods.Unary("Echo", *backend, &EchoBackend::Echo);
  return std::make_unique<sdk::TypedAdapter>(clock, std::move(descriptor), std::move(methods),
                                             std::move(backend), sdk::TypedAdapterOptions());
}

}  // namespace ndx::echo

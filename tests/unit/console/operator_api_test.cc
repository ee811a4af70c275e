#include "ndx/console/operator_api.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

grpc::Status GetStatus(ConsoleFixture& fixture) {
  grpc::ClientContext context;
  v1::GetStatusResponse response;
  return fixture.stub().GetStatus(&context, {}, &response);
}

TEST_CASE("a local user who is not listed is told so, in both languages, and logged") {
  ConsoleFixture fixture(std::vector<OperatorRole>{});
  const grpc::Status status = GetStatus(fixture);
  CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(tests::ReasonOf(status) == "OPERATOR_UNKNOWN");
  CHECK(tests::FaultOf(status) == "consumer");
  CHECK_THAT(tests::TextOf(status, "en"), Catch::Contains("uid " + ConsoleFixture::OperatorName()));
  CHECK_THAT(tests::TextOf(status, "vi"), Catch::Contains("danh sách vận hành"));
  CHECK(fixture.log().CountOf(telemetry::LogEvent::kOperatorRefused) == 1);
}

TEST_CASE("each method asks for its role, and a refusal names the one that is missing") {
  struct Case {
    const char* method;
    const char* role;
    std::function<grpc::Status(ConsoleFixture&, grpc::ClientContext*)> call;
  };
  const Case cases[] = {
      {"ReplayExchange", "replayer",
       [](ConsoleFixture& f, grpc::ClientContext* context) {
         v1::ReplayExchangeResponse response;
         return f.stub().ReplayExchange(context, {}, &response);
       }},
      {"ResolveExchange", "replayer",
       [](ConsoleFixture& f, grpc::ClientContext* context) {
         v1::ResolveExchangeResponse response;
         return f.stub().ResolveExchange(context, {}, &response);
       }},
      {"CheckRegistry", "administrator",
       [](ConsoleFixture& f, grpc::ClientContext* context) {
         v1::CheckRegistryResponse response;
         return f.stub().CheckRegistry(context, {}, &response);
       }},
      {"ReloadRegistry", "administrator",
       [](ConsoleFixture& f, grpc::ClientContext* context) {
         v1::ReloadRegistryResponse response;
         return f.stub().ReloadRegistry(context, {}, &response);
       }},
  };
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  CHECK(GetStatus(fixture).ok());
  for (const Case& c : cases) {
    INFO(c.method);
    grpc::ClientContext context;
    const grpc::Status status = c.call(fixture, &context);
    CHECK(status.error_code() == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(tests::ReasonOf(status) == "OPERATOR_ROLE_MISSING");
    CHECK_THAT(tests::TextOf(status, "en"),
               Catch::Contains(std::string(c.method) + " needs the role " + c.role));
  }
  CHECK(fixture.journal().size() == 0);
}

TEST_CASE("a method that does not exist is UNIMPLEMENTED") {
  ConsoleFixture fixture;
  grpc::GenericStub stub(fixture.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareUnaryCall(&context, "/ndx.console.v1.OperatorService/Nothing", {}, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  REQUIRE(queue.Next(&tag, &ok));
  CHECK(status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
}

TEST_CASE("a request that is no message of its type is INVALID_ARGUMENT") {
  ConsoleFixture fixture;
  grpc::GenericStub stub(fixture.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice garbage("\xff\xff\xff");
  const auto call = stub.PrepareUnaryCall(&context, "/ndx.console.v1.OperatorService/ListExchanges",
                                          grpc::ByteBuffer(&garbage, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  REQUIRE(queue.Next(&tag, &ok));
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK_THAT(status.error_message(), Catch::Contains("ndx.console.v1.ListExchangesRequest"));
}

TEST_CASE("every method of the contract is served") {
  ConsoleFixture fixture;
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "ndx.console.v1.OperatorService");
  REQUIRE(service != nullptr);
  grpc::GenericStub stub(fixture.channel());
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* method = service->method(i);
    if (method->server_streaming()) continue;  // have tests of their own
    INFO(method->name());
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const grpc::Slice garbage("\xff\xff\xff");
    const auto call =
        stub.PrepareUnaryCall(&context, "/" + service->full_name() + "/" + method->name(),
                              grpc::ByteBuffer(&garbage, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    REQUIRE(queue.Next(&tag, &ok));
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST_CASE("stopping ends calls that run and refuses new ones") {
  ConsoleFixture fixture;
  grpc::ClientContext context;
  const auto tail = fixture.stub().TailExchanges(&context, {});
  fixture.journal().Put(tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1));
  fixture.server().Stop();
  v1::TailExchangesResponse response;
  while (tail->Read(&response)) {
  }
  CHECK_FALSE(tail->Finish().ok());
  CHECK_FALSE(GetStatus(fixture).ok());
}

}  // namespace
}  // namespace ndx::console

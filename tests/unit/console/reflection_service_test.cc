#include "ndx/console/reflection_service.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

struct V1 {
  static constexpr char kPath[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};
struct V1Alpha {
  static constexpr char kPath[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

bool Wait(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

// Asks one after the other on one stream and returns the answers and the final status.
template <typename Version>
std::pair<std::vector<typename Version::Response>, grpc::Status> Ask(
    ConsoleFixture& fixture, const std::vector<typename Version::Request>& requests) {
  grpc::TemplatedGenericStub<typename Version::Request, typename Version::Response> stub(
      fixture.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, Version::kPath, &queue);
  call->StartCall(nullptr);
  std::vector<typename Version::Response> answers;
  bool going = Wait(queue);
  for (const auto& request : requests) {
    if (!going) break;
    call->Write(request, nullptr);
    going = Wait(queue);
    if (!going) break;
    typename Version::Response answer;
    call->Read(&answer, nullptr);
    going = Wait(queue);
    if (going) answers.push_back(answer);
  }
  if (going) {
    call->WritesDone(nullptr);
    Wait(queue);
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  Wait(queue);
  return {answers, status};
}

TEMPLATE_TEST_CASE("reflection answers each question of a stream in turn", "", V1, V1Alpha) {
  ConsoleFixture fixture;
  std::vector<typename TestType::Request> requests(4);
  requests[0].set_list_services("");
  requests[1].set_file_containing_symbol("probe.v1.PeopleService");
  requests[2].set_file_containing_symbol("probe.v1.Absent");
  // requests[3] asks for nothing.
  const auto [answers, status] = Ask<TestType>(fixture, requests);
  REQUIRE(status.ok());
  REQUIRE(answers.size() == 4);
  std::vector<std::string> services;
  for (const auto& service : answers[0].list_services_response().service()) {
    services.push_back(service.name());
  }
  for (const char* name : {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                           "grpc.reflection.v1alpha.ServerReflection",
                           "ndx.console.v1.OperatorService", "probe.v1.PeopleService"}) {
    INFO(name);
    CHECK(std::count(services.begin(), services.end(), name) == 1);
  }
  google::protobuf::FileDescriptorProto file;
  REQUIRE(file.ParseFromString(answers[1].file_descriptor_response().file_descriptor_proto(0)));
  CHECK(file.name() == "probe/v1/probe.proto");
  CHECK(answers[2].error_response().error_code() == 5);
  CHECK(answers[2].original_request().file_containing_symbol() == "probe.v1.Absent");
  CHECK(answers[3].error_response().error_code() == 3);
}

TEST_CASE("every service that reflection lists can be described by it") {
  ConsoleFixture fixture;
  std::vector<V1::Request> list(1);
  list[0].set_list_services("");
  const auto listed = Ask<V1>(fixture, list).first;
  REQUIRE(listed.size() == 1);
  std::vector<V1::Request> requests;
  for (const auto& service : listed[0].list_services_response().service()) {
    requests.emplace_back().set_file_containing_symbol(service.name());
  }
  REQUIRE(requests.size() == 19);
  const auto answers = Ask<V1>(fixture, requests).first;
  REQUIRE(answers.size() == requests.size());
  for (const auto& answer : answers) {
    INFO(answer.original_request().file_containing_symbol());
    CHECK(answer.file_descriptor_response().file_descriptor_proto_size() > 0);
  }
}

TEST_CASE("reflection is for operators") {
  ConsoleFixture fixture(std::vector<OperatorRole>{});
  std::vector<V1::Request> list(1);
  list[0].set_list_services("");
  const auto [answers, status] = Ask<V1>(fixture, list);
  CHECK(answers.empty());
  CHECK(tests::ReasonOf(status) == "OPERATOR_UNKNOWN");
}

}  // namespace
}  // namespace ndx::console

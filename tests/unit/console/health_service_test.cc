#include "ndx/console/health_service.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <catch2/catch.hpp>
#include <string>

#include "grpc/health/v1/health.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using tests::ConsoleFixture;

// The generated stub of health.proto clashes with the one inside grpc++; typed generic calls do.
using HealthStub = grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse>;

bool Wait(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

grpc::Status Check(ConsoleFixture& fixture, const std::string& service,
                   HealthCheckResponse& response) {
  HealthStub stub(fixture.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  HealthCheckRequest request;
  request.set_service(service);
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  Wait(queue);
  return status;
}

TEST_CASE("health is told of the node, of its own services and of registered ones") {
  // Nobody is an operator here: whoever can open the socket may ask for the health.
  ConsoleFixture fixture(std::vector<OperatorRole>{});
  struct Case {
    const char* service;
    HealthCheckResponse::ServingStatus status;
  };
  const Case cases[] = {
      {"", HealthCheckResponse::SERVING},
      {"ndx.console.v1.OperatorService", HealthCheckResponse::SERVING},
      {"grpc.health.v1.Health", HealthCheckResponse::SERVING},
      {"probe.v1.PeopleService", HealthCheckResponse::SERVING},
      {"probe.v1.CatalogueService", HealthCheckResponse::NOT_SERVING},
  };
  for (const Case& c : cases) {
    INFO(c.service);
    HealthCheckResponse response;
    CHECK(Check(fixture, c.service, response).ok());
    CHECK(response.status() == c.status);
  }
  HealthCheckResponse response;
  CHECK(Check(fixture, "probe.v1.Absent", response).error_code() == grpc::StatusCode::NOT_FOUND);
  fixture.control().serving = false;
  CHECK(Check(fixture, "", response).ok());
  CHECK(response.status() == HealthCheckResponse::NOT_SERVING);
}

class Watch {
 public:
  Watch(ConsoleFixture& fixture, const std::string& service)
      : fixture_(fixture), stub_(fixture.channel()) {
    call_ = stub_.PrepareCall(&context_, "/grpc.health.v1.Health/Watch", &queue_);
    call_->StartCall(nullptr);
    Wait(queue_);
    HealthCheckRequest request;
    request.set_service(service);
    call_->WriteLast(request, grpc::WriteOptions(), nullptr);
    Wait(queue_);
  }
  ~Watch() {
    context_.TryCancel();
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Wait(queue_);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse response;
    call_->Read(&response, nullptr);
    return Wait(queue_) ? response.status() : HealthCheckResponse::UNKNOWN;
  }

  // Moves the clock and wakes the loop, whose timers follow it.
  void LookAgain() {
    fixture_.clock().Advance(kHealthInterval);
    HealthCheckResponse ignored;
    Check(fixture_, "", ignored);
  }

 private:
  ConsoleFixture& fixture_;
  HealthStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<HealthCheckRequest, HealthCheckResponse>> call_;
};

TEST_CASE("a watch tells the state at once and each change after it") {
  ConsoleFixture fixture;
  Watch watch(fixture, "");
  CHECK(watch.Next() == HealthCheckResponse::SERVING);
  fixture.control().serving = false;
  watch.LookAgain();
  CHECK(watch.Next() == HealthCheckResponse::NOT_SERVING);
  fixture.control().serving = true;
  watch.LookAgain();
  CHECK(watch.Next() == HealthCheckResponse::SERVING);
}

TEST_CASE("a watch of an unknown service says so and goes on") {
  ConsoleFixture fixture;
  Watch watch(fixture, "probe.v1.Absent");
  CHECK(watch.Next() == HealthCheckResponse::SERVICE_UNKNOWN);
}

}  // namespace
}  // namespace ndx::console

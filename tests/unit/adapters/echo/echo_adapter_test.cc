#include "ndx/adapters/echo/echo_adapter.h"

#include <catch2/catch.hpp>

#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/core/system_clock.h"
#include "ndx/loadgen/v1/echo_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"

namespace ndx::echo {
namespace {

TEST_CASE("the answer is the request, and the adapter says what it serves") {
  const core::SystemClock clock;
  const auto adapter = MakeEchoAdapter(clock);
  loadgen::v1::EchoRequest request;
  request.set_number(7);
  request.set_body(std::string("\0\xff", 2) + std::string(100'000, 'b'));
  const auto answers = tests::Collect<loadgen::v1::EchoResponse>(
      *adapter, tests::CallOf("/ndx.loadgen.v1.EchoService/Echo", request));
  REQUIRE(answers.ok());
  REQUIRE(answers->size() == 1);
  CHECK(answers->front().SerializeAsString() == request.SerializeAsString());
  const auto health = tests::Collect<adapter::v1::CheckHealthResponse>(
      *adapter, tests::CallOf("/ndx.adapter.v1.AdapterService/CheckHealth",
                              adapter::v1::CheckHealthRequest()));
  CHECK(health.ok());
  CHECK(adapter->descriptor().services == std::vector<std::string>{"ndx.loadgen.v1.EchoService"});
  CHECK(adapter->descriptor().descriptors.file_size() > 0);
}

}  // namespace
}  // namespace ndx::echo

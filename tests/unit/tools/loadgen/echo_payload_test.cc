#include "ndx/tools/loadgen/echo_payload.h"

#include <catch2/catch.hpp>

#include "ndx/loadgen/v1/echo_service.pb.h"

namespace ndx::tools::loadgen {
namespace {

TEST_CASE("echo payload: a message of exactly the size asked for, which the contract reads") {
  const size_t bytes = GENERATE(16, 17, 137, 138, 140, 256, 4096, 16395, 16397, 65536, 2'097'152);
  const EchoPayload payload(size_t{2} << 20);
  const auto message = payload.Make(0x1122334455667788, bytes);
  CHECK(message->size() == bytes);
  ndx::loadgen::v1::EchoRequest request;
  REQUIRE(request.ParseFromString(*message));
  CHECK(request.number() == 0x1122334455667788);
  CHECK(request.SerializeAsString() == *message);
}

TEST_CASE("echo payload: where no message has the size it is one byte larger") {
  const size_t bytes = GENERATE(139, 16396);
  const EchoPayload payload(size_t{1} << 20);
  CHECK(payload.Make(1, bytes)->size() == bytes + 1);
}

TEST_CASE("echo payload: no two requests are alike") {
  const EchoPayload payload(64);
  CHECK(*payload.Make(1, 64) != *payload.Make(2, 64));
  CHECK(*payload.Make(1, 64) == *payload.Make(1, 64));
}

}  // namespace
}  // namespace ndx::tools::loadgen

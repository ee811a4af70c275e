#include "ndx/adapters/sdk/message_stream.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "ndx/population/v1/population_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"

namespace ndx::sdk {
namespace {

using population::v1::GetCitizenListFileResponse;

GetCitizenListFileResponse Piece(size_t bytes) {
  GetCitizenListFileResponse piece;
  piece.set_csv_text(std::string(bytes, 'x'));
  return piece;
}

TEST_CASE("a message at the limit passes, one byte more does not") {
  tests::KeptReply reply;
  const size_t bytes = Piece(100).ByteSizeLong();
  MessageStream stream(reply, bytes);
  CHECK(stream.Write(Piece(100)).ok());
  CHECK(stream.Write(Piece(101)).code() == absl::StatusCode::kResourceExhausted);
  CHECK(reply.messages().size() == 1);
}

TEST_CASE("a slow reader holds the writer up; one that goes away ends it") {
  tests::KeptReply reply;
  MessageStream stream(reply, 1000);
  TypedStream<GetCitizenListFileResponse> typed(stream);
  REQUIRE(typed.Write(Piece(1)).ok());
  reply.SetSendable(false);
  absl::Status written;
  std::thread writer([&] { written = typed.Write(Piece(2)); });
  CHECK(reply.messages().size() == 1);
  reply.SetSendable(true);
  writer.join();
  CHECK(written.ok());
  CHECK(reply.messages().size() == 2);
  reply.Cancel();
  CHECK(typed.Write(Piece(3)).code() == absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ndx::sdk

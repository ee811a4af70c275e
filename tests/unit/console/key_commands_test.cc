#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <string>

#include "ndx/console/v1/journal_key_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;
using tests::FakeJournalKeys;

v1::ListJournalKeysResponse KeysOf(ConsoleFixture& fixture) {
  grpc::ClientContext context;
  v1::ListJournalKeysResponse response;
  const auto stub = v1::JournalKeyService::NewStub(fixture.channel());
  REQUIRE(stub->ListJournalKeys(&context, {}, &response).ok());
  return response;
}

grpc::Status Rotate(ConsoleFixture& fixture, const std::string& reason,
                    v1::RotateSigningKeyResponse& response) {
  grpc::ClientContext context;
  v1::RotateSigningKeyRequest request;
  request.set_reason(reason);
  const auto stub = v1::JournalKeyService::NewStub(fixture.channel());
  return stub->RotateSigningKey(&context, request, &response);
}

TEST_CASE("the keys are listed with what each is; a rotation is a leaf with who and why") {
  ConsoleFixture fixture;
  const auto before = KeysOf(fixture);
  REQUIRE(before.keys_size() == 2);
  CHECK(before.keys(0).state() == v1::JOURNAL_KEY_STATE_NEXT);
  CHECK(before.keys(0).leaf_index_plus_one() == 0);
  CHECK(before.keys(1).state() == v1::JOURNAL_KEY_STATE_CURRENT);
  CHECK(before.master_key_id() == "8d27b3e0");

  v1::RotateSigningKeyResponse rotated;
  REQUIRE(Rotate(fixture, "12/QD-A05", rotated).ok());
  CHECK(rotated.vkey() == FakeJournalKeys::kNextVkey);
  CHECK(rotated.overlap_until().seconds() == 1'760'000'000);
  const auto leaf = fixture.journal().Leaf(rotated.leaf_index())->leaf;
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_KEY_ROTATED);
  CHECK(leaf.operator_name() == ConsoleFixture::OperatorName());
  CHECK(leaf.operator_action() == "RotateSigningKey");
  CHECK(leaf.operator_reason() == "12/QD-A05");

  const auto after = KeysOf(fixture);
  CHECK(after.keys(0).state() == v1::JOURNAL_KEY_STATE_CURRENT);
  CHECK(after.keys(0).leaf_index_plus_one() == rotated.leaf_index() + 1);
  CHECK(after.keys(0).handover() == FakeJournalKeys::kHandover);
  CHECK(after.keys(1).state() == v1::JOURNAL_KEY_STATE_OVERLAP);
  CHECK(after.keys(1).signs_until().seconds() == 1'760'000'000);
  CHECK(Rotate(fixture, "once more", rotated).error_code() ==
        grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_CASE("a rotation needs a reason and an administrator, a list a viewer") {
  {
    ConsoleFixture fixture;
    v1::RotateSigningKeyResponse response;
    CHECK(Rotate(fixture, "", response).error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(fixture.journal().size() == 0);
    CHECK(KeysOf(fixture).keys(0).state() == v1::JOURNAL_KEY_STATE_NEXT);
  }
  ConsoleFixture fixture({settings::v1::OPERATOR_ROLE_VIEWER});
  v1::RotateSigningKeyResponse response;
  CHECK(Rotate(fixture, "12/QD", response).error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(KeysOf(fixture).keys_size() == 2);
}

}  // namespace
}  // namespace ndx::console

#include "ndx/broker/minimise_answer.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

using tests::EntryBytes;
using tests::ExchangeFixture;

TEST_CASE("where the grant names no fields the message itself goes on") {
  ExchangeFixture f("Read");
  const auto message = transport::MakeMessage("not even of the type");
  CHECK(*MinimiseMessage(*f.x, message) == message);
  CHECK(f.x->fields_removed.empty());
}

TEST_CASE("fields outside the grant go, and each is noted once, over all messages") {
  ExchangeFixture f("List", tests::Insurer());
  for (const char* secret : {"s", "t", ""}) {
    auto small = MinimiseMessage(*f.x, transport::MakeMessage(EntryBytes("k", secret, "050")));
    REQUIRE(small.ok());
    CHECK(**small == EntryBytes("k", "", "050"));
  }
  // Field 9 is in no descriptor.
  REQUIRE(MinimiseMessage(*f.x, transport::MakeMessage("\x48\x01")).ok());
  CHECK(f.x->fields_removed == std::vector<std::string>{"secret", "#9"});
}

TEST_CASE("bytes of another type are an error with words for the caller") {
  ExchangeFixture f("Read", tests::Insurer());
  CHECK(MinimiseMessage(*f.x, transport::MakeMessage("\xff")).status().code() ==
        absl::StatusCode::kInvalidArgument);
  const core::Refusal refusal = AnswerOfWrongType(*f.x);
  CHECK(core::TextOf(refusal, core::Language::kEnglish) ==
        "VN:GOV:G01:ledger answered against the protocol (message type); tell Cơ quan chủ quản "
        "(trực ban sổ).");
  CHECK(core::TextOf(AnswerNotRecorded("trực ban"), core::Language::kVietnamese).find('?') ==
        std::string::npos);
}

}  // namespace
}  // namespace ndx::broker

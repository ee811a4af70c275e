#include "ndx/broker/error_answer.h"

#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/tests/support/error_reading.h"

namespace ndx::broker {
namespace {

using tests::ReadError;
using tests::ReadErrorOf;

core::ExchangeId Id() {
  return core::ExchangeId::Parse("0198f3a4-0000-7000-8000-00000000002a").value();
}

TEST_CASE("a refusal carries code, reason, fault, id and both languages") {
  const core::Refusal refusal{
      .reason = exchange::v1::ERROR_REASON_PROVIDER_BUSY,
      .parameters = {{"provider", "VN:GOV:G01:ledger"}, {"limit", "64"}, {"retry_after", "100ms"}},
      .retry_after = absl::Milliseconds(1100)};
  const ReadError error = ReadErrorOf(RenderRefusal(refusal, Id(), "VN:GOV:G00:ndx"));
  CHECK(error.code == 14);
  CHECK(error.domains == std::vector<std::string>{"ndx"});
  CHECK(error.reason() == "PROVIDER_BUSY");
  CHECK(error.fault() == "provider");
  CHECK(error.metadata.at("node") == "VN:GOV:G00:ndx");
  CHECK(error.metadata.at("limit") == "64");
  CHECK(error.request_id == "0198f3a4-0000-7000-8000-00000000002a");
  CHECK(error.texts.at("en") ==
        "VN:GOV:G01:ledger is busy (64 calls at once); not sent, retry in 100ms.");
  CHECK(error.texts.at("vi") ==
        "VN:GOV:G01:ledger đang bận (64 yêu cầu cùng lúc); yêu cầu chưa gửi, gọi lại sau 100ms.");
  CHECK(error.message == error.texts.at("vi") + " / " + error.texts.at("en"));
  CHECK(error.retry_nanos == 1'100'000'000);
  CHECK(error.violations.empty());
}

TEST_CASE("a refusal rendered once says to each exchange what it would have been told alone") {
  const core::Refusal refusal = NodeOverloaded(absl::Milliseconds(400));
  const RefusalTemplate rendered(refusal, "VN:GOV:G00:ndx");
  for (const char* text :
       {"0198f3a4-0000-7000-8000-00000000002a", "0198f3a4-0000-7000-8000-00000000002b"}) {
    const core::ExchangeId id = core::ExchangeId::Parse(text).value();
    const ReadError once = ReadErrorOf(rendered.For(id));
    const ReadError alone = ReadErrorOf(RenderRefusal(refusal, id, "VN:GOV:G00:ndx"));
    CHECK(once.request_id == text);
    CHECK(once.message == alone.message);
    CHECK(once.metadata == alone.metadata);
    CHECK(once.texts == alone.texts);
    CHECK(once.retry_nanos == 400'000'000);
  }
}

TEST_CASE("violations, a quota and another code where the protocol prescribes one") {
  core::Refusal refusal{.reason = exchange::v1::ERROR_REASON_QUOTA_USED, .grpc_code = 3};
  refusal.quota_subject = "one-stop";
  refusal.violations = {{"person.id", "phải có", "must be there"}};
  const ReadError error = ReadErrorOf(RenderRefusal(refusal, Id(), "node"));
  CHECK(error.code == 3);
  CHECK(error.quota_subject == "one-stop");
  CHECK(error.violations.at("person.id") == "phải có / must be there");
}

TEST_CASE("sixteen violations are listed, and not one more") {
  core::Refusal refusal{.reason = exchange::v1::ERROR_REASON_FIELD_INVALID};
  const auto listed = [&](int count) {
    refusal.violations.clear();
    for (int i = 0; i < count; ++i) refusal.violations.push_back({"f" + std::to_string(i), "", ""});
    return ReadErrorOf(RenderRefusal(refusal, Id(), "node")).violations.size();
  };
  CHECK(listed(16) == 16);
  CHECK(listed(17) == 16);
}

TEST_CASE("every reason of the table can be rendered") {
  const auto* reasons = exchange::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<exchange::v1::ErrorReason>(reasons->value(i)->number());
    if (reason == exchange::v1::ERROR_REASON_UNSPECIFIED) continue;
    const ReadError error = ReadErrorOf(RenderRefusal({.reason = reason}, Id(), "node"));
    CAPTURE(error.reason());
    CHECK(error.code > 0);
    CHECK(error.fault() != "unknown");
    CHECK(error.texts.size() == 2);
  }
}

transport::GrpcStatus FromProvider(const google::rpc::Status& details) {
  return {.code = 9, .message = "already sold", .details_bin = details.SerializeAsString()};
}

TEST_CASE("a provider's error keeps code, message and details, and the node adds its own") {
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("parcel");
  details.add_details()->PackFrom(bad);
  details.add_details()->set_type_url("type.googleapis.com/their.own.Detail");
  const ReadError error =
      ReadErrorOf(RenderProviderError(FromProvider(details), "VN:GOV:G01:ledger", Id(), "node"));
  CHECK(error.code == 9);
  CHECK(error.message == "already sold");
  CHECK(error.violations.contains("parcel"));
  CHECK(error.unknown == 1);
  CHECK(error.reason() == "PROVIDER_ERROR");
  CHECK(error.fault() == "provider");
  CHECK(error.metadata.at("provider") == "VN:GOV:G01:ledger");
  CHECK(error.request_id == Id().ToString());
}

TEST_CASE("a provider cannot speak in the name of the bus") {
  google::rpc::Status details;
  google::rpc::ErrorInfo forged;
  forged.set_domain("ndx");
  forged.set_reason("NO_GRANT");
  details.add_details()->PackFrom(forged);
  forged.set_domain("land.example");
  forged.set_reason("SOLD");
  details.add_details()->PackFrom(forged);
  const ReadError error =
      ReadErrorOf(RenderProviderError(FromProvider(details), "p", Id(), "node"));
  CHECK(error.domains == std::vector<std::string>{"land.example", "ndx"});
  CHECK(error.reasons == std::vector<std::string>{"SOLD", "PROVIDER_ERROR"});
}

TEST_CASE("details that are none are left out, and a message keeps its limit and its characters") {
  const auto rendered = [](std::string message) {
    return ReadErrorOf(RenderProviderError(
        {.code = 2, .message = std::move(message), .details_bin = "\xff\xff"}, "p", Id(), "node"));
  };
  CHECK(rendered("text").details == 2);
  const std::string full(kProviderMessageBytesMax, 'x');
  CHECK(rendered(full).message == full);
  CHECK(rendered(full + "x").message == full);
  // Never half a character, and nothing that is not one.
  CHECK(rendered(full.substr(1) + "ữ").message == full.substr(1));
  CHECK(rendered("tốt \xc3\x28 sau").message == "tốt ");
  CHECK(rendered("\xed\xa0\x80").message.empty());
  CHECK(rendered("\xf4\x90\x80\x80").message.empty());
  CHECK(rendered("\xe0\x80\x80").message.empty());
  CHECK(rendered("\xc0\xaf").message.empty());
  CHECK(rendered("a\xe1\xbb").message == "a");
  CHECK(rendered("😀").message == "😀");
}

}  // namespace
}  // namespace ndx::broker

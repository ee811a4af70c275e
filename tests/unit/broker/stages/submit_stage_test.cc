#include "ndx/broker/stages/submit_stage.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

// A call of Submit, resolved.
class SubmitStageFixture : public tests::ExchangeFixture {
 public:
  SubmitStageFixture() : ExchangeFixture("Read") {
    x->path = kSubmitMethod;
    x->route = std::get<routing::Route>(
        routing::Router::Resolve(*registry, x->path, "", loop.clock().Now()));
    request.set_method(tests::LedgerMethod("Change"));
    request.set_request(tests::AskBytes("k"));
  }
  void Submit() {
    x->request = transport::MakeMessage(request.SerializeAsString());
    Enter(std::make_unique<SubmitStage>(loop.clock()));
  }

  exchange::v1::SubmitRequest request;
};

TEST_CASE("a submission becomes the exchange of the request in it") {
  SubmitStageFixture f;
  f.request.set_order_key("D1");
  f.request.mutable_keep_for()->set_seconds(60);
  f.request.mutable_keep_for()->set_nanos(5);
  f.Submit();
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.x->path == tests::LedgerMethod("Change"));
  CHECK(f.x->route.method->path == f.x->path);
  CHECK(*f.x->request == tests::AskBytes("k"));
  REQUIRE(f.x->submission.has_value());
  CHECK(f.x->submission->order_key == "D1");
  CHECK(f.x->submission->keep_for == absl::Seconds(60) + absl::Nanoseconds(5));
}

TEST_CASE("without a time it has none of its own") {
  SubmitStageFixture f;
  f.Submit();
  CHECK_FALSE(f.x->submission->keep_for.has_value());
  CHECK(f.x->submission->order_key.empty());
}

TEST_CASE("every other call goes on as it is") {
  tests::ExchangeFixture f("Read");
  f.Enter(std::make_unique<SubmitStage>(f.loop.clock()));
  CHECK(f.passed == 1);
  CHECK_FALSE(f.x->submission.has_value());
  CHECK(f.x->path == tests::LedgerMethod("Read"));
}

TEST_CASE("it waits for the body, and refuses one that is broken") {
  SubmitStageFixture f;
  f.x->request_complete = false;
  f.Submit();
  CHECK(f.passed == 0);
  SECTION("that comes") {
    f.x->request_complete = true;
    f.Resume();
    CHECK(f.x->submission.has_value());
  }
  SECTION("that breaks") {
    f.x->request_fault = core::Refusal{.reason = exchange::v1::ERROR_REASON_MESSAGE_MALFORMED};
    f.Resume();
    CHECK(f.reason() == "MESSAGE_MALFORMED");
  }
}

TEST_CASE("what cannot be kept is refused") {
  SubmitStageFixture f;
  std::string expected = "SUBMISSION_INVALID";
  SECTION("no method") { f.request.clear_method(); }
  SECTION("a key that is too long") {
    f.request.set_order_key(std::string(kOrderKeyBytesMax + 1, 'k'));
  }
  SECTION("a key of two lines") { f.request.set_order_key("a\nb"); }
  SECTION("no time") { f.request.mutable_keep_for(); }
  SECTION("a time that is over") { f.request.mutable_keep_for()->set_seconds(-1); }
  SECTION("a stream") { f.request.set_method(tests::LedgerMethod("List")); }
  SECTION("the node's own") { f.request.set_method(kSubmitMethod); }
  SECTION("an unknown method") {
    f.request.set_method("/a.v1.B/C");
    expected = "METHOD_UNKNOWN";
  }
  SECTION("a request over the method's limit") {
    f.request.set_method(tests::LedgerMethod("Small"));
    f.request.set_request(std::string(1025, 'x'));
    expected = "MESSAGE_TOO_LARGE";
  }
  f.Submit();
  CHECK(f.reason() == expected);
  CHECK(f.x->outcome == Outcome::kRefused);
}

TEST_CASE("a key of the longest length, and bytes that are no submission") {
  SubmitStageFixture f;
  f.request.set_order_key(std::string(kOrderKeyBytesMax, 'k'));
  SECTION("the longest") {
    f.Submit();
    CHECK(f.x->submission->order_key.size() == kOrderKeyBytesMax);
  }
  SECTION("none") {
    f.x->request = transport::MakeMessage("\xff");
    f.Enter(std::make_unique<SubmitStage>(f.loop.clock()));
    CHECK(f.reason() == "SUBMISSION_INVALID");
  }
}

}  // namespace
}  // namespace ndx::broker

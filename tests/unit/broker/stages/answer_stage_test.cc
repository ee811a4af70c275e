#include "ndx/broker/stages/answer_stage.h"

#include <catch2/catch.hpp>

#include "ndx/broker/error_answer.h"
#include "ndx/core/limits.h"
#include "ndx/tests/support/error_reading.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::broker {
namespace {

class AnswerStageFixture : public tests::ExchangeFixture {
 public:
  explicit AnswerStageFixture(const std::string& method) : ExchangeFixture(method) {}
  void Answer() {
    AnswerStage stage(admission, meter, tests::LedgerNode(), /*sign=*/nullptr);
    CHECK(stage.Enter(*x) == Flow::kNext);
  }
  // As the caller's HTTP/2 library counts the trailers.
  size_t TrailerBytes() const {
    size_t bytes = caller.trailers.WireBytes() + 32 + 11 + 2;
    if (!caller.status.message.empty()) bytes += 32 + 12 + 3 * caller.status.message.size();
    if (!caller.status.details_bin.empty()) {
      bytes += 32 + 23 + (caller.status.details_bin.size() + 2) / 3 * 4;
    }
    return bytes;
  }

  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  ExchangeMetrics families{metrics};
  ExchangeMeter meter{loop.clock(), families, log};
};

TEST_CASE("an answer goes with its metadata, id and receipt, and everything held is given back") {
  AnswerStageFixture f("Read");
  REQUIRE(f.admission.TryEnter());
  REQUIRE(f.admission.TryEnterConsumer(tests::OneStop()));
  REQUIRE(f.admission.TryTakeId(tests::OneStop(), f.x->id));
  REQUIRE(f.admission.TryTakeMemory(tests::OneStop(), 10));
  f.x->holds_node_place = f.x->holds_consumer_place = f.x->holds_id = true;
  f.x->memory_taken = 10;
  f.x->outcome = Outcome::kAnswered;
  f.x->answer = {transport::MakeMessage("answer")};
  f.x->provider_initial = {{"x-a", "1"}};
  f.x->provider_trailers = {{"x-t", "1"}, {"ndx-receipt-bin", "forged"}};
  f.x->receipt = "receipt";
  f.Answer();
  CHECK(f.caller.finished == 1);
  CHECK(f.caller.status.ok());
  CHECK(f.caller.messages == std::vector<std::string>{"answer"});
  CHECK(f.caller.initial->Contains("x-a"));
  CHECK(f.caller.trailers == transport::Metadata({{"x-t", "1"},
                                                  {"ndx-exchange-id", f.x->id.ToString()},
                                                  {"ndx-receipt-bin", "receipt"}}));
  CHECK(f.x->caller == nullptr);
  CHECK(f.admission.in_flight() == 0);
  CHECK(f.admission.memory_bytes() == 0);
  CHECK(f.admission.TryTakeId(tests::OneStop(), f.x->id));
  CHECK(f.log.CountOf(telemetry::LogEvent::kExchangeAnswered) == 1);
}

TEST_CASE("a stream's messages have gone already, unless they come from the record") {
  for (const bool recalled : {false, true}) {
    AnswerStageFixture f("List");
    f.x->outcome = Outcome::kAnswered;
    f.x->recalled = recalled;
    if (recalled) f.x->answer = {transport::MakeMessage("a"), transport::MakeMessage("b")};
    f.Answer();
    CHECK(f.caller.messages.size() == (recalled ? 2 : 0));
    CHECK(f.caller.initial.has_value() == recalled);
  }
}

TEST_CASE("of an answer that is withheld nothing leaves") {
  AnswerStageFixture f("Read");
  f.x->outcome = Outcome::kFailed;
  f.x->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED};
  f.x->answer = {transport::MakeMessage("answer")};
  f.x->status.message = "the provider's words";
  f.x->provider_initial = {{"x-a", "1"}};
  f.x->provider_trailers = {{"x-t", "1"}};
  f.Answer();
  CHECK(f.caller.messages.empty());
  CHECK_FALSE(f.caller.initial.has_value());
  CHECK(f.caller.trailers.size() == 1);
  CHECK(f.caller.status.message.find("the provider's words") == std::string::npos);
  CHECK(tests::ReadErrorOf(f.caller.status).reason() == "ANSWER_NOT_RECORDED");
}

TEST_CASE("an exchange without a caller ends all the same") {
  AnswerStageFixture f("Change");
  f.x->caller = nullptr;
  f.x->outcome = Outcome::kAnswered;
  f.Answer();
  CHECK(f.caller.finished == 0);
  CHECK(f.log.CountOf(telemetry::LogEvent::kExchangeAnswered) == 1);
}

TEST_CASE("trailers keep their limit: the receipt goes first, then the provider's, then details") {
  AnswerStageFixture f("Read");
  f.x->outcome = Outcome::kAnswered;
  f.x->receipt = "receipt";
  const auto receipt = [&] { return f.caller.trailers.Contains("ndx-receipt-bin"); };
  SECTION("a receipt that fits, and one that does not") {
    size_t fits = 0;
    for (size_t bytes = 4000; bytes < 5000; ++bytes) {
      f.x->receipt = std::string(bytes, 'r');
      f.x->caller = &f.caller;
      f.Answer();
      CHECK(f.TrailerBytes() <= core::kTrailerBytesMax);
      if (receipt()) fits = bytes;
    }
    CHECK(fits > 4200);
    CHECK(fits < 4999);
  }
  SECTION("the provider's trailers push the receipt out") {
    f.x->provider_trailers.Add("x-t", std::string(core::kTrailerBytesMax - 300, 't'));
    f.Answer();
    CHECK(f.caller.trailers.Contains("x-t"));
    CHECK_FALSE(receipt());
  }
  SECTION("trailers that cannot fit go") {
    f.x->provider_trailers.Add("x-t", std::string(core::kTrailerBytesMax, 't'));
    f.Answer();
    CHECK_FALSE(f.caller.trailers.Contains("x-t"));
    CHECK(receipt());
  }
  SECTION("a provider's details that cannot fit go, the node's stay") {
    f.x->status.code = 9;
    f.x->status.message = std::string(5000, 'm');
    // google.rpc.Status with one detail of 5,000 bytes.
    f.x->status.details_bin =
        std::string("\x1a\x8b\x27\x0a\x00\x12\x86\x27", 8) + std::string(4998, 'd');
    f.Answer();
    const auto error = tests::ReadErrorOf(f.caller.status);
    CHECK(error.reason() == "PROVIDER_ERROR");
    CHECK(error.unknown == 0);
    CHECK(error.code == 9);
  }
  CHECK(f.TrailerBytes() <= core::kTrailerBytesMax);
}

TEST_CASE("an error of another node goes on in its own words, with the node's name") {
  AnswerStageFixture f("Read");
  f.x->outcome = Outcome::kFailed;
  f.x->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_QUOTA_USED};
  f.x->status = RenderRefusal(
      {.reason = exchange::v1::ERROR_REASON_QUOTA_USED, .parameters = {{"limit", "5 a day there"}}},
      f.x->id, "VN:GOV:G98:truc");
  f.x->error_node = "VN:GOV:G98:truc";
  f.Answer();
  const auto read = tests::ReadErrorOf(f.caller.status);
  CHECK(read.reason() == "QUOTA_USED");
  CHECK(read.metadata.at("node") == "VN:GOV:G98:truc");
  CHECK(read.metadata.at("limit") == "5 a day there");
  CHECK(f.caller.status.message == f.x->status.message);
}

TEST_CASE("another node gets a receipt that a client's library would not take") {
  for (const bool to_peer : {false, true}) {
    AnswerStageFixture f("Read");
    f.x->outcome = Outcome::kAnswered;
    f.x->receipt = std::string(core::kTrailerBytesMax, 'r');
    if (to_peer) f.x->relayed_from.emplace();
    f.Answer();
    CHECK(f.caller.trailers.Contains("ndx-receipt-bin") == to_peer);
  }
  AnswerStageFixture f("Read");
  f.x->outcome = Outcome::kAnswered;
  f.x->receipt = std::string(core::kPeerTrailerBytesMax, 'r');
  f.x->relayed_from.emplace();
  f.Answer();
  CHECK_FALSE(f.caller.trailers.Contains("ndx-receipt-bin"));
}

}  // namespace
}  // namespace ndx::broker

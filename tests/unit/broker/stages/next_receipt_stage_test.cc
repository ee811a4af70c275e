#include "ndx/broker/stages/next_receipt_stage.h"

#include <catch2/catch.hpp>

#include "ndx/crypto/exchange_signature.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/fake_upstream.h"

namespace ndx::broker {
namespace {

// An answer of the insurer's node without its receipt.
class NextReceiptStageFixture : public tests::ExchangeFixture {
 public:
  NextReceiptStageFixture() : ExchangeFixture("Read") {
    dispatcher = std::make_unique<dispatch::Dispatcher>(loop.loop(), random, states, far.source());
    peer.system = registry->FindSystem("VN:GOV:G24:bhxh");
    provider = *x->route.provider;
    provider.via = &peer;
    x->route.provider = &provider;
    x->relay_path = {tests::LedgerNode()};
    x->answered_by_peer = true;
    x->outcome = Outcome::kAnswered;
    x->deadline_nanos = loop.clock().MonotonicNanos() + absl::ToInt64Nanoseconds(absl::Seconds(9));
  }
  ~NextReceiptStageFixture() {
    loop.Run([this] {
      pipeline.reset();
      dispatcher.reset();
    });
  }

  void Ask() {
    Enter(std::make_unique<NextReceiptStage>(*pipeline, loop.clock(), random, *dispatcher,
                                             [this](const crypto::RelayClaims& made) {
                                               claims = made;
                                               return std::string("signed");
                                             }));
  }

  tests::FakeUpstream far;
  registry::PeerEntry peer;
  registry::ProviderEntry provider;
  crypto::RelayClaims claims;
  dispatch::ProviderStates states;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
};

TEST_CASE("a peer is asked for the receipt that did not come with its answer") {
  NextReceiptStageFixture f;
  f.Ask();
  REQUIRE(f.far.calls.size() == 1);
  CHECK(f.passed == 0);
  const auto& head = f.far.last().head;
  CHECK(head.path == "/ndx.exchange.v1.ExchangeService/GetReceipt");
  CHECK(head.deadline_nanos == f.x->deadline_nanos);
  CHECK(*head.metadata.Find("ndx-provider") == "VN:GOV:G24:bhxh");
  CHECK(*head.metadata.Find("ndx-exchange-id") == f.claims.exchange_id);
  CHECK(*head.metadata.Find("ndx-relay-assertion-bin") == "signed");
  CHECK(f.claims.exchange_id != f.x->id.ToString());
  CHECK(f.claims.method == head.path);
  CHECK(f.claims.origin == "VN:GOV:H55:mot-cua");
  CHECK(f.claims.provider == "VN:GOV:G24:bhxh");
  CHECK(f.claims.audience == "VN:GOV:G24:bhxh");
  CHECK(f.claims.path == f.x->relay_path);
  CHECK(f.claims.ground == crypto::RelayGround{}.Sha256());
  CHECK(f.claims.body_sha256 == crypto::BodyDigest::Of(f.far.last().request));
  exchange::v1::GetReceiptRequest asked;
  REQUIRE(asked.ParseFromString(f.far.last().request));
  CHECK(asked.exchange_id() == f.x->id.ToString());
  exchange::v1::GetReceiptResponse answer;
  answer.mutable_receipt()->set_tlog_proof("the receipt");
  f.loop.Run([&] { f.far.last().Answer(answer.SerializeAsString()); });
  CHECK(f.passed == 1);
  CHECK(f.x->next_receipt == "the receipt");
}

TEST_CASE("where there is none to be had, the exchange goes on without") {
  NextReceiptStageFixture refused;
  refused.Ask();
  refused.loop.Run([&] { refused.far.last().Status(5); });
  CHECK(refused.passed == 1);
  CHECK(refused.x->next_receipt.empty());
  NextReceiptStageFixture lost;
  lost.Ask();
  lost.loop.Run([&] {
    lost.far.last().Break(transport::EndCause::kDeadline, transport::Delivery::kSentAnswerUnknown);
  });
  CHECK(lost.passed == 1);
  CHECK(lost.x->next_receipt.empty());
}

TEST_CASE("nobody is asked for a receipt that is there, or that is not to be expected") {
  NextReceiptStageFixture there;
  there.x->next_receipt = "receipt";
  there.Ask();
  CHECK(there.passed == 1);
  CHECK(there.far.calls.empty());
  NextReceiptStageFixture error;
  error.x->status.code = 14;
  error.Ask();
  CHECK(error.far.calls.empty());
  NextReceiptStageFixture own;
  own.x->answered_by_peer = false;
  own.Ask();
  CHECK(own.far.calls.empty());
  CHECK(own.passed == 1);
}

TEST_CASE("a question under way ends with the stage") {
  NextReceiptStageFixture f;
  f.Ask();
  const auto call = f.far.calls.front();
  f.loop.Run([&f] { f.pipeline.reset(); });
  CHECK(call->observer == nullptr);
  CHECK(f.x.use_count() == 1);
}

}  // namespace
}  // namespace ndx::broker

#include "ndx/broker/stages/minimise_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

class MinimiseStageFixture : public tests::ExchangeFixture {
 public:
  explicit MinimiseStageFixture(const std::string& method)
      : ExchangeFixture(method, tests::Insurer()) {
    x->outcome = Outcome::kAnswered;
    x->answer = {transport::MakeMessage(tests::EntryBytes("k", "s", "050"))};
  }
  void Minimise() {
    HopTimes hops;
    MinimiseStage stage(loop.clock(), hops);
    CHECK(stage.Enter(*x) == Flow::kNext);
  }
};

TEST_CASE("an answer loses what the grant does not name") {
  MinimiseStageFixture f("Read");
  f.Minimise();
  CHECK(*f.x->answer[0] == tests::EntryBytes("k", "", "050"));
  CHECK(f.x->fields_removed == std::vector<std::string>{"secret"});
}

TEST_CASE("what came as a stream, from the record, or not at all is left alone") {
  MinimiseStageFixture f("Read");
  SECTION("from the record") { f.x->recalled = true; }
  SECTION("failed") { f.x->outcome = Outcome::kFailed; }
  f.Minimise();
  CHECK(*f.x->answer[0] == tests::EntryBytes("k", "s", "050"));
  MinimiseStageFixture stream("List");
  stream.Minimise();
  CHECK(*stream.x->answer[0] == tests::EntryBytes("k", "s", "050"));
}

TEST_CASE("an answer of another type is not delivered; a change is then in doubt") {
  MinimiseStageFixture read("Read");
  read.x->answer = {transport::MakeMessage("\xff")};
  read.Minimise();
  CHECK(read.x->answer.empty());
  CHECK(read.x->outcome == Outcome::kFailed);
  CHECK(read.reason() == "PROVIDER_ANSWER_MALFORMED");

  MinimiseStageFixture change("Read");
  change.x->route.method = change.registry->FindMethod(tests::LedgerMethod("Change"));
  change.x->answer = {transport::MakeMessage("\xff")};
  change.Minimise();
  CHECK(change.x->outcome == Outcome::kInDoubt);
}

TEST_CASE("a peer's answer that no receipt proves is withheld; a change is then in doubt") {
  for (const auto* method : {"Read", "Change"}) {
    for (const std::string receipt : {"", "of something else"}) {
      CAPTURE(method, receipt);
      MinimiseStageFixture f("Read");
      f.x->route.method = f.registry->FindMethod(tests::LedgerMethod(method));
      registry::PeerEntry peer{.system = f.registry->FindSystem("VN:GOV:G24:bhxh")};
      registry::ProviderEntry provider = *f.x->route.provider;
      provider.via = &peer;
      f.x->route.provider = &provider;
      f.x->answered_by_peer = true;
      f.x->next_receipt = receipt;
      f.x->error_node = "VN:GOV:G98:truc";
      f.Minimise();
      CHECK(f.reason() == (receipt.empty() ? "RELAY_RECEIPT_MISSING" : "RELAY_RECEIPT_INVALID"));
      CHECK(f.x->next_receipt.empty());
      CHECK(f.x->error_node.empty());
      CHECK(f.x->answer.empty());
      CHECK(f.x->outcome == (f.x->changes() ? Outcome::kInDoubt : Outcome::kFailed));
    }
  }
}

}  // namespace
}  // namespace ndx::broker

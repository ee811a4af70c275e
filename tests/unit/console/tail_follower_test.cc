#include "ndx/console/tail_follower.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ndx/console/grpc_reply.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using tests::ExchangeLeaf;

// A call whose caller takes what it is sent only when told to.
class StalledCall final : public transport::ServerCall {
 public:
  explicit StalledCall(transport::EventLoop& loop) : loop_(loop) {}

  const transport::RequestHead& head() const override { return head_; }
  const std::shared_ptr<const transport::PeerIdentity>& peer() const override { return peer_; }
  transport::EventLoop& loop() const override { return loop_; }
  void SetMessageBytesMax(size_t) override {}
  void ExpectOneMessage() override {}
  void SendInitialMetadata(transport::Metadata) override {}
  void SendMessage(transport::Message message) override { sent.push_back(std::move(message)); }
  void Finish(transport::GrpcStatus, transport::Metadata) override {}
  void Reset(transport::Http2Error) override {}
  size_t pending_send_bytes() const override { return pending; }
  void ReleaseReceived(size_t) override {}
  bool open() const override { return true; }

  std::vector<transport::Message> sent;
  size_t pending = 0;

 private:
  transport::EventLoop& loop_;
  transport::RequestHead head_;
  std::shared_ptr<const transport::PeerIdentity> peer_;
};

TEST_CASE("a reader who is too slow loses rows and is told how many") {
  tests::ConsoleFixture console;
  tests::LeafJournal& journal = console.journal();
  transport::EventLoopGroup loops(console.clock(), 1, "tail");
  loops.Start();
  transport::EventLoop& loop = loops.loop(0);
  StalledCall call(loop);
  const auto reply = std::make_shared<GrpcReply>(call);
  TailFollower follower(journal, JournalSearch(console.node()), search::Filter(),
                        TypedReply<v1::TailExchangesResponse>(reply));
  const auto settle = [&] { REQUIRE(loop.RunAndWait([] {})); };

  call.pending = GrpcReply::kBacklogBytesMax + 1;
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  REQUIRE(follower.SendNew().ok());
  settle();
  CHECK(reply->congested());
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 3));
  REQUIRE(follower.SendNew().ok());
  settle();
  CHECK(call.sent.size() == 1);

  call.pending = 0;
  REQUIRE(loop.RunAndWait([&] { reply->OnSendable(); }));
  CHECK_FALSE(reply->congested());
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 4));
  REQUIRE(follower.SendNew().ok());
  settle();
  REQUIRE(call.sent.size() == 2);
  v1::TailExchangesResponse response;
  REQUIRE(response.ParseFromString(*call.sent[1]));
  CHECK(response.exchange().exchange_id() == tests::ExchangeIdText(4));
  CHECK(response.skipped() == 2);

  REQUIRE(loop.RunAndWait([&] { reply->Detach(); }));
  CHECK(follower.cancelled());
  journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 5));
  REQUIRE(follower.SendNew().ok());
  settle();
  CHECK(call.sent.size() == 2);
  loops.Stop();
}

TEST_CASE("the backlog is at most its limit") {
  tests::ConsoleFixture console;
  tests::LeafJournal& journal = console.journal();
  for (int i = 0; i < static_cast<int>(kTailBacklogMax) + 1; ++i) {
    journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  }
  transport::EventLoopGroup loops(console.clock(), 1, "tail");
  loops.Start();
  StalledCall call(loops.loop(0));
  const auto reply = std::make_shared<GrpcReply>(call);
  TailFollower follower(journal, JournalSearch(console.node()), search::Filter(),
                        TypedReply<v1::TailExchangesResponse>(reply));
  REQUIRE(follower.SendBacklog(kTailBacklogMax + 1).ok());
  REQUIRE(loops.loop(0).RunAndWait([&] { reply->Detach(); }));
  // Some may be left out as congestion; none is sent beyond the limit.
  CHECK(call.sent.size() <= kTailBacklogMax);
  CHECK_FALSE(call.sent.empty());
  loops.Stop();
}

}  // namespace
}  // namespace ndx::console

// The mailbox with a whole broker, over a journal in memory. Its thread is waited for by asking it.
#include "ndx/mailbox/mailbox.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/core/system_clock.h"
#include "ndx/tests/support/broker_fixture.h"
#include "ndx/tests/support/mem_journal_reader.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::mailbox {
namespace {

constexpr char kConsumer[] = "VN:GOV:H55:mot-cua";
constexpr char kSubmit[] = "/ndx.exchange.v1.ExchangeService/Submit";
constexpr char kStatus[] = "/ndx.adapter.v1.AdapterService/GetExchangeStatus";

// The broker is built before the mailbox, whose journal is its fixture's.
class LateMailbox final : public broker::KeptRequests {
 public:
  absl::Duration keep_default() const override { return to->keep_default(); }
  absl::Duration keep_most() const override { return to->keep_most(); }
  void Reserve(broker::KeptRequest request, ReserveCallback done) override {
    to->Reserve(std::move(request), std::move(done));
  }
  void Confirm(const broker::KeptKey& key, uint64_t leaf) override { to->Confirm(key, leaf); }
  void Abandon(const broker::KeptKey& key) override { to->Abandon(key); }
  void AwaitOutcome(broker::KeptKey key, int64_t until_nanos, OutcomeCallback done) override {
    to->AwaitOutcome(std::move(key), until_nanos, std::move(done));
  }

  Mailbox* to = nullptr;
};

struct LateHolder {
  LateMailbox late;
};

class MailboxFixture : private LateHolder, public tests::BrokerFixture {
 public:
  explicit MailboxFixture(MailboxOptions with = {})
      : tests::BrokerFixture({}, "", {}, "", &late), options(std::move(with)) {
    options.directory = directory.File("mailbox");
    stops = dispatch::StopSwitch::Open(directory.File("stops.yaml")).value();
    Open();
  }
  ~MailboxFixture() {
    if (mailbox != nullptr) mailbox->Stop();
    StopServer();
    broker.reset();
  }

  void Open() {
    own_metrics.push_back(std::make_unique<telemetry::MetricRegistry>());
    auto opened = Mailbox::Open(options, {.journal = journal,
                                          .reader = reader,
                                          .clock = loop.clock(),
                                          .random = random,
                                          .stops = *stops,
                                          .metrics = *own_metrics.back(),
                                          .log = log});
    REQUIRE(opened.ok());
    mailbox = *std::move(opened);
    late.to = mailbox.get();
  }
  void Start() {
    mailbox->Start(
        {.broker = *broker, .loops = loop.loops(), .resolver = resolver, .registry = registry});
  }
  void Restart() {
    mailbox->Stop();
    mailbox.reset();
    Open();
    Start();
  }

  // The status of the call; the id is of its number.
  tests::FakeServerCall* Submit(int number, const std::string& body = "k",
                                const std::string& order_key = "",
                                const std::string& method = "ChangeOnce") {
    exchange::v1::SubmitRequest request;
    request.set_method(method.starts_with("/") ? method : tests::LedgerMethod(method));
    request.set_request(tests::AskBytes(body));
    request.set_order_key(order_key);
    auto* const call = Call(kSubmit, {.metadata = {{"ndx-purpose", "tthc"},
                                                   {"ndx-dossier", "H55-1"},
                                                   {"ndx-exchange-id", Id(number).ToString()}},
                                      .body = request.SerializeAsString()});
    Until([call] { return call->finished > 0; });
    return call;
  }

  static core::ExchangeId Id(int number) {
    std::string bytes(16, '\x11');
    bytes[6] = '\x71';
    bytes[8] = '\x91';
    bytes[14] = static_cast<char>(number >> 8);
    bytes.back() = static_cast<char>(number);
    return core::ExchangeId::FromBytes(bytes).value();
  }

  void Until(const std::function<bool()>& happened) {
    const core::SystemClock wall;
    const int64_t give_up = wall.MonotonicNanos() + absl::ToInt64Nanoseconds(absl::Minutes(2));
    while (!happened() && wall.MonotonicNanos() < give_up) {
      REQUIRE(mailbox->Walk("", [](const v1::KeptItem&) { return false; }).ok());
      loop.Settle();
    }
    REQUIRE(happened());
  }
  void Pass(absl::Duration time) {
    loop.Advance(time);
    mailbox->Wake();
  }

  absl::StatusOr<exchange::v1::Outcome> Outcome(int number,
                                                const std::string& consumer = kConsumer) {
    std::optional<absl::StatusOr<exchange::v1::Outcome>> outcome;
    mailbox->AwaitOutcome({.consumer = consumer, .exchange_id = Id(number)}, 0,
                          [&](auto told) { outcome = std::move(told); });
    REQUIRE(mailbox->Walk("", [](const v1::KeptItem&) { return false; }).ok());
    REQUIRE(outcome.has_value());
    return *std::move(outcome);
  }
  void UntilState(int number, exchange::v1::OutcomeState state) {
    Until([&] { return Outcome(number)->state() == state; });
  }
  broker::KeptKey Key(int number) const {
    return {.consumer = kConsumer, .exchange_id = Id(number)};
  }

  tests::TempDir directory;
  MailboxOptions options;
  tests::MemJournalReader reader{journal};
  std::unique_ptr<dispatch::StopSwitch> stops;
  replay::Resolver resolver{*broker, loop.loops(), journal, reader, registry, loop.clock()};
  std::vector<std::unique_ptr<telemetry::MetricRegistry>> own_metrics;
  std::unique_ptr<Mailbox> mailbox;
};

TEST_CASE("a request is taken in with one leaf, and delivered as its caller's own") {
  MailboxFixture f;
  auto* const call = f.Submit(1);
  REQUIRE(call->status.code == 0);
  exchange::v1::SubmitResponse handle;
  REQUIRE(handle.ParseFromString(call->messages.at(0)));
  CHECK(handle.exchange_id() == f.Id(1).ToString());
  CHECK(handle.state() == exchange::v1::OUTCOME_STATE_KEPT);
  CHECK(f.Events() == "SUBMITTED");
  CHECK(f.last_leaf().dossier().hmac() != "");
  CHECK(f.Outcome(1)->state() == exchange::v1::OUTCOME_STATE_KEPT);
  CHECK(absl::IsNotFound(f.Outcome(1, "VN:GOV:G24:bhxh").status()));
  CHECK(f.mailbox->counts().items == 1);

  f.Start();
  f.UntilState(1, exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(f.Events() == "SUBMITTED REQUEST_OPENED ANSWERED");
  CHECK(f.last_leaf().submitted_plus_one() == 1);
  const auto outcome = f.Outcome(1);
  CHECK(outcome->answer() == tests::EntryBytes("k", "s", "050"));
  CHECK(outcome->attempts() == 1);
  REQUIRE(f.adapter->count() == 1);
  CHECK(f.adapter->call(0).idempotency_key == f.Id(1).ToString());
  CHECK(f.adapter->call(0).Metadata("ndx-consumer") == kConsumer);
  CHECK(f.adapter->call(0).Metadata("ndx-dossier") == "H55-1");
  CHECK(f.mailbox->counts().items == 0);
  CHECK(f.Idle());
}

TEST_CASE("the same id is the same handle, or another request's") {
  MailboxFixture f;
  REQUIRE(f.Submit(1)->status.code == 0);
  CHECK(f.Submit(1)->status.code == 0);
  CHECK(f.Events() == "SUBMITTED");
  CHECK(f.mailbox->counts().items == 1);
  f.Start();
  f.UntilState(1, exchange::v1::OUTCOME_STATE_ANSWERED);
  auto* const late = f.Submit(1);
  exchange::v1::SubmitResponse handle;
  REQUIRE(handle.ParseFromString(late->messages.at(0)));
  CHECK(handle.state() == exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(f.adapter->count() == 1);
}

TEST_CASE("what a direct call may not is refused at once, and nothing is kept") {
  MailboxFixture f;
  CHECK(f.Reason(*f.Submit(1, "k", "", "/a.B/C")) == "METHOD_UNKNOWN");
  CHECK(f.Reason(*f.Submit(2, "k", "", "List")) == "SUBMISSION_INVALID");
  CHECK(f.Reason(*f.Submit(3, "k", "", kSubmit)) == "SUBMISSION_INVALID");
  CHECK(f.Reason(*f.Submit(4, "k", std::string(129, 'x'))) == "SUBMISSION_INVALID");
  CHECK(f.Reason(*f.Submit(5, "")) == "FIELD_INVALID");
  CHECK(f.mailbox->counts().items == 0);
  CHECK(f.Idle());
}

TEST_CASE("there is a most, of requests and of a consumer's") {
  MailboxFixture f({.items_per_consumer_max = 1});
  REQUIRE(f.Submit(1)->status.code == 0);
  CHECK(f.Reason(*f.Submit(2)) == "MAILBOX_FULL");
  CHECK(f.mailbox->counts().items == 1);
}

TEST_CASE("of one order key one is delivered after another; the others do not wait for it") {
  MailboxFixture f;
  f.adapter->Hang();
  REQUIRE(f.Submit(1, "a", "D1")->status.code == 0);
  REQUIRE(f.Submit(2, "b", "D1")->status.code == 0);
  REQUIRE(f.Submit(3, "c", "D2")->status.code == 0);
  CHECK(f.Outcome(2)->ahead() == 1);
  f.Start();
  f.Until([&] { return f.adapter->count() == 2; });
  CHECK(f.Outcome(2)->state() == exchange::v1::OUTCOME_STATE_KEPT);
  CHECK(f.Outcome(1)->state() == exchange::v1::OUTCOME_STATE_DELIVERING);
  f.adapter->AnswerWith({tests::EntryBytes("k", "s", "")});
  for (size_t i = 0; i < 2; ++i) {
    f.adapter->reply(i)->SendMessage(
        std::make_shared<const std::string>(tests::EntryBytes("k", "s", "")));
    f.adapter->reply(i)->Finish(absl::OkStatus());
  }
  f.UntilState(2, exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(f.adapter->call(2).idempotency_key == f.Id(2).ToString());
}

TEST_CASE("a provider that says not now is left alone for a while, then asked once") {
  MailboxFixture f;
  f.adapter->AnswerWith({}, absl::UnavailableError("later"));
  for (int i = 1; i <= 3; ++i) REQUIRE(f.Submit(i)->status.code == 0);
  f.Start();
  f.Until([&] { return f.Outcome(1)->attempts() + f.Outcome(2)->attempts() >= 1; });
  const size_t tried = f.adapter->count();
  CHECK(tried <= 3);
  f.adapter->AnswerWith({tests::EntryBytes("k", "s", "")});
  f.Until([&] {
    f.Pass(absl::Minutes(6));
    return f.mailbox->counts().items == 0;
  });
  for (int i = 1; i <= 3; ++i) CHECK(f.Outcome(i)->state() == exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(f.Outcome(1)->attempts() >= 2);
}

TEST_CASE("when its time is over a request is dead, on record, until it is delivered again") {
  MailboxFixture f;
  REQUIRE(f.Submit(1)->status.code == 0);
  f.Pass(absl::Hours(25));
  f.UntilState(1, exchange::v1::OUTCOME_STATE_DEAD);
  CHECK(f.Outcome(1)->reason() == "DELIVERY_EXPIRED");
  CHECK(f.Events() == "SUBMITTED DELIVERY_DEAD");
  CHECK(f.mailbox->counts().dead == 1);
  CHECK(f.Submit(1)->status.code == 0);
  CHECK(f.Events() == "SUBMITTED DELIVERY_DEAD");

  f.Start();
  REQUIRE(f.mailbox->Again(f.Key(1)).ok());
  // The order has no leaf here: what the journal says goes.
  f.UntilState(1, exchange::v1::OUTCOME_STATE_DEAD);
  journal::Record record;
  record.leaf.set_event(journal::v1::JOURNAL_EVENT_DELIVERY_RESUMED);
  record.leaf.set_exchange_id(std::string(f.Id(1).bytes()));
  record.leaf.set_consumer(kConsumer);
  f.journal.Append(std::move(record), [](const auto&) {});
  REQUIRE(f.mailbox->Again(f.Key(1)).ok());
  f.UntilState(1, exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(f.adapter->count() == 1);
}

TEST_CASE("nothing is delivered while it is stopped") {
  MailboxFixture f;
  f.stops->AddListener([&] { f.mailbox->Wake(); });
  REQUIRE(f.stops
              ->Stop({.scope = {.service = "ledger.v1.LedgerService"},
                      .operator_name = "an",
                      .reason = "SC 1"})
              .ok());
  REQUIRE(f.Submit(1)->status.code == 0);
  f.Start();
  f.Pass(absl::Minutes(6));
  CHECK(f.Outcome(1)->state() == exchange::v1::OUTCOME_STATE_KEPT);
  CHECK(f.adapter->count() == 0);
  REQUIRE(f.stops->Resume({.service = "ledger.v1.LedgerService"}).ok());
  f.UntilState(1, exchange::v1::OUTCOME_STATE_ANSWERED);
}

// Answers changes with a lost answer, and questions about them with this.
void Doubt(MailboxFixture& f, adapter::v1::ExchangeOutcome told) {
  f.adapter->Do([told](const sdk::AdapterCall& call, sdk::AdapterReply& reply) {
    if (call.method != kStatus) return reply.Finish(absl::UnknownError("lost"));
    adapter::v1::GetExchangeStatusResponse answer;
    answer.set_outcome(told);
    reply.SendMessage(std::make_shared<const std::string>(answer.SerializeAsString()));
    reply.Finish(absl::OkStatus());
  });
}

TEST_CASE("what is in doubt is asked about before anything is sent again") {
  MailboxFixture f;
  SECTION("it was done") {
    Doubt(f, adapter::v1::EXCHANGE_OUTCOME_DONE);
    REQUIRE(f.Submit(1, "k", "", "Change")->status.code == 0);
    f.Start();
    f.UntilState(1, exchange::v1::OUTCOME_STATE_IN_DOUBT);
    f.Until([&] {
      f.Pass(absl::Minutes(6));
      return f.Outcome(1)->state() == exchange::v1::OUTCOME_STATE_ANSWERED;
    });
    CHECK(f.Outcome(1)->answer_missing());
    CHECK(f.Events() == "SUBMITTED REQUEST_OPENED IN_DOUBT RESOLVED");
  }
  SECTION("it was not done") {
    Doubt(f, adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    REQUIRE(f.Submit(1, "k", "", "Change")->status.code == 0);
    f.Start();
    f.UntilState(1, exchange::v1::OUTCOME_STATE_IN_DOUBT);
    f.Until([&] {
      f.Pass(absl::Minutes(6));
      return f.Events().starts_with(
          "SUBMITTED REQUEST_OPENED IN_DOUBT RESOLVED REQUEST_OPENED IN_DOUBT");
    });
  }
  SECTION("nobody can tell, and the method is not idempotent") {
    Doubt(f, adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED);
    REQUIRE(f.Submit(1, "k", "", "Change")->status.code == 0);
    f.Start();
    f.UntilState(1, exchange::v1::OUTCOME_STATE_IN_DOUBT);
    f.Until([&] {
      f.Pass(absl::Hours(1));
      return f.Outcome(1)->state() == exchange::v1::OUTCOME_STATE_DEAD;
    });
    CHECK(f.Outcome(1)->reason() == "OUTCOME_UNKNOWN");
    CHECK(f.Events() == "SUBMITTED REQUEST_OPENED IN_DOUBT DELIVERY_DEAD");
  }
  SECTION("nobody can tell, and the method is idempotent") {
    Doubt(f, adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED);
    REQUIRE(f.Submit(1)->status.code == 0);
    f.Start();
    f.UntilState(1, exchange::v1::OUTCOME_STATE_IN_DOUBT);
    f.adapter->Do([](const sdk::AdapterCall& call, sdk::AdapterReply& reply) {
      const bool asked = call.method == kStatus;
      reply.SendMessage(std::make_shared<const std::string>(
          asked ? std::string() : tests::EntryBytes("k", "s", "")));
      reply.Finish(absl::OkStatus());
    });
    f.Until([&] {
      f.Pass(absl::Minutes(6));
      return f.Outcome(1)->state() == exchange::v1::OUTCOME_STATE_ANSWERED;
    });
    CHECK_FALSE(f.Outcome(1)->answer_missing());
  }
}

TEST_CASE("after a restart the journal says what became of what was under way") {
  MailboxFixture f;
  f.adapter->Hang();
  REQUIRE(f.Submit(1)->status.code == 0);
  f.Start();
  f.Until([&] { return f.adapter->count() == 1; });
  f.mailbox->Stop();
  f.adapter->reply(0)->SendMessage(
      std::make_shared<const std::string>(tests::EntryBytes("k", "s", "")));
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  f.Restart();
  f.UntilState(1, exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(f.adapter->count() == 1);
  f.Until([&] { return f.mailbox->counts().items == 0; });

  // A place whose leaf is not there was never acknowledged.
  std::optional<bool> reserved;
  f.mailbox->Reserve({.key = f.Key(2),
                      .method = tests::LedgerMethod("ChangeOnce"),
                      .provider = "VN:GOV:G01:ledger",
                      .expires = f.loop.clock().Now() + absl::Hours(1)},
                     [&](const auto& reservation) { reserved = reservation.ok(); });
  f.Until([&] { return reserved.has_value(); });
  CHECK(reserved == true);
  CHECK(f.mailbox->counts().items == 1);
  f.Restart();
  CHECK(f.mailbox->counts().items == 0);
}

TEST_CASE("an outcome is waited for until it is final, or the time is over") {
  MailboxFixture f;
  REQUIRE(f.Submit(1)->status.code == 0);
  std::optional<exchange::v1::OutcomeState> told;
  const auto wait = [&] {
    told.reset();
    f.mailbox->AwaitOutcome(
        f.Key(1), f.loop.clock().MonotonicNanos() + absl::ToInt64Nanoseconds(absl::Seconds(5)),
        [&](const auto& outcome) { told = outcome->state(); });
    REQUIRE(f.mailbox->Walk("", [](const v1::KeptItem&) { return false; }).ok());
  };
  wait();
  CHECK_FALSE(told.has_value());
  f.Pass(absl::Seconds(6));
  f.Until([&] { return told.has_value(); });
  CHECK(told == exchange::v1::OUTCOME_STATE_KEPT);
  wait();
  f.Start();
  f.Until([&] { return told.has_value(); });
  CHECK(told == exchange::v1::OUTCOME_STATE_ANSWERED);
}

TEST_CASE("the memory of a mailbox does not grow with what it keeps") {
  constexpr int kFew = 10;
  constexpr int kMany = 1'000;
  MailboxFixture f({.deliveries_max = 4});
  const auto submit = [&f](int number) {
    const std::string order_key = number % 2 == 0 ? "" : absl::StrCat("D", number / 3);
    REQUIRE(f.Submit(number, "k", order_key)->status.code == 0);
  };
  const auto entries = [&f] {
    f.mailbox->Wake();
    f.Until([] { return true; });
    return f.mailbox->entries_in_memory();
  };
  for (int i = 1; i <= kFew; ++i) submit(i);
  const size_t of_few = entries();
  for (int i = kFew + 1; i <= kMany; ++i) submit(i);
  REQUIRE(f.mailbox->counts().items == kMany);
  CHECK(entries() <= of_few + 2);  // whatever is under way

  f.Restart();
  size_t most = 0;
  f.Until([&] {
    most = std::max(most, f.mailbox->entries_in_memory());
    return f.mailbox->counts().items == 0;
  });
  // A lane under way, and a count of what is being delivered beside that of what waits.
  CHECK(most <= of_few + f.options.deliveries_max + 2);
  CHECK(f.adapter->count() == kMany);
}

TEST_CASE("what is given up is not delivered") {
  MailboxFixture f;
  REQUIRE(f.Submit(1)->status.code == 0);
  REQUIRE(f.mailbox->Hold(f.Key(1)).ok());
  CHECK(absl::IsFailedPrecondition(f.mailbox->Hold(f.Key(1)).status()));
  CHECK(absl::IsFailedPrecondition(f.mailbox->Again(f.Key(1))));
  REQUIRE(f.mailbox->Release(f.Key(1), /*discarded=*/true).ok());
  CHECK(absl::IsNotFound(f.mailbox->Hold(f.Key(1)).status()));
  CHECK(absl::IsNotFound(f.mailbox->Find(f.Key(1)).status()));
  f.Start();
  f.Pass(absl::Minutes(1));
  CHECK(f.mailbox->counts().items == 0);
  CHECK(f.adapter->count() == 0);
}

}  // namespace
}  // namespace ndx::mailbox

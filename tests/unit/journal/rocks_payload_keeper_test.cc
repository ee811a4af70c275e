// Erasure of a subject, and what forbids it.
#include <map>

#include "follow_fixture.h"

namespace ndx::journal {
namespace {

constexpr char kCanary[] = "CANARY-Nguyen-Van-An";
constexpr char kOther[] = "Tran-Thi-Binh";
constexpr uint64_t kEveryLeaf = UINT64_MAX;

struct Erasing {
  Erasing() : Erasing(std::function<void(absl::string_view)>()) {}
  explicit Erasing(std::function<void(absl::string_view)> at_step) {
    FollowOptions options = fixture.Following();
    options.at_step = std::move(at_step);
    journal = fixture.OpenFollowed(std::move(options));
  }

  // About the person 1, who is also one of two in the answer.
  uint64_t AppendBoth() {
    Record record =
        fixture.ReadOf(fixture.NewId(), R"(number: "079000000009" text: "list")",
                       R"(head: "two" people { number: "079000000001" name: "CANARY-Nguyen-Van-An" }
           people { number: "079000000002" name: "Tran-Thi-Binh" })");
    ask = *record.request->messages[0];
    answer = *record.response->messages[0];
    const auto appended = AppendAndWait(*journal, std::move(record));
    REQUIRE(appended.ok());
    receipt = appended->receipt;
    return appended->index;
  }

  absl::StatusOr<bool> Erase(const std::string& subject) {
    auto order = journal->payload_keeper().AddErasureOrder(
        subject, {.order = "12/QD-A05", .operator_name = "lan", .leaf_index = 7});
    if (!order.ok()) return order.status();
    return journal->payload_keeper().CarryOutErasure(order->number, kEveryLeaf, absl::Seconds(30));
  }

  ReceiptChecks Checks() const {
    ReceiptChecks checks{.vkey = journal->vkey()};
    checks.request =
        ReceiptMessages{.messages = {ask}, .descriptor = &fixture.source.Type("t.Ask")};
    checks.response =
        ReceiptMessages{.messages = {answer}, .descriptor = &fixture.source.Type("t.Answer")};
    return checks;
  }

  FollowFixture fixture;
  std::unique_ptr<RocksJournal> journal;
  std::string ask;
  std::string answer;
  std::string receipt;
};

TEST_CASE("an erased subject's part is gone, others of the same exchange stay and prove") {
  Erasing e;
  const uint64_t leaf = e.AppendBoth();
  REQUIRE(e.Erase("079000000001").value());
  for (int run = 0; run < 2; ++run) {
    const auto opened = e.journal->reader().OpenPayload(leaf);
    REQUIRE(opened.ok());
    CHECK(opened->request == std::vector<std::string>{e.ask});
    CHECK(opened->response_parts_erased == 1);
    CHECK_FALSE(opened->whole());
    REQUIRE(opened->response.size() == 1);
    CHECK(opened->response[0].find(kCanary) == std::string::npos);
    // The message still parses, with an empty element where the erased one stood.
    const auto parsed = e.fixture.source.Parse("t.Answer", "");
    REQUIRE(parsed->ParseFromString(opened->response[0]));
    CHECK(parsed->ShortDebugString().find(kOther) != std::string::npos);
    CHECK(opened->response[0].size() == e.answer.size());
    // Receipts of before prove everything, those of now everything but the erased part.
    CHECK(VerifyReceipt(e.receipt, e.Checks()).ok());
    const auto now = e.journal->reader().Receipt(leaf);
    REQUIRE(now.ok());
    const auto verified = VerifyReceipt(*now, e.Checks());
    INFO(verified.status());
    REQUIRE(verified.ok());
    CHECK(verified->response_checked);
    ReceiptChecks wrong = e.Checks();
    wrong.response->messages[0] = e.fixture.Answer(
        R"(head: "two" people { number: "079000000001" name: "CANARY-Nguyen-Van-An" }
                            people { number: "079000000002" name: "Tran-Thi-Bonh" })");
    CHECK(absl::IsDataLoss(VerifyReceipt(*now, wrong).status()));
    e.journal.reset();
    e.journal = e.fixture.OpenFollowed();
  }
  const auto report = VerifyJournal(*e.journal, {.vkeys = {e.journal->vkey()}});
  REQUIRE(report.ok());
  CHECK(report->ok());
}

// Whose an exchange is must not depend on which of its leaves one round of the follower takes.
TEST_CASE(
    "what an erasure closes is the same whether an exchange is followed at once or in rounds") {
  FollowFixture fixture;
  auto journal = fixture.Open();
  const auto append = [&](Record record) {
    const auto appended = AppendAndWait(*journal, std::move(record));
    REQUIRE(appended.ok());
    return appended->index;
  };
  const auto asked = fixture.NewId();
  const auto other = fixture.NewId();
  const auto lost = fixture.NewId();
  Record signed_request = fixture.OpeningOf(asked, R"(number: "079000000001" text: "t")");
  signed_request.consumer_signature = "over the body";
  append(std::move(signed_request));
  append(fixture.OpeningOf(other, R"(text: "by name")"));
  append(fixture.OpeningOf(lost, R"(number: "079000000001")"));
  append(JournalFixture::MakeRecord(v1::JOURNAL_EVENT_IN_DOUBT, lost));
  // About the person asked for, as it names nobody; and about the only one that it names.
  const uint64_t about_asked =
      append(fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, asked, R"(head: "names nobody")"));
  const uint64_t about_hit = append(fixture.ClosingOf(
      v1::JOURNAL_EVENT_ANSWERED, other, R"(head: "h" people { number: "079000000001" })"));
  const uint64_t late =
      append(fixture.ClosingOf(v1::JOURNAL_EVENT_RESOLVED, lost, R"(head: "late")"));
  const uint64_t of_others =
      append(fixture.ReadOf(fixture.NewId(), R"(number: "079000000002")", R"(head: "stays")"));
  FollowOptions options = fixture.Following();
  options.leaves_per_round = GENERATE(size_t{1}, size_t{2}, size_t{3}, size_t{1024});
  const absl::Status started = journal->StartFollowing(std::move(options));
  REQUIRE(started.ok());
  FollowFixture::Follow(*journal);
  for (const uint64_t leaf : {about_asked, about_hit, late, of_others}) {
    CHECK(journal->reader().OpenPayload(leaf)->whole());
    CHECK(VerifyReceipt(journal->reader().Receipt(leaf).value(), {.vkey = journal->vkey()}).ok());
  }
  auto& keeper = journal->payload_keeper();
  const auto order =
      keeper.AddErasureOrder("079000000001", {.order = "1/QD", .operator_name = "lan"});
  REQUIRE(keeper.CarryOutErasure(order->number, kEveryLeaf, absl::Seconds(30)).value());
  const auto asked_now = journal->reader().OpenPayload(about_asked).value();
  CHECK(asked_now.request_parts_erased == 2);  // and the signature
  CHECK(asked_now.response_parts_erased == 1);
  const auto hit_now = journal->reader().OpenPayload(about_hit).value();
  CHECK(hit_now.request_parts_erased + hit_now.response_parts_erased == 3);
  const auto late_now = journal->reader().OpenPayload(late).value();
  CHECK(late_now.request_parts_erased == 1);
  CHECK(late_now.response_parts_erased == 1);
  CHECK(journal->reader().OpenPayload(of_others)->whole());
  const auto report = VerifyJournal(*journal, {.vkeys = {journal->vkey()}});
  CHECK(report->ok());
}

// Keys of parts with the same subjects are wrapped together, 128 at most.
TEST_CASE("of hundreds of parts those of the erased person go, and no others") {
  constexpr int kPeople = 900;
  Erasing e;
  std::string answer = R"(head: "many" )";
  for (int i = 0; i < kPeople; ++i) {
    // Of the person asked for, as they name nobody; of two others, in turn.
    const char* const numbers[] = {"", R"(number: "079000000001" )", R"(number: "079000000002" )"};
    answer += "people { " + std::string(numbers[i % 3]) + "name: \"n" + std::to_string(i) + "\" } ";
  }
  Record record = e.fixture.ReadOf(e.fixture.NewId(), R"(number: "079000000009")", answer);
  const std::string whole = *record.response->messages[0];
  const auto appended = AppendAndWait(*e.journal, std::move(record));
  FollowFixture::Follow(*e.journal);
  const auto before = e.journal->reader().OpenPayload(appended->index);
  REQUIRE(before.ok());
  REQUIRE(before->response == std::vector<std::string>{whole});
  REQUIRE(e.Erase("079000000001").value());
  const auto after = e.journal->reader().OpenPayload(appended->index);
  REQUIRE(after.ok());
  CHECK(after->response_parts_erased == kPeople / 3);
  const auto parsed = e.fixture.source.Parse("t.Answer", "");
  REQUIRE(parsed->ParseFromString(after->response.at(0)));
  const std::string text = parsed->ShortDebugString();
  for (int i = 0; i < kPeople; ++i) {
    const bool stays = i % 3 != 1;
    CHECK((text.find("\"n" + std::to_string(i) + "\"") != std::string::npos) == stays);
  }
  REQUIRE(e.Erase("079000000009").value());
  const auto last = e.journal->reader().OpenPayload(appended->index);
  CHECK(last->response_parts_erased == kPeople * 2 / 3 + 1);  // and the rest of the message
  CHECK(last->request_parts_erased == 1);
  CHECK(last->response_elements.size() == kPeople / 3);
}

TEST_CASE("a repeated exchange id is not answered with what is left of an erased answer") {
  Erasing e;
  const uint64_t leaf = e.AppendBoth();
  REQUIRE(e.Erase("079000000001").ok());
  const auto stored = e.journal->reader().Leaf(leaf).value();
  const auto recalled = RecallAndWait(
      *e.journal, {.consumer = kTestConsumer,
                   .exchange_id = core::ExchangeId::FromBytes(stored.leaf.exchange_id()).value(),
                   .method = kTestMethod,
                   .request = Shared({e.ask})});
  REQUIRE(recalled.ok());
  CHECK(recalled->verdict == RecallVerdict::kAnswerNotKept);
}

TEST_CASE("erasing whom a request asks about takes whatever names nobody else, and the signature") {
  Erasing e;
  Record record = e.fixture.ReadOf(e.fixture.NewId(), R"(number: "079000000009" text: "t")",
                                   R"(head: "about nine" people { number: "079000000002" })");
  record.consumer_signature = "over a body that can be guessed";
  const auto appended = AppendAndWait(*e.journal, std::move(record));
  REQUIRE(e.Erase("079000000009").value());
  const auto opened = e.journal->reader().OpenPayload(appended->index);
  REQUIRE(opened.ok());
  CHECK(opened->request.empty());
  CHECK(opened->request_parts_erased == 2);
  CHECK(opened->consumer_signature.empty());
  CHECK(opened->response.empty());
  CHECK(opened->response_parts_erased == 1);
  REQUIRE(opened->response_elements.size() == 1);  // the other's own part
  CHECK(opened->response_elements[0] ==
        e.fixture.source.Parse("t.Person", R"(number: "079000000002")")->SerializeAsString());
  CHECK(VerifyReceipt(e.journal->reader().Receipt(appended->index).value(),
                      {.vkey = e.journal->vkey()})
            .ok());
}

TEST_CASE("nothing is erased of a subject that is not there, and later exchanges have a new key") {
  Erasing e;
  const uint64_t first = e.AppendBoth();
  CHECK_FALSE(e.Erase("000").value());
  CHECK(e.journal->reader().OpenPayload(first)->whole());
  REQUIRE(e.Erase("079000000001").value());
  const uint64_t second = e.AppendBoth();
  FollowFixture::Follow(*e.journal);
  CHECK_FALSE(e.journal->reader().OpenPayload(first)->whole());
  CHECK(e.journal->reader().OpenPayload(second)->whole());
  // The first order, carried out again, does not reach the new key.
  CHECK(e.journal->payload_keeper().CarryOutErasure(2, kEveryLeaf, absl::Seconds(30)).value());
  CHECK(e.journal->reader().OpenPayload(second)->whole());
  CHECK(e.Erase("079000000001").value());
  CHECK_FALSE(e.journal->reader().OpenPayload(second)->whole());
}

TEST_CASE("an exchange that is open holds an erasure up") {
  Erasing e;
  const auto id = e.fixture.NewId();
  REQUIRE(AppendAndWait(*e.journal, e.fixture.OpeningOf(id, R"(number: "079000000001")")).ok());
  auto order = e.journal->payload_keeper().AddErasureOrder("079000000001", {.order = "1"}).value();
  CHECK(absl::IsFailedPrecondition(
      e.journal->payload_keeper()
          .CarryOutErasure(order.number, kEveryLeaf, absl::ZeroDuration())
          .status()));
  REQUIRE(
      AppendAndWait(*e.journal, e.fixture.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, id, R"(head: "h")"))
          .ok());
  CHECK(e.journal->payload_keeper()
            .CarryOutErasure(order.number, kEveryLeaf, absl::Seconds(30))
            .value());
}

TEST_CASE("a hold on the subject or on an exchange with it forbids erasing until it is released") {
  Erasing e;
  const uint64_t leaf = e.AppendBoth();
  const std::string exchange = e.journal->reader().Leaf(leaf)->leaf.exchange_id();
  const auto order =
      e.journal->payload_keeper().AddErasureOrder("079000000001", {.order = "1"}).value();
  for (const bool by_subject : {true, false}) {
    LegalHold hold{.order = "5/VKS", .operator_name = "minh"};
    if (!by_subject) hold.exchange_id = exchange;
    PayloadKeeper& keeper = e.journal->payload_keeper();
    const auto held = keeper.AddHold(by_subject ? "079000000001" : "", hold);
    REQUIRE(held.ok());
    const auto refused = keeper.CarryOutErasure(order.number, kEveryLeaf, absl::Seconds(30));
    CHECK(absl::IsFailedPrecondition(refused.status()));
    CHECK(refused.status().message().find("5/VKS") != std::string::npos);
    // Others may be erased, unless they are in the exchange that is held.
    CHECK(keeper.AddErasureOrder("079000000002", {.order = "2"}).ok() == by_subject);
    e.journal.reset();
    e.journal = e.fixture.OpenFollowed();
    CHECK(e.journal->payload_keeper().Holds()->size() == 1);
    CHECK(
        absl::IsFailedPrecondition(e.journal->payload_keeper()
                                       .CarryOutErasure(order.number, kEveryLeaf, absl::Seconds(30))
                                       .status()));
    CHECK(e.journal->payload_keeper().ReleaseHold(held->number).ok());
    CHECK(absl::IsNotFound(e.journal->payload_keeper().ReleaseHold(held->number)));
  }
  CHECK(absl::IsInvalidArgument(e.journal->payload_keeper().AddHold("", {}).status()));
  CHECK(e.journal->reader().OpenPayload(leaf)->whole());
  CHECK(e.journal->payload_keeper()
            .CarryOutErasure(order.number, kEveryLeaf, absl::Seconds(30))
            .value());
  CHECK_FALSE(e.journal->reader().OpenPayload(leaf)->whole());
}

TEST_CASE("an erasure cut off at any step is finished by the next start, others are untouched") {
  std::vector<std::string> copies;
  std::vector<std::string> steps;
  FollowFixture* fixture = nullptr;
  bool copying = false;
  Erasing e([&](absl::string_view step) {
    if (!copying) return;
    copies.push_back(fixture->CopyDirectory("copy" + std::to_string(copies.size())));
    steps.emplace_back(step);
  });
  fixture = &e.fixture;
  const uint64_t leaf = e.AppendBoth();
  FollowFixture::Follow(*e.journal);
  copying = true;
  REQUIRE(e.Erase("079000000001").value());
  copying = false;
  REQUIRE(copies.size() >= 4);
  for (size_t i = 0; i < copies.size(); ++i) {
    INFO(steps[i]);
    auto recovered = e.fixture.OpenFollowedIn(copies[i]);
    FollowFixture::Follow(*recovered);
    const auto orders = recovered->payload_keeper().ErasureOrders();
    REQUIRE(orders->size() == 1);
    const auto opened = recovered->reader().OpenPayload(leaf);
    REQUIRE(opened.ok());
    // Every step but those of the follower before it lies behind the beginning.
    if (orders->front().begun) CHECK(opened->response_parts_erased == 1);
    REQUIRE(recovered->payload_keeper().CarryOutErasure(1, kEveryLeaf, absl::Seconds(30)).value());
    CHECK(recovered->reader().OpenPayload(leaf)->response_parts_erased == 1);
    CHECK(recovered->payload_keeper().ForgetErasureOrder(1).ok());
    CHECK(recovered->payload_keeper().ErasureOrders()->empty());
  }
}

}  // namespace
}  // namespace ndx::journal

#include "ndx/mailbox/mailbox_store.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::mailbox {
namespace {

constexpr char kTeller[] = "VN:GOV:H55:mot-cua";
constexpr char kProvider[] = "VN:GOV:G01:dan-cu";

std::string IdBytes(int number) {
  std::string id(16, '\x11');
  id.back() = static_cast<char>(number);
  return id;
}

v1::KeptItem Item(int number, const std::string& line = "", bool first = true) {
  v1::KeptItem item;
  item.set_consumer(kTeller);
  item.set_exchange_id(IdBytes(number));
  item.set_number(static_cast<uint64_t>(number));
  item.set_state(v1::KEPT_STATE_KEPT);
  item.set_method("/a.v1.Service/Do");
  item.set_provider(kProvider);
  item.set_line(line);
  item.set_first(first);
  item.set_due_unix_ns(1000 + number);
  item.set_expires_unix_ns(100'000 - number);
  item.set_bytes(10);
  return item;
}

std::unique_ptr<MailboxStore> Opened(const tests::TempDir& directory) {
  auto store = MailboxStore::Open(directory.File("mailbox"));
  REQUIRE(store.ok());
  return *std::move(store);
}

std::string FirstDueId(const MailboxStore& store, const Lane& lane) {
  const auto item = store.FirstDue(lane);
  REQUIRE(item.ok());
  return item->has_value() ? (*item)->exchange_id() : "";
}

const Lane kLane = {.provider = kProvider, .service = "a.v1.Service"};

TEST_CASE("items are due in their order, lane by lane, also after a restart") {
  const tests::TempDir directory;
  {
    const auto store = Opened(directory);
    for (const int number : {3, 1, 2}) REQUIRE(store->Put(Item(number)).ok());
    auto elsewhere = Item(9);
    elsewhere.set_method("/b.v1.Other/Do");
    REQUIRE(store->Put(elsewhere).ok());
    REQUIRE(store->Sync().ok());
    CHECK(FirstDueId(*store, kLane) == IdBytes(1));
    REQUIRE(store->Remove(Item(1)).ok());
    CHECK(FirstDueId(*store, kLane) == IdBytes(2));
    // One that is due before what was looked at is found too.
    auto early = Item(1);
    early.set_due_unix_ns(5);
    REQUIRE(store->Put(early).ok());
    CHECK(FirstDueId(*store, kLane) == IdBytes(1));
  }
  const auto store = Opened(directory);
  const auto lanes = store->Lanes();
  REQUIRE(lanes.ok());
  REQUIRE(lanes->size() == 2);
  CHECK((*lanes)[0].service == "a.v1.Service");
  CHECK((*lanes)[1].service == "b.v1.Other");
  CHECK(FirstDueId(*store, kLane) == IdBytes(1));
  CHECK(store->next_number() == 10);
  CHECK(FirstDueId(*store, {.provider = "VN:x", .service = "a.v1.Service"}).empty());
}

TEST_CASE("of a line only the first is due, and its followers are counted") {
  const tests::TempDir directory;
  const auto store = Opened(directory);
  const std::string line(32, 'L');
  REQUIRE(store->Put(Item(1, line)).ok());
  REQUIRE(store->Put(Item(2, line, false)).ok());
  REQUIRE(store->Put(Item(3, line, false)).ok());
  CHECK(store->Before(line, 3, 100).value() == 2);
  CHECK(store->Before(line, 3, 1).value() == 1);
  auto first = Item(1, line);
  first.set_state(v1::KEPT_STATE_DELIVERING);
  REQUIRE(store->Put(first).ok());
  CHECK(FirstDueId(*store, kLane).empty());
  CHECK(store->FirstOfLine(line).value()->exchange_id() == IdBytes(1));
  REQUIRE(store->Remove(first).ok());
  CHECK(store->FirstOfLine(line).value()->exchange_id() == IdBytes(2));
  CHECK(store->FirstOfLine(std::string(32, 'M')).value() == std::nullopt);
}

TEST_CASE("a line's first one is known whoever goes, and after all have gone") {
  const tests::TempDir directory;
  const auto first = [](const MailboxStore& store, const std::string& line) {
    const auto item = store.FirstOfLine(line);
    REQUIRE(item.ok());
    return item->has_value() ? (*item)->number() : 0;
  };
  {
    const auto store = Opened(directory);
    for (int i = 1; i <= 5; ++i) REQUIRE(store->Put(Item(i, "L", i == 1)).ok());
    REQUIRE(store->Put(Item(6, "M")).ok());
    v1::KeptItem dead = Item(2, "L", false);
    dead.set_state(v1::KEPT_STATE_DEAD);
    REQUIRE(store->Put(dead).ok());
    CHECK(first(*store, "L") == 1);
    CHECK(store->Before("L", 5, 10).value() == 3);
    REQUIRE(store->Remove(Item(1, "L")).ok());
    CHECK(first(*store, "L") == 3);
    CHECK(store->Before("L", 5, 10).value() == 2);
    dead.set_number(7);
    dead.set_state(v1::KEPT_STATE_KEPT);
    REQUIRE(store->Put(dead).ok());
    for (int i = 3; i <= 5; ++i) REQUIRE(store->Remove(Item(i, "L")).ok());
  }
  const auto store = Opened(directory);
  CHECK(first(*store, "L") == 7);
  REQUIRE(store->Remove(Item(2, "L")).ok());
  CHECK(first(*store, "L") == 0);
  CHECK(store->Before("L", 9, 10).value() == 0);
  CHECK(first(*store, "M") == 6);
  REQUIRE(store->Put(Item(8, "L")).ok());
  CHECK(first(*store, "L") == 8);
}

TEST_CASE("what is due is known again after all of a lane has gone") {
  const tests::TempDir directory;
  const auto store = Opened(directory);
  for (int i = 1; i <= 3; ++i) REQUIRE(store->Put(Item(i)).ok());
  for (int i = 1; i <= 3; ++i) REQUIRE(store->Remove(Item(i)).ok());
  CHECK(FirstDueId(*store, kLane).empty());
  CHECK(store->Lanes().value().empty());
  CHECK_FALSE(store->FirstEnd().value().has_value());
  REQUIRE(store->Put(Item(4)).ok());
  CHECK(store->Lanes().value().size() == 1);
  CHECK(FirstDueId(*store, kLane) == IdBytes(4));
  CHECK(store->FirstEnd().value()->second.number() == 4);
}

TEST_CASE("ends come in their order; a dead one's is thirty days later") {
  const tests::TempDir directory;
  const auto store = Opened(directory);
  CHECK(store->FirstEnd().value() == std::nullopt);
  REQUIRE(store->Put(Item(1)).ok());
  REQUIRE(store->Put(Item(2)).ok());
  auto end = store->FirstEnd().value();
  REQUIRE(end.has_value());
  CHECK(end->first == 99'998);
  CHECK(end->second.exchange_id() == IdBytes(2));
  auto dead = Item(2);
  dead.set_state(v1::KEPT_STATE_DEAD);
  dead.set_dead_unix_ns(7);
  REQUIRE(store->Put(dead).ok());
  CHECK(store->FirstEnd().value()->second.exchange_id() == IdBytes(1));
  REQUIRE(store->Remove(Item(1)).ok());
  CHECK(store->FirstEnd().value()->first == 7 + int64_t{30} * 24 * 3600 * 1'000'000'000);
}

TEST_CASE("counts follow every change, and are counted anew when it is opened") {
  const tests::TempDir directory;
  const auto check = [](const MailboxStore& store) {
    const MailboxCounts counts = store.counts();
    CHECK(counts.items == 2);
    CHECK(counts.bytes == 20);
    CHECK(counts.dead == 1);
    CHECK(counts.Of(v1::KEPT_STATE_IN_DOUBT) == 1);
    CHECK(counts.by_cause.at({v1::KEPT_STATE_DEAD, "a.v1.Service", 404}) == 1);
    CHECK(store.RoomOf(kTeller).of_consumer == 2);
    CHECK(store.RoomOf("VN:x").of_consumer == 0);
  };
  {
    const auto store = Opened(directory);
    for (const int number : {1, 2, 3}) REQUIRE(store->Put(Item(number)).ok());
    auto dead = Item(1);
    dead.set_state(v1::KEPT_STATE_DEAD);
    dead.set_reason(404);
    REQUIRE(store->Put(dead).ok());
    auto doubted = Item(2);
    doubted.set_state(v1::KEPT_STATE_IN_DOUBT);
    REQUIRE(store->Put(doubted).ok());
    check(*store);
  }
  check(*Opened(directory));
}

TEST_CASE("a walk goes on behind a key") {
  const tests::TempDir directory;
  const auto store = Opened(directory);
  for (const int number : {1, 2, 3}) REQUIRE(store->Put(Item(number)).ok());
  std::vector<std::string> seen;
  const auto see = [&](const v1::KeptItem& item) {
    seen.push_back(item.exchange_id());
    return seen.size() < 2;
  };
  REQUIRE(store->Walk("", see).ok());
  CHECK(seen == std::vector<std::string>{IdBytes(1), IdBytes(2)});
  seen.clear();
  REQUIRE(store->Walk(ItemKey(Item(2)), see).ok());
  CHECK(seen == std::vector<std::string>{IdBytes(3)});
  CHECK(store->Find(ItemKey(Item(3))).value()->number() == 3);
  CHECK(store->Find("nothing").value() == std::nullopt);
}

TEST_CASE("a mailbox of a version without heads of lines gets them when it is opened") {
  const tests::TempDir directory;
  const std::string line(32, 'l');
  {
    const auto store = Opened(directory);
    for (const int number : {5, 2, 7}) REQUIRE(store->Put(Item(number, line, number == 2)).ok());
    REQUIRE(store->Sync().ok());
  }
  {
    const store::DatabaseOptions options{
        .directory = directory.File("mailbox"),
        .families = {{.name = "items"}, {.name = "due"}, {.name = "lines"}, {.name = "ends"}}};
    const auto database = store::Database::Open(options, store::LogCheck::kPointInTime);
    REQUIRE(database.ok());
    store::Batch batch;
    batch.Delete(/*family=*/2, line);
    REQUIRE((*database)->WriteUnsynced(batch).ok());
  }
  const auto store = Opened(directory);
  const auto first = store->FirstOfLine(line);
  REQUIRE(first.ok());
  REQUIRE(first->has_value());
  CHECK((*first)->number() == 2);
}

}  // namespace
}  // namespace ndx::mailbox

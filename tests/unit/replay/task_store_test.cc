#include "ndx/replay/task_store.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::replay {
namespace {

std::vector<v1::ReplayItem> Items(uint32_t count) {
  std::vector<v1::ReplayItem> items(count);
  for (uint32_t i = 0; i < count; ++i) items[i].set_number(i + 1);
  return items;
}

v1::ReplayTask Task(uint64_t number) {
  v1::ReplayTask task;
  task.set_number(number);
  return task;
}

std::vector<uint32_t> NumbersOf(const TaskStore& store, uint64_t number, uint32_t after = 0) {
  std::vector<uint32_t> numbers;
  CHECK(store
            .ForEachItem(number, after,
                         [&](const v1::ReplayItem& item) {
                           numbers.push_back(item.number());
                           return true;
                         })
            .ok());
  return numbers;
}

TEST_CASE("tasks and items are there when the store is opened again") {
  const tests::TempDir directory;
  {
    const auto store = TaskStore::Open(directory.File("tasks")).value();
    CHECK(*store->NextNumber() == 1);
    REQUIRE(store->PutItems(1, Items(3)).ok());
    // Without its task a number is not taken: a crash while planning leaves no more than this.
    CHECK(*store->NextNumber() == 1);
    REQUIRE(store->PutTask(Task(1)).ok());
    REQUIRE(store->PutItems(2, Items(2)).ok());
    REQUIRE(store->PutTask(Task(2)).ok());
    v1::ReplayItem item = *store->Item(1, 2);
    item.set_reason("NO_GRANT");
    v1::ReplayTask task = Task(1);
    task.set_next_item(3);
    REQUIRE(store->PutProgress(task, {&item, 1}).ok());
  }
  const auto store = TaskStore::Open(directory.File("tasks")).value();
  CHECK(*store->NextNumber() == 3);
  CHECK(store->Task(1)->next_item() == 3);
  CHECK(store->Item(1, 2)->reason() == "NO_GRANT");
  CHECK(NumbersOf(*store, 1) == std::vector<uint32_t>{1, 2, 3});
  CHECK(NumbersOf(*store, 1, 2) == std::vector<uint32_t>{3});
  CHECK(NumbersOf(*store, 2) == std::vector<uint32_t>{1, 2});
  CHECK(absl::IsNotFound(store->Task(3).status()));
  CHECK(absl::IsNotFound(store->Item(1, 4).status()));
}

TEST_CASE("tasks are listed newest first, page by page") {
  const tests::TempDir directory;
  const auto store = TaskStore::Open(directory.File("tasks")).value();
  CHECK(store->Tasks(0, 10)->empty());
  for (uint64_t number = 1; number <= 3; ++number) REQUIRE(store->PutTask(Task(number)).ok());
  const auto first = *store->Tasks(0, 2);
  REQUIRE(first.size() == 2);
  CHECK(first[0].number() == 3);
  const auto second = *store->Tasks(first[1].number(), 2);
  REQUIRE(second.size() == 1);
  CHECK(second[0].number() == 1);
}

TEST_CASE("items of a number are taken away whole, and of no other") {
  const tests::TempDir directory;
  const auto store = TaskStore::Open(directory.File("tasks")).value();
  REQUIRE(store->PutItems(1, Items(2500)).ok());
  REQUIRE(store->PutItems(2, Items(1)).ok());
  REQUIRE(store->ClearItems(1).ok());
  CHECK(NumbersOf(*store, 1).empty());
  CHECK(NumbersOf(*store, 2).size() == 1);
}

}  // namespace
}  // namespace ndx::replay

#include "ndx/registry/access_request_store.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/registry/registry_ledger.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

v1::AccessRequest RequestOf(uint64_t number, bool closed = false) {
  v1::AccessRequest request;
  request.set_number(number);
  request.add_steps()->mutable_grant()->set_name("grant");
  if (closed) request.add_steps()->set_kind(v1::ACCESS_STEP_KIND_REFUSED);
  return request;
}

std::vector<uint64_t> Numbers(const absl::StatusOr<std::vector<v1::AccessRequest>>& requests) {
  std::vector<uint64_t> numbers;
  for (const auto& request : *requests) numbers.push_back(request.number());
  return numbers;
}

TEST_CASE("requests are kept over a restart, open ones and decided ones apart") {
  const tests::TempDir dir;
  {
    const auto ledger = RegistryLedger::Open(dir.File("ledger")).value();
    AccessRequestStore& store = ledger->access_requests();
    CHECK(*store.NextNumber() == 1);
    for (uint64_t number = 1; number <= 5; ++number) REQUIRE(store.Put(RequestOf(number)).ok());
    REQUIRE(store.Put(RequestOf(2, /*closed=*/true)).ok());
    REQUIRE(store.Put(RequestOf(4, /*closed=*/true)).ok());
  }
  const auto ledger = RegistryLedger::Open(dir.File("ledger")).value();
  const AccessRequestStore& store = ledger->access_requests();
  CHECK(*store.NextNumber() == 6);
  CHECK(Numbers(store.Open()) == std::vector<uint64_t>{1, 3, 5});
  CHECK(Numbers(store.Closed(UINT64_MAX, 10)) == std::vector<uint64_t>{4, 2});
  CHECK(Numbers(store.Closed(4, 10)) == std::vector<uint64_t>{2});
  CHECK(Numbers(store.Closed(UINT64_MAX, 1)) == std::vector<uint64_t>{4});
  CHECK(store.Closed(0, 10)->empty());
  CHECK(store.Find(2)->steps_size() == 2);
  CHECK(store.Find(3)->steps_size() == 1);
  CHECK(absl::IsNotFound(store.Find(6).status()));
}

TEST_CASE("a request is kept together with the change that grants it") {
  const tests::TempDir dir;
  const auto ledger = RegistryLedger::Open(dir.File("ledger")).value();
  REQUIRE(ledger->access_requests().Put(RequestOf(1)).ok());
  v1::RegistryChange change;
  change.add_entries()->mutable_grant()->set_name("access-1");
  const auto prepared = ledger->Prepare(change);
  REQUIRE(prepared.ok());
  auto approved = RequestOf(1);
  approved.add_steps()->set_kind(v1::ACCESS_STEP_KIND_APPROVED);
  approved.set_change(1);
  REQUIRE(ledger->Keep(*prepared, 9, 0, &approved).ok());
  CHECK(ledger->access_requests().Find(1)->change() == 1);
  CHECK(ledger->access_requests().Open()->empty());
  // Another change was kept since: neither is.
  approved.set_change(2);
  CHECK(absl::IsFailedPrecondition(ledger->Keep(*prepared, 9, 0, &approved)));
  CHECK(ledger->access_requests().Find(1)->change() == 1);
}

}  // namespace
}  // namespace ndx::registry

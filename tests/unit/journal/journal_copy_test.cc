#include "ndx/journal/journal_copy.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "journal_fixture.h"
#include "ndx/journal/receipt.h"

namespace ndx::journal {
namespace {

// A journal with a few exchanges, closed.
struct ClosedJournal : JournalFixture {
  ClosedJournal() {
    const auto journal = Open();
    for (int i = 0; i < 5; ++i) {
      REQUIRE(AppendAndWait(*journal, Read(NewId(), "ask", "answer")).ok());
    }
    vkey = journal->vkey();
    for (uint64_t i = 0; i < journal->reader().size(); ++i) {
      leaves.push_back(journal->reader().Leaf(i)->bytes);
    }
    journal->Close();
  }
  std::string vkey;
  std::vector<std::string> leaves;
};

TEST_CASE("a copy is read to its checkpoint, from any index, without the node's keys") {
  ClosedJournal closed;
  const auto copy = JournalCopy::Open(closed.Options().directory, {closed.vkey});
  REQUIRE(copy.ok());
  CHECK((*copy)->checkpoint().head.size == closed.leaves.size());
  CHECK((*copy)->vkey() == closed.vkey);
  std::vector<std::string> seen;
  REQUIRE((*copy)
              ->Scan(2,
                     [&](uint64_t index, absl::string_view leaf) {
                       CHECK(index == seen.size() + 2);
                       seen.emplace_back(leaf);
                       return true;
                     })
              .ok());
  CHECK(seen == std::vector<std::string>(closed.leaves.begin() + 2, closed.leaves.end()));
  uint64_t calls = 0;
  REQUIRE((*copy)->Scan(0, [&](uint64_t, absl::string_view) { return ++calls < 2; }).ok());
  CHECK(calls == 2);
}

TEST_CASE("receipts from a copy prove every leaf") {
  ClosedJournal closed;
  const auto copy = JournalCopy::Open(closed.Options().directory, {closed.vkey}).value();
  for (uint64_t i = 0; i < closed.leaves.size(); ++i) {
    const auto verified = VerifyReceipt(copy->Receipt(i).value(), {.vkey = closed.vkey});
    REQUIRE(verified.ok());
    CHECK(verified->index == i);
  }
  CHECK(absl::IsNotFound(copy->Receipt(closed.leaves.size()).status()));
}

TEST_CASE("a copy needs the journal's own key, and a journal") {
  ClosedJournal closed;
  const std::string stranger =
      NoteSigner::Create("VN:GOV:G01:ndxp/journal/1",
                         crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'x')).value())
          ->verifier()
          .vkey();
  const std::string directory = closed.Options().directory;
  CHECK(absl::IsPermissionDenied(JournalCopy::Open(directory, {stranger}).status()));
  CHECK(JournalCopy::Open(directory, {stranger, closed.vkey}).ok());
  CHECK(absl::IsInvalidArgument(JournalCopy::Open(directory, {}).status()));
  CHECK(absl::IsInvalidArgument(JournalCopy::Open(directory, {"no key"}).status()));
  CHECK(absl::IsNotFound(JournalCopy::Open(closed.dir.path(), {closed.vkey}).status()));
}

}  // namespace
}  // namespace ndx::journal

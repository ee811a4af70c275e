#include "ndx/tools/verify/next_receipt.h"

#include <catch2/catch.hpp>
#include <functional>

#include "ndx/crypto/digest.h"
#include "ndx/tests/unit/tools/verify/log_with_receipt.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::LogWithReceipt;

constexpr char kProvince[] = "VN:GOV:H55:lgsp";
constexpr char kNation[] = "VN:GOV:G01:ndxp";

// A log whose leaf is changed, and signed anew.
void Change(LogWithReceipt& made, const std::function<void(journal::v1::JournalLeaf&)>& change) {
  auto leaf = journal::DecodeLeaf(made.receipt.opening.leaf()).value();
  change(leaf);
  made.receipt.opening.set_leaf(journal::EncodeLeaf(leaf).value());
  made.log.Export({"0", made.receipt.opening.leaf(), "2"});
  made.receipt.checkpoint = tests::ReadAll(made.log.File("checkpoint"));
  tests::WriteAll(made.file(), journal::FormatReceipt(made.receipt));
}

// One exchange in two journals; the first one's receipt holds the second one's. Both logs are of
// one key, as it does not matter here whose it is.
struct Relayed {
  explicit Relayed(const std::function<void(journal::v1::JournalLeaf&)>& change_inner = {},
                   const std::function<void(journal::v1::JournalLeaf&)>& change_outer = {}) {
    Change(inner, [&](journal::v1::JournalLeaf& leaf) {
      leaf.add_relay_path(kProvince);
      leaf.add_relay_path(kNation);
      if (change_inner) change_inner(leaf);
    });
    const std::string text = tests::ReadAll(inner.file());
    *outer.receipt.opening.mutable_next() = journal::ToNextReceipt(text).value();
    Change(outer, [&](journal::v1::JournalLeaf& leaf) {
      const auto digest = crypto::Sha256Of({text});
      leaf.set_relay_receipt_sha256(digest.data(), digest.size());
      leaf.add_relay_path(kProvince);
      leaf.set_relayed_to(kNation);
      if (change_outer) change_outer(leaf);
    });
  }

  LogWithReceipt inner;
  LogWithReceipt outer;
};

TEST_CASE("one receipt proves what each node recorded, and the way") {
  const Relayed made;
  const std::string question = made.outer.log.space().File("question");
  const std::string answer = made.outer.log.space().File("answer");
  const auto run = made.outer.Verify({"--request", question, "--response", answer});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("the way: VN:GOV:H55:mot-cua → VN:GOV:H55:lgsp → VN:GOV:G01:ndxp → "
                               "VN:GOV:G01:population"));
  const std::string given = "the request given is the one recorded";
  const size_t first = run.out.find(given);
  REQUIRE(first != std::string::npos);
  CHECK(run.out.find(given, first + 1) != std::string::npos);
  CHECK(made.outer.Verify({"--request", answer}).code == 1);
}

TEST_CASE("an answer from which this node removed fields is not held against the next one's") {
  const auto removed = [](journal::v1::JournalLeaf& leaf) {
    leaf.mutable_decision()->add_fields_removed("secret");
  };
  const auto other_answer = [](journal::v1::JournalLeaf& leaf) {
    leaf.mutable_response()->set_root(std::string(32, 'o'));
  };
  const Relayed made(other_answer, removed);
  const auto run = made.outer.Verify({"--response", made.outer.log.space().File("answer")});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  const Relayed whole(other_answer);
  CHECK(whole.outer.Verify({"--response", whole.outer.log.space().File("answer")}).code == 1);
}

TEST_CASE("a record that is of another exchange, or by another way, does not hold") {
  struct Case {
    const char* what;
    std::function<void(journal::v1::JournalLeaf&)> change;
  };
  const Case cases[] = {
      {"exchange_id", [](auto& leaf) { leaf.mutable_exchange_id()->back() ^= 1; }},
      {"method", [](auto& leaf) { leaf.set_method("/probe.v1.PeopleService/Other"); }},
      {"consumer", [](auto& leaf) { leaf.set_consumer(kProvince); }},
      {"provider", [](auto& leaf) { leaf.set_provider(kProvince); }},
      {"relay_path", [](auto& leaf) { leaf.mutable_relay_path()->RemoveLast(); }},
      {"relay_path", [](auto& leaf) { leaf.set_relay_path(0, kNation); }},
      {"relay_path", [](auto& leaf) { leaf.set_relay_path(1, kProvince); }},
  };
  for (const Case& each : cases) {
    CAPTURE(each.what);
    const Relayed made(each.change);
    const auto run = made.outer.Verify();
    CHECK(run.code == 1);
    CHECK_THAT(run.out, Contains(std::string("is not of this exchange: ") + each.what));
  }
}

TEST_CASE("a refusal behind, before it is known who asks, is a record of this exchange") {
  const Relayed made([](journal::v1::JournalLeaf& leaf) {
    leaf.set_event(journal::v1::JOURNAL_EVENT_REFUSED);
    leaf.set_consumer(kProvince);
    leaf.clear_provider();
    leaf.clear_relay_path();
  });
  CHECK(made.outer.Verify().code == 0);
}

TEST_CASE("what is missing is said") {
  Relayed made;
  made.outer.receipt.opening.clear_next();
  tests::WriteAll(made.outer.file(), journal::FormatReceipt(made.outer.receipt));
  const auto run = made.outer.Verify();
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("not checked: what VN:GOV:G01:ndxp recorded"));
}

TEST_CASE("a receipt with any byte of the inner one changed does not hold") {
  const Relayed made;
  const size_t begin = tests::ReadAll(made.outer.file()).find("extra ");
  const size_t end = tests::ReadAll(made.outer.file()).find("index ");
  for (size_t at = begin; at < end; ++at) {
    tests::FlipByte(made.outer.file(), at);
    CAPTURE(at);
    CHECK(made.outer
              .Verify({"--request", made.outer.log.space().File("question"), "--response",
                       made.outer.log.space().File("answer")})
              .code == 1);
    tests::FlipByte(made.outer.file(), at);
  }
}

}  // namespace
}  // namespace ndx::tools::verify
